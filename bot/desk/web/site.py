"""The desk's pages as a channel: their addresses, and what is answered where there is no page."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.channels.metrics import Metrics
from bot.channels.stopping import now_and_then
from bot.channels.web.cookies import Cookies
from bot.channels.web.limits import TooOften
from bot.channels.web.shell import FAILED, Shell
from bot.desk.web.counts import Counts
from bot.desk.web.entry import Entry
from bot.desk.web.gate import HOME, Gate
from bot.desk.web.handovers import HandoverPages
from bot.desk.web.listing import Listing
from bot.desk.web.managing import Managing
from bot.desk.web.office import OfficeWorker
from bot.desk.web.pages import Pages
from bot.desk.web.single import ACTS, Singles
from bot.store.base import StoreError

logger = logging.getLogger(__name__)
TOO_OFTEN, UNAVAILABLE = 429, 503
RETRY_SECONDS = 10
FORGET_EVERY_SECONDS = 3600
ONE = "/leads/{receipt:str}"
HANDOVER = "/handovers/{id:str}"


class DeskWeb:
    """Pages for caseworkers, under /desk. `address` is the base under which they are reached."""

    name = "desk web"

    def __init__(
        self, worker: OfficeWorker, slow: OfficeWorker, metrics: Metrics, exports: Path, *, address: str, https: bool
    ) -> None:
        self._worker = worker
        self._address = address
        self._gate = Gate(worker, Pages(cookies := Cookies(https)), cookies)
        self._entry = Entry(self._gate)
        self._counts = Counts(self._gate, slow, exports)
        self._managing = Managing(self._gate, slow)
        self.app = Starlette(
            routes=[*self._doors(), *self._work(), *self._management()],
            middleware=[Middleware(Shell, metrics=metrics, failed=self._failed, https=https)],
            exception_handlers={HTTPException: self._problem, TooOften: self._too_often, StoreError: self._store_error},
        )

    def _doors(self) -> Sequence[BaseRoute]:
        """The pages of those who are not in yet."""
        entry, gate = self._entry, self._gate
        return [
            Route("/login", entry.login, methods=["GET"]),
            Route("/login", entry.log_in, methods=["POST"]),
            Route("/code", entry.code, methods=["GET"]),
            Route("/code", gate.step("code", entry.check_code), methods=["POST"]),
            Route("/first", entry.first, methods=["GET"]),
            Route("/first", entry.redeem, methods=["POST"]),
            Route("/setup", entry.setup, methods=["GET"]),
            Route("/setup/password", gate.step("setup", entry.set_password), methods=["POST"]),
            Route("/setup/code", gate.step("setup", entry.prove), methods=["POST"]),
            Route("/begin/{token}", entry.begin, methods=["GET"]),
            Route("/begin/{token}", entry.make_first, methods=["POST"]),
            Route("/logout", gate.form(entry.leave), methods=["POST"]),
            Route("/static/{name}", gate.pages.static.show, methods=["GET"]),
        ]

    def _work(self) -> Sequence[BaseRoute]:
        gate, listing, singles, counts = self._gate, Listing(self._gate), Singles(self._gate), self._counts
        return [
            Route("/", gate.page(listing.home), methods=["GET"]),
            Route("/leads", gate.page(listing.all), methods=["GET"]),
            Route("/leads/new", gate.page(listing.news, touch=False), methods=["GET"]),
            Route("/search", gate.form(listing.search), methods=["POST"]),
            Route(ONE, gate.page(singles.show), methods=["GET"]),
            Route(f"{ONE}/reveal", gate.form(singles.reveal), methods=["POST"]),
            *(Route(f"{ONE}/{name}", singles.doing(name), methods=["POST"]) for name in ACTS),
            *self._handovers(),
            Route("/questions", gate.page(counts.questions), methods=["GET"]),
            Route("/statistics", gate.page(counts.statistics), methods=["GET"]),
            Route("/outputs", gate.page(counts.outputs), methods=["GET"]),
            Route("/export", gate.form(counts.export), methods=["POST"]),
            Route("/report", gate.page(counts.report), methods=["GET"]),
        ]

    def _handovers(self) -> Sequence[BaseRoute]:
        gate, pages = self._gate, HandoverPages(self._gate)
        return [
            Route("/handovers", gate.page(pages.all), methods=["GET"]),
            Route("/handovers/new", gate.page(pages.news, touch=False), methods=["GET"]),
            Route(HANDOVER, gate.page(pages.show), methods=["GET"]),
            Route(f"{HANDOVER}/new", gate.page(pages.said, touch=False), methods=["GET"]),
            Route(f"{HANDOVER}/answer", gate.form(pages.answer), methods=["POST"]),
            Route(f"{HANDOVER}/close", gate.form(pages.close), methods=["POST"]),
        ]

    def _management(self) -> Sequence[BaseRoute]:
        gate, managing = self._gate, self._managing
        return [
            Route("/staff", gate.page(managing.staff), methods=["GET"]),
            Route("/staff/add", gate.form(managing.add), methods=["POST"]),
            Route("/staff/code", gate.form(managing.new_code), methods=["POST"]),
            Route("/staff/disable", gate.form(managing.disable), methods=["POST"]),
            Route("/log", gate.page(managing.log), methods=["GET"]),
            Route("/log/verify", gate.page(managing.verify), methods=["GET"]),
            Route("/keys", gate.page(managing.keys), methods=["GET"]),
            Route("/look", gate.form(managing.look), methods=["POST"]),
        ]

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Route("/desk", _to_home, methods=["GET"]), Mount("/desk", self.app)]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`. Now and then sessions that are over are removed.

        Where nobody manages accounts yet, the log tells the address at which the first administrator is made.
        """
        if secret := await self._worker.run(lambda office: office.logins.beginning()):
            address = f"{self._address}/desk/begin/{secret}"
            logger.warning("nobody manages the desk yet; make the first administrator at %s", address)
        await now_and_then(stop, FORGET_EVERY_SECONDS, self._forget_sessions)

    async def _forget_sessions(self) -> None:
        await self._worker.run(lambda office: office.store.desk_sessions.expire(office.now()))

    async def _problem(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = str(error.status_code)
        key = key if key in self._gate.pages.words["problems"] else "400"
        response = self._gate.problem(request, key, error.status_code)
        response.headers.update(error.headers or {})
        return response

    async def _too_often(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, TooOften)
        response = self._gate.problem(request, "429", TOO_OFTEN, seconds=error.seconds)
        response.headers["Retry-After"] = str(error.seconds)
        return response

    async def _store_error(self, request: Request, error: Exception) -> Response:
        logger.error("%s", error)
        response = self._gate.problem(request, "503", UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    async def _failed(self, request: Request) -> Response:
        return self._gate.problem(request, "500", FAILED)


async def _to_home(request: Request) -> Response:
    return RedirectResponse(HOME)
