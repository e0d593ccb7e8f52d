"""The chat page as a channel: its addresses, and what is answered where there is no page."""

import asyncio
import datetime
import logging
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.channels.metrics import Metrics
from bot.channels.stopping import now_and_then
from bot.channels.web.chat import Chat
from bot.channels.web.cookies import Cookies
from bot.channels.web.forgetting import forget_expired
from bot.channels.web.limits import Crowded, Gate, Limits, TooOften
from bot.channels.web.own import Own
from bot.channels.web.pages import Pages
from bot.channels.web.reference import Reference
from bot.channels.web.shell import FAILED, Shell
from bot.channels.web.texts import Texts
from bot.channels.web.visits import Visits, field
from bot.service import Service
from bot.store.base import StoreError
from bot.worker import Worker
from conversations.materials import Materials

logger = logging.getLogger(__name__)
TOO_OFTEN, UNAVAILABLE = 429, 503
RETRY_SECONDS = 10
FORGET_EVERY_SECONDS = 3600
KEPT = ("csrf", "message_id", "fact")


class Web:
    """Pages for everybody; everything that no other channel answers is answered here, so it comes last."""

    name = "web"

    def __init__(
        self,
        worker: Worker[Service],
        materials: Materials,
        metrics: Metrics,
        now: Callable[[], datetime.datetime],
        *,
        https: bool,
        limits: Limits | None = None,
    ) -> None:
        self._worker = worker
        self._pages = Pages()
        self._cookies = Cookies(https)
        self._reference = reference = Reference(materials, self._pages.words)
        visits, gate = Visits(worker, self._pages, self._cookies), Gate(limits or Limits(), self._cookies)
        self._chat = Chat(worker, visits, reference, metrics, gate)
        self._own = Own(worker, visits, reference, gate)
        self._texts = Texts(visits, reference, now)
        self.app = Starlette(
            routes=self._addresses(),
            middleware=[Middleware(Shell, metrics=metrics, failed=self._failed, https=https)],
            exception_handlers={
                HTTPException: self._problem,
                TooOften: self._too_often,
                Crowded: self._crowded,
                StoreError: self._store_error,
            },
        )

    def _addresses(self) -> Sequence[BaseRoute]:
        chat, own, texts = self._chat, self._own, self._texts
        return [
            Route("/", chat.show, methods=["GET"]),
            Route("/say", chat.say, methods=["POST"]),
            Route("/news", chat.news, methods=["GET"]),
            Route("/result", own.result, methods=["GET"]),
            Route("/continue", own.continue_, methods=["GET"]),
            Route("/continue", own.take_over, methods=["POST"]),
            Route("/continue/code", own.give_code, methods=["POST"]),
            Route("/end", own.ask_end, methods=["GET"]),
            Route("/end", own.end, methods=["POST"]),
            Route("/ended", own.ended, methods=["GET"]),
            Route("/view", own.look, methods=["POST"]),
            Route("/sources", texts.sources, methods=["GET"]),
            Route("/documents/{id}", texts.document, methods=["GET"]),
            Route("/programmes/{id}", texts.programme, methods=["GET"]),
            Route("/about", texts.about, methods=["GET"]),
            Route("/static/{name}", self._pages.static.show, methods=["GET"]),
        ]

    def take_up(self, materials: Materials) -> None:
        """Show these from now on."""
        self._reference.take_up(materials)

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Mount("/", self.app)]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`. Now and then what nobody can continue is forgotten."""
        await now_and_then(stop, FORGET_EVERY_SECONDS, self._forget_expired)

    async def _forget_expired(self) -> None:
        count = await self._worker.run(lambda service: forget_expired(service.store, service.now()))
        logger.info("forgot %d talks that had expired", count)

    async def _problem(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = self._page(request, error.status_code)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    async def _too_often(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, TooOften)
        return self._page(request, TOO_OFTEN, error.seconds)

    async def _crowded(self, request: Request, error: Exception) -> Response:
        return self._page(request, UNAVAILABLE, RETRY_SECONDS)

    async def _store_error(self, request: Request, error: Exception) -> Response:
        logger.error("%s", error)
        return self._page(request, UNAVAILABLE, RETRY_SECONDS)

    async def _failed(self, request: Request) -> Response:
        return self._page(request, FAILED)

    def _page(self, request: Request, status: int, seconds: int = 0) -> Response:
        """What is wrong; with what was said, to be sent again, where it will be worth trying."""
        problems = self._pages.words["problems"]
        words = problems.get(str(status), problems["400"])
        form = getattr(request.state, "said", None) if seconds else None
        again = None
        if form:
            hidden = [(name, field(form, name)) for name in KEPT if field(form, name)]
            hidden += [("choice", value) for value in form.getlist("choice") if isinstance(value, str)]
            again = {"address": "/say", "hidden": hidden, "text": field(form, "text")}
        text = words["text"].format(seconds=seconds)
        view = self._cookies.view(request)
        response = self._pages.page(
            "problem", view, request.url.path, status=status, title=words["title"], text=text, again=again
        )
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response
