"""How often a login may be tried: so that nobody guesses it, and no stranger keeps its owner out.

A browser in which an account has been in holds a device cookie for it, which is good for nothing but a count of its own
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). All others share the account's and their address's.
"""

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.cookies import LONGEST_SECONDS, Cookies
from bot.channels.web.limits import Buckets, Limit, network
from bot.desk.web.office import OfficeWorker

DEVICE = "desk-device"
ADDRESS, ACCOUNT = Limit(20, 6), Limit(5, 1)
"""Tries of an address (an office's, perhaps), and of an account: by strangers, by each of its devices, and, of its
second factor, by whoever knows the password."""


class Tries:
    """Counts them."""

    def __init__(self, worker: OfficeWorker, cookies: Cookies) -> None:
        self._worker = worker
        self._cookies = cookies
        self._addresses = Buckets(ADDRESS)
        self._accounts, self._devices, self._codes = Buckets(ACCOUNT), Buckets(ACCOUNT), Buckets(ACCOUNT)

    async def password(self, request: Request, name: str) -> None:
        """A password for an account.

        Raises:
            TooOften: that was one too many; so do the others.

        """
        device = self._cookies.get(request, DEVICE)
        if await self._worker.run(lambda office: office.store.desk_sessions.knows_device(name, device)):
            self._devices.take(device)
        else:
            self.stranger(request)
            self._accounts.take(name)

    def stranger(self, request: Request) -> None:
        """Anything else that somebody tries who is not in."""
        self._addresses.take(network(request.client.host) if request.client else "")

    def code(self, name: str) -> None:
        """A code of an account's second factor."""
        self._codes.take(name)

    async def remember(self, response: Response, name: str) -> Response:
        """Let the browser be one of the account's devices."""
        device = await self._worker.run(lambda office: office.store.desk_sessions.device(name))
        self._cookies.set_strict(response, DEVICE, device, LONGEST_SECONDS)
        return response
