"""How fast is fast enough: what Telegram allows us, and what we ask of people.

Telegram's own numbers (core.telegram.org/bots/faq): about 30 messages a second in all, one a second to a chat.
"""

import asyncio
from collections import deque

import msgspec

MOST_REMEMBERED = 1000
"""Chats whose last times are kept before those that no longer matter are forgotten."""
MOST_DOUBLINGS = 16


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Messages `a_second` in all and seconds `apart` in a chat; the shortest and longest wait after a failure.

    `flood` messages of one person within `flood_seconds` are many. After `typing_seconds` without an answer the
    person sees that one is being written. `poll_seconds` is how long Telegram holds a request for updates.
    """

    a_second: float = 30
    apart: float = 1
    shortest_wait: float = 1
    longest_wait: float = 60
    flood: int = 20
    flood_seconds: float = 10
    typing_seconds: float = 1
    poll_seconds: int = 30

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (from 1): twice as long each time."""
        return float(min(self.shortest_wait * 2 ** min(failures - 1, MOST_DOUBLINGS), self.longest_wait))


class Pace:
    """Lets messages go one by one, as fast as the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._last: dict[str, float] = {}
        self._next = 0.0

    async def turn(self, chat: str) -> None:
        """Wait for the chat's turn, and then for ours; one message of a chat waits at a time."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._last.get(chat, 0.0) + self._limits.apart - loop.time())
        at = max(loop.time(), self._next)
        self._next = at + 1 / self._limits.a_second
        self._last[chat] = at
        if len(self._last) > MOST_REMEMBERED:
            self._last = {key: last for key, last in self._last.items() if last + self._limits.apart > at}
        await asyncio.sleep(at - loop.time())


class Floods:
    """Who sends more than can be read."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._times: dict[int, deque[float]] = {}
        self._told: dict[int, float] = {}

    def begins(self, chat: int, now: float) -> bool:
        """Whether this message, at `now` seconds, makes it a flood; a flood begins once, until it has ended."""
        within, most = self._limits.flood_seconds, self._limits.flood
        times = self._times.setdefault(chat, deque(maxlen=most + 1))
        times.append(now)
        if len(self._times) > MOST_REMEMBERED:
            self._times = {key: kept for key, kept in self._times.items() if kept[-1] > now - within}
            self._told = {key: last for key, last in self._told.items() if key in self._times}
        if len(times) <= most or times[0] < now - within:
            if now - self._told.get(chat, now) > within:
                del self._told[chat]
            return False
        began = chat not in self._told
        self._told[chat] = now
        return began
