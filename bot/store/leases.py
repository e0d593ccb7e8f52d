"""Which process does what one process at a time must do.

A lease names its holder and counts the holder's signs of life. It is taken by one conditional update, over what was
seen of it before, and no time is kept in it: whoever waits for it measures by a clock of their own, which nobody can
set, how long the holder has given no sign. So neither a clock that jumps nor two that differ make two holders.
"""

from collections.abc import Mapping, Sequence

import msgspec

from bot.store.base import Database

NOBODY = ""


class Lease(msgspec.Struct, frozen=True):
    """A lease as it was seen: its holder (NOBODY: it was given up) and their signs of life, which only ever grow."""

    holder: str
    beat: int


class Leases:
    """The leases in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, Lease]:
        """Every lease that was ever taken, by its name."""
        rows = self._database.query("SELECT name, holder, beat FROM leases")
        return {row["name"]: Lease(row["holder"], row["beat"]) for row in rows}

    def take(self, name: str, holder: str, seen: Lease | None) -> bool:
        """Take a lease that is still as it was `seen` (None: there was none); whether that was so."""
        if seen is None:
            statement = "INSERT INTO leases (name, holder, beat) VALUES (?, ?, 1) ON CONFLICT DO NOTHING"
            return bool(self._database.execute(statement, (name, holder)))
        return bool(
            self._database.execute(
                "UPDATE leases SET holder = ?, beat = beat + 1 WHERE name = ? AND holder = ? AND beat = ?",
                (holder, name, seen.holder, seen.beat),
            )
        )

    def renew(self, holder: str) -> Sequence[str]:
        """Give a sign of life; the names of the leases that the holder still has."""
        rows = self._database.query("UPDATE leases SET beat = beat + 1 WHERE holder = ? RETURNING name", (holder,))
        return [row["name"] for row in rows]

    def give_up(self, name: str, holder: str) -> None:
        """Let others take it at once; nothing changes where it is another's by now."""
        statement = "UPDATE leases SET holder = ?, beat = beat + 1 WHERE name = ? AND holder = ?"
        self._database.execute(statement, (NOBODY, name, holder))
