"""A bot's queue of updates, in the way of telegram-bot-api: kept until confirmed."""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Update = dict[str, Any]
FIRST_ID = 500_000_000
FUTURE = 10
"""An offset so far beyond the last id is taken for none (tdlib's TQueue): thus ids may jump to a lower number."""
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(eq=False)
class Entry:
    """An update in the queue. One put in again must be given out once more, whatever offset is past its id."""

    update: Update
    must_be_given: bool = False


@dataclass
class Updates:
    """The queue. `log` holds every update that was ever put in."""

    entries: list[Entry] = field(default_factory=list)
    log: list[Update] = field(default_factory=list)
    next_id: int = FIRST_ID
    allowed: Sequence[str] = ()
    held: bool = False
    """While a test holds them, none is given out."""

    def add(self, kind: str, content: Any) -> Update | None:
        """Queue an update; None if the bot has not asked for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if not wanted:
            return None
        return self.put({"update_id": self.next_id, kind: copy.deepcopy(content)})

    def put(self, update: Update) -> Update:
        """Queue an update as it is; the ids go on from its own."""
        self.next_id = update["update_id"] + 1
        self.log.append(update)
        self.entries.append(Entry(update))
        return update

    def put_again(self, update: Update) -> None:
        """Queue an update a second time, with its id."""
        self.entries.append(Entry(update, must_be_given=True))

    def jump(self, next_id: int) -> None:
        """Let ids go on from any number: Telegram does so after a quiet week, when nothing is left to confirm."""
        assert not self.entries, "ids jump only when every update is confirmed: await server.idle() first"
        self.next_id = next_id

    def confirm(self, offset: int) -> None:
        """Forget what an offset confirms: all before it; of a negative one, all but the last so many."""
        if offset < 0:
            del self.entries[:offset]
        elif offset <= self.next_id + FUTURE:
            self.entries[:] = [e for e in self.entries if e.must_be_given or e.update["update_id"] >= offset]

    def give(self, limit: int) -> list[Update]:
        """The first so many, which stay until they are confirmed."""
        given = [] if self.held else self.entries[:limit]
        for entry in given:
            entry.must_be_given = False
        return [entry.update for entry in given]

    def done(self, entry: Entry) -> None:
        """Forget an update that a webhook has taken."""
        if entry in self.entries:
            self.entries.remove(entry)


def now() -> int:
    """Telegram's clock: whole seconds."""
    return int(time.time())
