"""What was said in a person's last turns, for a channel that must show it again: the chat page."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.store.base import Database
from bot.store.sealing import Keyring

LONGEST = 50
"""How many turns are shown again."""


class Said(msgspec.Struct, frozen=True):
    """What a person said in a turn; `text` is None where it was not to be kept.

    `many`: the question that the turn ends with takes several answers.
    """

    text: str | None
    many: bool = False


class Exchange(msgspec.Struct, frozen=True):
    """A turn as it is shown: what the person said, and the replies in the JSON form of the contract."""

    position: int
    said: Said
    replies: list[dict[str, Any]]


class Transcripts:
    """The transcripts in a database; the replies are those that are kept with the turns."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def add(self, sender: str, message_id: str, said: Said) -> int:
        """Keep what was said in a turn that is kept in the same transaction; its position. What is long ago goes."""
        with self._database.writing():
            (row,) = self._database.query(
                "INSERT INTO transcripts (sender, position, message_id, sealed) "
                "SELECT ?, coalesce(max(position), 0) + 1, ?, ? FROM transcripts WHERE sender = ? RETURNING position",
                (sender, message_id, self._keys.seal(msgspec.json.encode(said)), sender),
            )
            position = int(row["position"])
            if position > LONGEST:
                self._database.execute(
                    "DELETE FROM transcripts WHERE sender = ? AND position <= ?", (sender, position - LONGEST)
                )
        return position

    def last(self, sender: str, limit: int = LONGEST, after: int = 0) -> Sequence[Exchange]:
        """The last turns, in order; of these the ones after a position."""
        rows = self._database.query(
            "SELECT position, transcripts.sealed AS said, turns.sealed AS replies FROM transcripts JOIN turns ON "
            "turns.sender = transcripts.sender AND turns.message_id = transcripts.message_id "
            "WHERE transcripts.sender = ? AND position > ? ORDER BY position DESC LIMIT ?",
            (sender, after, limit),
        )
        return [self._exchange(row["position"], row["said"], row["replies"]) for row in reversed(rows)]

    def _exchange(self, position: int, said: bytes, replies: bytes) -> Exchange:
        return Exchange(
            position,
            msgspec.json.decode(self._keys.unseal(said), type=Said),
            msgspec.json.decode(self._keys.unseal(replies)),
        )

    def forget(self, sender: str) -> None:
        """Nothing of what was said stays."""
        self._database.execute("DELETE FROM transcripts WHERE sender = ?", (sender,))
