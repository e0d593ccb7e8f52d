"""What people say to the caseworkers of a place, and what those answer: at most one conversation open a person."""

import datetime
from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.store.base import Database, Row, StaleSession
from bot.store.registrations import PERSON
from bot.store.rows import day, utc
from bot.store.sealing import Keyring
from conversations.registrations import HumanSaid

HOLD = "UPDATE handovers SET state = 'open'"
"""Changes nothing, and lets nobody else change it meanwhile."""


class Handover(msgspec.Struct, frozen=True):
    """A conversation: whose (keyed hash), about which place, since or until when, and who answered last."""

    id: int
    sender: str
    region: str
    state: Literal["open", "closed"]
    at: str
    caseworker: str | None


class Said(msgspec.Struct, frozen=True):
    """Something that was said; `actor` is "person" or a caseworker's name."""

    at: str
    actor: str
    words: str


class Handovers:
    """The conversations in a database."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def open_of(self, sender: str) -> Handover | None:
        """The person's conversation that is open."""
        rows = self._database.query("SELECT * FROM handovers WHERE sender = ? AND state = 'open'", (sender,))
        return _handover(rows[0]) if rows else None

    def of(self, sender: str) -> Sequence[Handover]:
        """All of the person's conversations, oldest first."""
        rows = self._database.query("SELECT * FROM handovers WHERE sender = ? ORDER BY id", (sender,))
        return [_handover(row) for row in rows]

    def get(self, id_: int) -> Handover | None:
        """The conversation of that number."""
        rows = self._database.query("SELECT * FROM handovers WHERE id = ?", (id_,))
        return _handover(rows[0]) if rows else None

    def open(self) -> Sequence[Handover]:
        """All that are open, oldest first."""
        rows = self._database.query("SELECT * FROM handovers WHERE state = 'open' ORDER BY id")
        return [_handover(row) for row in rows]

    def begin(self, sender: str, region: str, words: str, at: datetime.datetime) -> Handover:
        """Open a conversation with its first words.

        Raises:
            StaleSession: the person has one that is open by now.

        """
        with self._database.writing():
            if self.open_of(sender):
                raise StaleSession(sender)
            (row,) = self._database.query(
                "INSERT INTO handovers (sender, region, state, at) VALUES (?, ?, 'open', ?) RETURNING *",
                (sender, region, utc(at)),
            )
            begun = _handover(row)
            self.say(begun, PERSON, words, at)
        return begun

    def still_open(self, sender: str) -> Handover:
        """The person's conversation that is open, and stays so until the transaction under way has ended.

        Raises:
            StaleSession: it was closed by now.

        """
        rows = self._database.query(f"{HOLD} WHERE sender = ? AND state = 'open' RETURNING *", (sender,))
        if not rows:
            raise StaleSession(sender)
        return _handover(rows[0])

    def hold(self, handover: Handover) -> bool:
        """Whether it is open still; if so, it stays so until the transaction under way has ended."""
        return self._database.execute(f"{HOLD} WHERE id = ? AND state = 'open'", (handover.id,)) == 1

    def say(self, handover: Handover, actor: str, words: str, at: datetime.datetime) -> None:
        """Add what somebody said; a caseworker is then the one who answered last."""
        with self._database.writing():
            self._database.execute(
                "INSERT INTO handover_messages (handover, at, actor, sealed) VALUES (?, ?, ?, ?)",
                (handover.id, utc(at), actor, self._keys.seal(words.encode())),
            )
            if actor != PERSON:
                self._database.execute("UPDATE handovers SET caseworker = ? WHERE id = ?", (actor, handover.id))

    def said(self, handover: Handover) -> Sequence[Said]:
        """All that was said, oldest first."""
        rows = self._database.query(
            "SELECT at, actor, sealed FROM handover_messages WHERE handover = ? ORDER BY id", (handover.id,)
        )
        return [Said(row["at"], row["actor"], self._keys.unseal(row["sealed"]).decode()) for row in rows]

    def own(self, handovers: Sequence[Handover]) -> tuple[HumanSaid, ...]:
        """All that was said in conversations, as their person may see it: without the caseworkers' names."""
        return tuple(
            HumanSaid(day(said.at), said.actor == PERSON, said.words) for one in handovers for said in self.said(one)
        )

    def close(self, handover: Handover, at: datetime.datetime) -> bool:
        """End a conversation; False where it was ended already."""
        return close_where(self._database, "id = ?", (handover.id,), utc(at)) == 1

    def forget(self, sender: str) -> None:
        """Keep nothing of what the person said or was answered."""
        forget_where(self._database, "sender = ?", (sender,))


def close_where(database: Database, where: str, parameters: tuple[object, ...], when: str) -> int:
    """End the conversations `where` that are open; how many there were."""
    return database.execute(
        f"UPDATE handovers SET state = 'closed', at = ? WHERE {where} AND state = 'open'", (when, *parameters)
    )


def forget_where(database: Database, where: str, parameters: tuple[object, ...]) -> int:
    """Delete conversations with all that was said; how many there were."""
    database.execute(
        f"DELETE FROM handover_messages WHERE handover IN (SELECT id FROM handovers WHERE {where})", parameters
    )
    return database.execute(f"DELETE FROM handovers WHERE {where}", parameters)


def _handover(row: Row) -> Handover:
    return msgspec.convert({name: row[name] for name in Handover.__struct_fields__}, Handover)
