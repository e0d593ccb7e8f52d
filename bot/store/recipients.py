"""Where people can be reached unasked, and whether they want it."""

import msgspec

from bot.store.base import Database
from bot.store.sealing import Keyring


class Recipient(msgspec.Struct, frozen=True):
    """Somebody's address on a channel; `notices` says whether they want news of their registration."""

    sender: str
    channel: str
    address: str
    notices: bool
    blocked: bool


class Recipients:
    """The recipients in a database, named by their sender's keyed hash."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def get(self, sender: str) -> Recipient | None:
        """The recipient, None for somebody who cannot be reached unasked."""
        rows = self._database.query(
            "SELECT channel, sealed, notices, blocked FROM recipients WHERE sender = ?", (sender,)
        )
        if not rows:
            return None
        (row,) = rows
        address = self._keys.unseal(row["sealed"]).decode()
        return Recipient(sender, row["channel"], address, bool(row["notices"]), bool(row["blocked"]))

    def keep(self, sender: str, channel: str, address: str, *, notices: bool) -> None:
        """Keep where somebody can be reached, and whether they want notices; they can be reached again."""
        with self._database.writing():
            self._database.execute(
                "INSERT INTO recipients (sender, channel, sealed, notices, blocked) VALUES (?, ?, ?, ?, 0) "
                "ON CONFLICT (sender) DO UPDATE SET sealed = excluded.sealed, notices = excluded.notices, blocked = 0",
                (sender, channel, self._keys.seal(address.encode()), int(notices)),
            )

    def block(self, sender: str, *, blocked: bool) -> None:
        """Somebody does not want to hear from us on this channel, or does again."""
        self._database.execute("UPDATE recipients SET blocked = ? WHERE sender = ?", (int(blocked), sender))

    def forget(self, sender: str) -> None:
        """Keep nothing of somebody."""
        self._database.execute("DELETE FROM recipients WHERE sender = ?", (sender,))
