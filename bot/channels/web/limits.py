"""How often somebody may ask for something: token buckets, in memory, whose names never leave it."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec
from starlette.requests import Request

from bot.channels.web.cookies import Cookies

MOST_NAMES = 50_000
"""Buckets that are remembered; who was not heard of for longest is forgotten, as if their bucket were full."""
IPV6_NETWORK = 64
"""Bits that one household has in common."""


class Limit(msgspec.Struct, frozen=True):
    """`burst` at once, and then `per_minute`."""

    burst: int
    per_minute: float


class TooOften(Exception):
    """Asked for too often; `seconds` is when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Crowded(Exception):
    """So many wait for an answer that nobody else should wait now."""


class Buckets:
    """One limit for each of many names."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """One more from `name`.

        Raises:
            TooOften: that is one too many; nothing was taken.

        """
        now = self._clock()
        left, at = self._left.pop(name, (float(self._limit.burst), now))
        left = min(self._limit.burst, left + (now - at) * self._limit.per_minute / 60)
        self._left[name] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > MOST_NAMES:
            self._left.popitem(last=False)
        if left < 1:
            raise TooOften(max(1, math.ceil((1 - left) * 60 / self._limit.per_minute)))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the chat page allows. An address may be that of many people: an office, a telephone network."""

    session: Limit = Limit(20, 40)
    address: Limit = Limit(200, 600)
    codes: Limit = Limit(5, 1)


class Gate:
    """Counts what comes in by session and by address."""

    def __init__(self, limits: Limits, cookies: Cookies) -> None:
        self._cookies = cookies
        self._sessions = Buckets(limits.session)
        self._addresses = Buckets(limits.address)
        self._codes = Buckets(limits.codes)

    def admit(self, request: Request) -> None:
        """Count a form that was sent.

        Raises:
            TooOften: that was one too many.

        """
        self._addresses.take(_network(request))
        if token := self._cookies.token(request):
            self._sessions.take(token)

    def admit_code(self, request: Request) -> None:
        """Count a code that was tried.

        Raises:
            TooOften: that was one too many.

        """
        self._codes.take(_network(request))


def _network(request: Request) -> str:
    return network(request.client.host) if request.client else ""


def network(address: str) -> str:
    """What an address is counted under."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network((known, IPV6_NETWORK), strict=False))
