"""What goes wrong on purpose: which call, and how."""

import asyncio
import enum
from dataclasses import dataclass, field

from tests.botapi.errors import Refused


class Break(enum.Enum):
    """Ways to give no answer."""

    HANG = enum.auto()
    """Nothing happens until the test releases it; then the call goes on as usual."""
    CLOSED = enum.auto()
    """The connection is cut before the call was accepted: it did nothing."""
    REPLY_LOST = enum.auto()
    """The call was accepted and is recorded; then the connection is cut."""


@dataclass
class Fault:
    """The `nth` call of this method (to this chat, by this bot) from now on, and the `times` - 1 after it, fail."""

    method: str
    how: Refused | Break
    chat: int | None = None
    token: str | None = None
    nth: int = 1
    times: int = 1
    seen: int = 0
    """Calls that it was asked about."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def hits(self) -> int:
        """How often it struck."""
        return min(max(self.seen - self.nth + 1, 0), self.times)

    def strikes(self, token: str, method: str, chat: object) -> bool:
        """Whether it strikes this call, which it counts."""
        if method.lower() != self.method.lower():
            return False
        if self.chat not in (None, chat) or self.token not in (None, token):
            return False
        before = self.hits
        self.seen += 1
        return self.hits > before

    def release(self) -> None:
        """Let the calls that hang go on."""
        self.released.set()
