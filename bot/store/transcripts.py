"""What was said in a person's last turns, and what they were told unasked, for a channel that must show it again."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.store.base import Database
from bot.store.sealing import Keyring

LONGEST = 50
"""How many turns are shown again."""
UNASKED = ""
"""In the place of a turn's message id: it is no turn."""

NOTHING_MORE = dict.fromkeys(("ask", "verdicts", "passages", "receipt"))
"""What a reply has besides its text, where it has none of it."""


class Said(msgspec.Struct, frozen=True):
    """What a person said in a turn; `text` is None where it was not to be kept.

    `many`: the question that the turn ends with takes several answers. `told`: it is no turn, but what the person was
    told unasked.
    """

    text: str | None
    many: bool = False
    told: str | None = None


class Exchange(msgspec.Struct, frozen=True):
    """A turn as it is shown: what the person said, and the replies in the JSON form of the contract."""

    position: int
    said: Said
    replies: list[dict[str, Any]]

    @property
    def unasked(self) -> bool:
        """Whether it is no turn, but what the person was told unasked."""
        return self.said.told is not None


class Transcripts:
    """The transcripts in a database; the replies are those that are kept with the turns."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def add(self, sender: str, message_id: str, said: Said) -> int:
        """Keep what was said in a turn that is kept in the same transaction; its position. What is long ago goes."""
        return self._add(sender, message_id, said)

    def tell(self, sender: str, text: str) -> int:
        """Keep what somebody is told unasked; its position."""
        return self._add(sender, UNASKED, Said(None, told=text))

    def _add(self, sender: str, message_id: str, said: Said) -> int:
        position = 0
        with self._database.writing():
            sealed = self._keys.seal(msgspec.json.encode(said))
            while not position:
                # A turn and what is told unasked may want the same place at the same time: the later one looks again.
                rows = self._database.query(
                    "INSERT INTO transcripts (sender, position, message_id, sealed) SELECT ?, coalesce(max(position), "
                    "0) + 1, ?, ? FROM transcripts WHERE sender = ? ON CONFLICT DO NOTHING RETURNING position",
                    (sender, message_id, sealed, sender),
                )
                position = int(rows[0]["position"]) if rows else 0
            if position > LONGEST:
                self._database.execute(
                    "DELETE FROM transcripts WHERE sender = ? AND position <= ?", (sender, position - LONGEST)
                )
        return position

    def last(self, sender: str, limit: int = LONGEST, after: int = 0) -> Sequence[Exchange]:
        """The last turns, in order; of these the ones after a position."""
        rows = self._database.query(
            "SELECT position, transcripts.sealed AS said, turns.sealed AS replies FROM transcripts LEFT JOIN turns ON "
            "turns.sender = transcripts.sender AND turns.message_id = transcripts.message_id "
            "WHERE transcripts.sender = ? AND position > ? AND (turns.sealed IS NOT NULL OR "
            "transcripts.message_id = ?) ORDER BY position DESC LIMIT ?",
            (sender, after, UNASKED, limit),
        )
        return [self._exchange(row["position"], row["said"], row["replies"]) for row in reversed(rows)]

    def last_turn(self, sender: str) -> Exchange | None:
        """The last turn."""
        rows = self._database.query(
            "SELECT max(position) AS position FROM transcripts WHERE sender = ? AND message_id <> ?", (sender, UNASKED)
        )
        found = self.last(sender, after=rows[0]["position"] - 1) if rows[0]["position"] else ()
        return found[0] if found else None

    def position(self, sender: str, message_id: str | None = None) -> int:
        """Where the talk is, or where a message is in it; 0 where there is nothing."""
        of_message, values = ("", ()) if message_id is None else (" AND message_id = ?", (message_id,))
        rows = self._database.query(
            f"SELECT max(position) AS position FROM transcripts WHERE sender = ?{of_message}", (sender, *values)
        )
        return int(rows[0]["position"] or 0)

    def _exchange(self, position: int, sealed: bytes, replies: bytes | None) -> Exchange:
        said = msgspec.json.decode(self._keys.unseal(sealed), type=Said)
        if replies is None:
            return Exchange(position, said, [{**NOTHING_MORE, "text": said.told}])
        return Exchange(position, said, msgspec.json.decode(self._keys.unseal(replies)))

    def forget(self, sender: str) -> None:
        """Nothing of what was said stays."""
        self._database.execute("DELETE FROM transcripts WHERE sender = ?", (sender,))
