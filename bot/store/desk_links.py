"""Which Telegram user is which caseworker: one account, one user, who is named by a keyed hash."""

import datetime
import logging
from collections.abc import Iterator, Sequence

import msgspec

from bot.desk.models import Caseworker
from bot.store.base import Database, Row
from bot.store.rows import utc
from bot.store.sealing import Keyring, Unopened

logger = logging.getLogger(__name__)


class Link(msgspec.Struct, frozen=True):
    """A caseworker's Telegram user: the user's keyed hash, and the chat to write to, unless they blocked the bot."""

    user: str
    caseworker: str
    address: str
    blocked: bool


class DeskLinks:
    """The links in a database."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def of_user(self, user: str) -> Link | None:
        """Whose user that is."""
        rows = self._database.query("SELECT * FROM desk_links WHERE account = ?", (user,))
        return self._link(rows[0]) if rows else None

    def of_caseworker(self, name: str) -> Link | None:
        """The user of an account."""
        rows = self._database.query("SELECT * FROM desk_links WHERE caseworker = ?", (name,))
        return self._link(rows[0]) if rows else None

    def reachable(self) -> Sequence[tuple[Link, Caseworker]]:
        """Every active caseworker who can be written to, by name."""
        rows = self._database.query(
            "SELECT l.*, c.role, c.region FROM desk_links l JOIN caseworkers c ON c.name = l.caseworker "
            "WHERE c.active = 1 AND l.blocked = 0 ORDER BY l.caseworker"
        )
        return list(self._read(rows))

    def _read(self, rows: Sequence[Row]) -> Iterator[tuple[Link, Caseworker]]:
        for row in rows:
            try:
                link = self._link(row)
            except Unopened as error:
                # Whoever registers must not wait until it is mended.
                logger.error("the Telegram link of %s cannot be read and is left out: %s", row["caseworker"], error)
                continue
            yield link, Caseworker(row["caseworker"], row["role"], row["region"])

    def keep(self, user: str, name: str, address: str, at: datetime.datetime) -> None:
        """Link a user that has no account with an account that has no user."""
        with self._database.writing():
            self._database.execute(
                "INSERT INTO desk_links (account, caseworker, sealed, at, blocked) VALUES (?, ?, ?, ?, 0)",
                (user, name, self._keys.seal(address.encode()), utc(at)),
            )

    def drop(self, name: str) -> str | None:
        """Part an account from its user; who that was."""
        rows = self._database.query("DELETE FROM desk_links WHERE caseworker = ? RETURNING account", (name,))
        return str(rows[0]["account"]) if rows else None

    def block(self, user: str, *, blocked: bool) -> None:
        """A user blocked the bot, or lets it write again."""
        self._database.execute("UPDATE desk_links SET blocked = ? WHERE account = ?", (int(blocked), user))

    def _link(self, row: Row) -> Link:
        return Link(row["account"], row["caseworker"], self._keys.unseal(row["sealed"]).decode(), bool(row["blocked"]))
