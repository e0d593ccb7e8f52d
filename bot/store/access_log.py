"""Who looked at or changed what: appended only, and showing when it was tampered with.

Each entry carries a keyed hash of itself and the one before; the last one's is also kept sealed, so that entries that
are changed, removed, put in or cut off at the end are noticed by whoever has the keys.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from bot.store.base import Database, Row
from bot.store.schema import CHAIN, HEAD, hasher
from bot.store.sealing import Keyring, Unopened

COLUMNS = "id, at, caseworker, operation, subject, sealed, mac"


class Entry(msgspec.Struct, frozen=True):
    """An entry: when, who, what they did to which receipt (or account), and the reason they gave."""

    at: str
    caseworker: str
    operation: str
    subject: str
    reason: str


class Fault(msgspec.Struct, frozen=True):
    """What shows that the log was tampered with: an entry that does not open, one whose hash does not fit, or no end.

    `number` is the entry's, 0 at the end; `at` is its time, as it stands there.
    """

    code: Literal["unopened", "chain", "end"]
    number: int = 0
    at: str = ""

    def __str__(self) -> str:
        if self.code == "unopened":
            return f"entry {self.number} cannot be opened"
        if self.code == "chain":
            return f"entry {self.number} of {self.at}, or the one before it, was changed, removed or put in"
        return "entries at the end were removed"


class AccessLog:
    """The access log in a database."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys
        self._hasher = hasher(database, keys, CHAIN)

    def append(self, at: datetime.datetime, caseworker: str, operation: str, subject: str, reason: str = "") -> None:
        """Add an entry."""
        entry = Entry(at.astimezone(datetime.UTC).isoformat(), caseworker, operation, subject, reason)
        with self._database.alone("access log"):
            mac = self._mac(self._head(), entry)
            self._database.execute(
                "INSERT INTO access_log (at, caseworker, operation, subject, sealed, mac) VALUES (?, ?, ?, ?, ?, ?)",
                (entry.at, caseworker, operation, subject, self._keys.seal(reason.encode()), mac),
            )
            self._database.execute(
                "UPDATE secrets SET sealed = ? WHERE name = ?", (self._keys.seal(mac.encode()), HEAD)
            )

    def entries(self, subject: str | None = None) -> Iterator[Entry]:
        """The entries, oldest first; those of one subject only, where it is given."""
        where, parameters = ("WHERE subject = ?", (subject,)) if subject else ("", ())
        for row in self._database.stream(f"SELECT {COLUMNS} FROM access_log {where} ORDER BY id", parameters):
            yield self._entry(row)

    def latest(self, limit: int, before: int | None = None, subject: str | None = None) -> Sequence[tuple[int, Entry]]:
        """Up to `limit` entries with their numbers, newest first; those before a number; those of one subject only."""
        conditions: list[tuple[str, object]] = [("id < ?", before)] if before is not None else []
        conditions += [("subject = ?", subject)] if subject else []
        where = " AND ".join(sql for sql, _ in conditions) or "1 = 1"
        rows = self._database.query(
            f"SELECT * FROM access_log WHERE {where} ORDER BY id DESC LIMIT ?",
            (*(value for _, value in conditions), limit),
        )
        return [(row["id"], self._entry(row)) for row in rows]

    def first_fault(self) -> Fault | None:
        """The first thing that shows that the log was tampered with; None where it is whole."""
        # The end is read first: what others append meanwhile comes after it.
        head = self._head()
        before, whole = "", head == ""
        for row in self._database.stream(f"SELECT {COLUMNS} FROM access_log ORDER BY id"):
            try:
                entry = self._entry(row)
            except Unopened:
                return Fault("unopened", row["id"])
            if row["mac"] != self._mac(before, entry):
                return Fault("chain", row["id"], row["at"])
            before = row["mac"]
            whole = whole or before == head
        return None if whole else Fault("end")

    def _head(self) -> str | None:
        """The last entry's hash; empty before the first one, None where it cannot be told any more."""
        rows = self._database.query("SELECT sealed FROM secrets WHERE name = ?", (HEAD,))
        try:
            return self._keys.unseal(rows[0]["sealed"]).decode() if rows else None
        except Unopened:
            return None

    def _mac(self, before: str | None, entry: Entry) -> str:
        return self._hasher.hash(before or "", msgspec.json.encode(entry).decode())

    def _entry(self, row: Row) -> Entry:
        reason = self._keys.unseal(row["sealed"]).decode() if row["sealed"] else ""
        return Entry(row["at"], row["caseworker"], row["operation"], row["subject"], reason)
