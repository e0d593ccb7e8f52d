"""The caseworkers' accounts."""

import datetime
import secrets
from collections.abc import Sequence

from bot.desk.models import Caseworker, Role
from bot.store.base import Database, Row
from bot.store.sealing import Hasher

CODE_DIGITS = 10
CODE_LASTS = datetime.timedelta(days=3)


class Staff:
    """The accounts in a database."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    def get(self, name: str) -> Caseworker | None:
        """The account of that name."""
        rows = self._database.query("SELECT name, role, region, active FROM caseworkers WHERE name = ?", (name,))
        return _caseworker(rows[0]) if rows else None

    def all(self) -> Sequence[Caseworker]:
        """All accounts, by name."""
        rows = self._database.query("SELECT name, role, region, active FROM caseworkers ORDER BY name")
        return [_caseworker(row) for row in rows]

    def beginning(self) -> str:
        """A secret that all processes know, until another account is added."""
        return self._hasher.hash("beginning", " ".join(one.name for one in self.all()))

    def places(self, roles: Sequence[Role]) -> tuple[str, ...]:
        """The places of those of some roles who can be asked: in the desk bot, or who have got into the web desk.

        Cheap enough for every turn.
        """
        rows = self._database.query(
            f"SELECT DISTINCT region FROM caseworkers WHERE active = 1 AND role IN ({', '.join('?' * len(roles))}) AND "
            "(name IN (SELECT caseworker FROM desk_links WHERE blocked = 0) OR name IN (SELECT name FROM credentials)) "
            "ORDER BY region",
            tuple(roles),
        )
        return tuple(row["region"] for row in rows)

    def add(self, caseworker: Caseworker, at: datetime.datetime) -> bool:
        """Keep a new account; whether the name was free."""
        return bool(
            self._database.execute(
                "INSERT INTO caseworkers (name, role, region, active, added) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (caseworker.name, caseworker.role, caseworker.region, int(caseworker.active), at.isoformat()),
            )
        )

    def disable(self, name: str) -> bool:
        """Shut an account and make its code worthless; whether there is one of that name."""
        return bool(
            self._database.execute(
                "UPDATE caseworkers SET active = 0, code_hash = NULL, code_until = NULL WHERE name = ?", (name,)
            )
        )

    def new_code(self, name: str, at: datetime.datetime) -> str:
        """A one-time code with which the account can be linked or logged in to; earlier ones are worthless then."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        self._database.execute(
            "UPDATE caseworkers SET code_hash = ?, code_until = ? WHERE name = ?",
            (self._hasher.hash("code", code), (at + CODE_LASTS).astimezone(datetime.UTC).isoformat(), name),
        )
        return code

    def redeem(self, code: str, at: datetime.datetime) -> Caseworker | None:
        """The account that a code was made for, if it is active and the code is not over; the code is used up."""
        rows = self._database.query(
            "UPDATE caseworkers SET code_hash = NULL, code_until = NULL "
            "WHERE code_hash = ? AND code_until >= ? AND active = 1 RETURNING name, role, region, active",
            (self._hasher.hash("code", code), at.astimezone(datetime.UTC).isoformat()),
        )
        return _caseworker(rows[0]) if rows else None


def _caseworker(row: Row) -> Caseworker:
    return Caseworker(row["name"], row["role"], row["region"], bool(row["active"]))
