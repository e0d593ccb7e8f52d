"""Registrations as their senders leave, see, change and take back."""

import datetime
import secrets

import msgspec

from bot.store.base import Database, StaleSession
from bot.store.erasures import ALL, keep_erasure
from bot.store.rows import COLUMNS, PLACES, Rows, day, utc
from bot.store.sealing import Keyring
from conversations.registrations import OwnRegistration, Registration

PERSON = "person"
"""The actor of an event that the person brought about."""
KEPT_AFTER_END = datetime.timedelta(days=365)
"""How long a registration is kept after it was closed or withdrawn (domain checklist, 11)."""
RANDOM_DIGITS = 8
LOCK = "registrations"
"""Under this name registrations are made, amended and changed at the desk: so what was looked at is still so when it is
changed, two that are to be linked find each other, and no two wait for rows of each other."""


def new_receipt() -> str:
    """A receipt number: eight random digits and a check digit (Luhn), for reading aloud."""
    digits = f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}d}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The Luhn check digit of `digits` (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


class Registrations:
    """The registrations in a database, for their senders, who are named by a keyed hash."""

    def __init__(self, database: Database, keys: Keyring, rows: Rows) -> None:
        self._database = database
        self._keys = keys
        self._rows = rows

    def of(self, sender: str) -> tuple[OwnRegistration, ...]:
        """What the sender left, newest first."""
        rows = self._database.query(
            "SELECT receipt, status, created, updated, region, sealed FROM registrations "
            "WHERE sender = ? ORDER BY id DESC",
            (sender,),
        )
        return tuple(
            OwnRegistration(
                row["receipt"], row["status"], day(row["created"]), day(row["updated"]), self._rows.said(row)
            )
            for row in rows
        )

    def sender(self, receipt: str) -> str | None:
        """Who left a registration (keyed hash)."""
        rows = self._database.query("SELECT sender FROM registrations WHERE receipt = ?", (receipt,))
        return str(rows[0]["sender"]) if rows else None

    def add(self, sender: str, receipt: str, said: Registration, at: datetime.datetime, channel: str) -> None:
        """Keep a new registration. Others with its phone number in its place are linked with it for the desk.

        Raises:
            StaleSession: the receipt is another's by now.

        """
        when = utc(at)
        with self._database.alone(LOCK):
            if self._database.query("SELECT 1 FROM erasures WHERE receipt = ?", (receipt,)):
                raise StaleSession(receipt)
            rows = self._database.query(
                "INSERT INTO registrations "
                f"(receipt, sender, channel, status, reached, reached_at, created, updated, {COLUMNS}) "
                f"VALUES (?, ?, ?, 'registered', 'registered', ?, ?, ?, {', '.join('?' * PLACES)}) "
                "ON CONFLICT (receipt) DO NOTHING RETURNING id",
                (receipt, sender, channel, when, when, when, *self._rows.values(said)),
            )
            if not rows:
                raise StaleSession(receipt)
            self._event(rows[0]["id"], when, "registered", "registered", said)
            self._link(said)

    def _link(self, said: Registration) -> None:
        """Link those that have the phone number in the same place by the first one's receipt."""
        same = (self._rows.phone_hash(said.phone), said.region)
        found = self._database.query(
            "SELECT receipt, linked FROM registrations WHERE phone_hash = ? AND region = ? ORDER BY id", same
        )
        if len(found) > 1:
            self._database.execute(
                "UPDATE registrations SET linked = ? WHERE phone_hash = ? AND region = ? AND linked IS NULL",
                (found[0]["linked"] or found[0]["receipt"], *same),
            )

    def amend(self, sender: str, receipt: str, said: Registration, at: datetime.datetime) -> None:
        """Keep what a registration says now. Whoever followed it up does so no longer if it is of another place.

        Raises:
            StaleSession: the sender has no such registration that is open.

        """
        here = "CASE WHEN region = ? THEN {0} END"
        claim = ", ".join(f"{column} = {here.format(column)}" for column in ("claimed_by", "claimed"))
        assignments = ", ".join((claim, *(f"{column} = ?" for column in COLUMNS.split(", "))))
        with self._database.alone(LOCK):
            values = (said.region, said.region, *self._rows.values(said))
            self._change(sender, receipt, at, "amended", None, said, assignments, values)
            self._link(said)

    def withdraw(self, sender: str, receipt: str, at: datetime.datetime) -> None:
        """The sender takes a registration back: nobody follows it up any more, and it is kept for a while only.

        Raises:
            StaleSession: the sender has no such registration that is open.

        """
        assignments = "status = 'withdrawn', due = NULL, expires = ?"
        self._change(sender, receipt, at, "withdrawn", "withdrawn", None, assignments, (utc(at + KEPT_AFTER_END),))

    def _change(
        self,
        sender: str,
        receipt: str,
        at: datetime.datetime,
        kind: str,
        status: str | None,
        said: Registration | None,
        assignments: str,
        values: tuple[object, ...],
    ) -> None:
        when = utc(at)
        with self._database.alone(LOCK):
            rows = self._database.query(
                f"UPDATE registrations SET updated = ?, {assignments} "
                "WHERE sender = ? AND receipt = ? AND status NOT IN ('withdrawn', 'closed') RETURNING id",
                (when, *values, sender, receipt),
            )
            if not rows:
                raise StaleSession(receipt)
            self._event(rows[0]["id"], when, kind, status, said)

    def _event(self, registration: int, when: str, kind: str, status: str | None, said: Registration | None) -> None:
        sealed = self._keys.seal(msgspec.json.encode(said)) if said else None
        self._database.execute(
            "INSERT INTO registration_events (registration, at, actor, kind, status, sealed) VALUES (?, ?, ?, ?, ?, ?)",
            (registration, when, PERSON, kind, status, sealed),
        )

    def erase(self, sender: str, at: datetime.datetime) -> None:
        """Delete all that the sender left; that it is deleted is kept, so that no backup brings it back."""
        when = utc(at)
        erase_where(self._database, "sender = ?", (sender,), when)
        # Without a registration too: what else is known of the sender is not to come back either.
        keep_erasure(self._database, ALL, sender, when)


def erase_where(database: Database, where: str, parameters: tuple[object, ...], when: str) -> int:
    """Delete the registrations `where`, with their events; how many there were. Their receipts are not used again."""
    with database.alone(LOCK):
        database.execute(
            f"INSERT INTO erasures (receipt, sender, at) SELECT receipt, '', ? FROM registrations WHERE {where} "
            "ON CONFLICT DO NOTHING",
            (when, *parameters),
        )
        database.execute(
            f"DELETE FROM registration_events WHERE registration IN (SELECT id FROM registrations WHERE {where})",
            parameters,
        )
        return database.execute(f"DELETE FROM registrations WHERE {where}", parameters)
