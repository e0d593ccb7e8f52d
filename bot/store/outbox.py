"""Messages that are owed to people on channels that we must send to: kept with the turn, sent afterwards.

A message is taken with a lease: whoever took it says that it is done, or later; a process that dies says neither, and
another takes it when the lease is over. A person's messages go in order, one at a time.
"""

import logging
import math
from collections.abc import Sequence

import msgspec

from bot.store.base import Database, Row
from bot.store.sealing import Keyring, Unopened

logger = logging.getLogger(__name__)
MOST = 30
"""How many messages somebody who sends more than can be answered is owed: the last ones, which stand now."""

FARTHEST = 60 * 60.0
"""For how long a message is put off at most: a time farther ahead is of a clock that had jumped, and counts as over."""


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message to somebody: where it goes, as the channel says it, and its content as the channel wants it.

    A `lasting` one is sent however many come after it: what it says is said once (a receipt, a human's answer).
    """

    address: str
    content: msgspec.Raw
    lasting: bool = False


class Owed(msgspec.Struct, frozen=True):
    """A message that was taken from the outbox; `attempts` counts this one."""

    id: int
    sender: str
    attempts: int
    letter: Letter


class Outbox:
    """The outbox in a database. Times are seconds since 1970."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def owe(self, channel: str, sender: str, letters: Sequence[Letter], now: float, *, most: int | None = None) -> None:
        """Keep messages to be sent to one person, in order; of those that do not last, none before the last `most`."""
        with self._database.writing():
            for letter in letters:
                self._database.execute(
                    "INSERT INTO outbox (channel, sender, owed, due, leased, attempts, lasting, sealed) "
                    "VALUES (?, ?, ?, 0, 0, 0, ?, ?)",
                    (channel, sender, now, int(letter.lasting), self._keys.seal(msgspec.json.encode(letter))),
                )
            if most is not None:
                self._database.execute(
                    "DELETE FROM outbox WHERE channel = ? AND sender = ? AND lasting = 0 "
                    "AND NOT leased BETWEEN ? AND ? AND id <= "
                    "(SELECT id FROM outbox WHERE channel = ? AND sender = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    (channel, sender, *_ahead(now), channel, sender, most),
                )

    def take(self, channel: str, now: float, limit: int, lease: float) -> Sequence[Owed]:
        """The first message of each of up to `limit` people, those who wait longest first, leased for `lease` seconds.

        A person whose first message is not due yet, or is being sent, waits. What cannot be read is dropped: it would
        keep its person's others for ever, and everybody's with them.
        """
        with self._database.writing():
            rows = self._database.query(
                # Materialized: a subquery might be run again for each row, and would lock others each time.
                "WITH free AS MATERIALIZED (SELECT id FROM outbox "
                "WHERE id IN (SELECT min(id) FROM outbox WHERE channel = ? GROUP BY sender) "
                "AND NOT due BETWEEN ? AND ? AND NOT leased BETWEEN ? AND ? "
                f"ORDER BY id LIMIT ?{self._database.skip_locked}) "
                "UPDATE outbox SET leased = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM free) "
                "RETURNING id, sender, attempts, sealed",
                (channel, *_ahead(now), *_ahead(now), limit, now + lease),
            )
            owed = [one for one in map(self._owed, rows) if one]
        return sorted(owed, key=lambda one: one.id)

    def _owed(self, row: Row) -> Owed | None:
        """A message that was taken; one that cannot be read is dropped."""
        try:
            letter = msgspec.json.decode(self._keys.unseal(row["sealed"]), type=Letter)
        except (Unopened, msgspec.DecodeError) as error:
            # What a decoder says may be of its content.
            why = error if isinstance(error, Unopened) else type(error).__name__
            logger.error("row %s of the outbox cannot be read and is dropped: %s", row["id"], why)
            self.done(row["id"])
            return None
        return Owed(row["id"], row["sender"], row["attempts"], letter)

    def next_due(self, channel: str, now: float) -> float | None:
        """When the next message can be taken (at a time that is over, at once), None with nothing owed."""
        kept = "CASE WHEN {0} BETWEEN ? AND ? THEN {0} ELSE 0 END AS {0}"
        (row,) = self._database.query(
            "SELECT min(CASE WHEN leased > due THEN leased ELSE due END) AS due "
            f"FROM (SELECT {kept.format('due')}, {kept.format('leased')} FROM outbox "
            "WHERE id IN (SELECT min(id) FROM outbox WHERE channel = ? GROUP BY sender)) AS heads",
            (*_ahead(now), *_ahead(now), channel),
        )
        due: float | None = row["due"]
        return due

    def hold(self, ids: Sequence[int], until: float) -> None:
        """Messages that were taken are still on their way: their lease ends later."""
        for id_ in ids:
            self._database.execute("UPDATE outbox SET leased = ? WHERE id = ?", (until, id_))

    def done(self, id_: int) -> None:
        """A message was sent, or never can be."""
        self._database.execute("DELETE FROM outbox WHERE id = ?", (id_,))

    def later(self, id_: int, due: float) -> None:
        """A message could not be sent now; `due` is no more than FARTHEST ahead."""
        self._database.execute("UPDATE outbox SET due = ?, leased = 0 WHERE id = ?", (due, id_))

    def drop(self, channel: str, sender: str) -> int:
        """Forget what is owed to a person (who does not want to hear from us); how much it was."""
        return self._database.execute("DELETE FROM outbox WHERE channel = ? AND sender = ?", (channel, sender))


def _ahead(now: float) -> tuple[float, float]:
    """The times, after `now`, at which something is still to come: both are included."""
    return math.nextafter(now, math.inf), now + FARTHEST
