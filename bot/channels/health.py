"""Whether the process lives, and whether it can do its work: for whatever watches it."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.service import Service
from bot.store.base import StoreError
from bot.worker import Worker

UNAVAILABLE = 503


class Health:
    """`/healthz`: the process answers. `/readyz`: the store does too."""

    name = "health"

    def __init__(self, talk: Worker[Service]) -> None:
        self._talk = talk

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Route("/healthz", self._alive), Route("/readyz", self._ready)]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await stop.wait()

    async def _alive(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _ready(self, request: Request) -> Response:
        try:
            await self._talk.run(lambda service: service.store.database.query("SELECT 1 FROM migrations LIMIT 1"))
        except StoreError:
            return PlainTextResponse("the store cannot be read\n", status_code=UNAVAILABLE)
        return PlainTextResponse("ok\n")
