"""The public bot, running in this process against the tests' Bot API server."""

import asyncio
import contextlib
import datetime
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.channels.limits import Limits
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import Hook
from bot.ownership import Ownership
from bot.service import Service
from bot.serving import http_server
from bot.store.store import open_store
from bot.worker import Worker
from conversations.materials import Materials
from tests.bot.owning import owning
from tests.bot.store.madeup import at
from tests.botapi.bots import Bot
from tests.botapi.fixtures import TOKEN, bot, server, wang
from tests.botapi.server import BotApi

__all__ = ["bot", "server", "wang"]
START = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)
FAST = Limits(a_second=10_000, apart=0, shortest_wait=0.02, longest_wait=0.1, flood=10_000)
Talk = Worker[Service]
Run = Callable[..., contextlib.AbstractAsyncContextManager[TelegramChannel]]


@pytest.fixture
def talk(materials: Materials, tmp_path: Path) -> Iterator[Talk]:
    """The service in its thread, on the same day always; its clock goes on from START."""
    began = time.monotonic()

    def now() -> datetime.datetime:
        return START + datetime.timedelta(seconds=time.monotonic() - began)

    worker = Talk("talk", lambda: Service(materials, open_store(at(tmp_path)), now), lambda one: one.store.close())
    yield worker
    worker.close()


@pytest.fixture
def ownership(tmp_path: Path) -> Iterator[Ownership]:
    """The leases of this process, in the talk's store."""
    with owning(at(tmp_path)) as leases:
        yield leases


@pytest.fixture
def run(server: BotApi, bot: Bot, talk: Talk, ownership: Ownership) -> Run:
    """`async with run(webhook=…, limits=…)`: the channel at work."""

    @contextlib.asynccontextmanager
    async def running(*, webhook: bool = False, limits: Limits = FAST) -> AsyncIterator[TelegramChannel]:
        stop = asyncio.Event()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}" if webhook else None
            hook = Hook(url, "path", "header") if url else None
            channel = TelegramChannel(talk, ownership, TOKEN, server.base, hook, limits)
            http = http_server([channel])
            tasks = [asyncio.create_task(channel.run(stop))]
            if webhook:
                tasks.append(asyncio.create_task(http.serve([listening])))
                await server.until(lambda: bool(bot.webhook.url) or tasks[0].done())
            try:
                yield channel
            finally:
                http.should_exit = True
                stop.set()
                await asyncio.gather(*tasks)

    return running


@pytest.fixture(params=["polling", "webhook"])
async def either(request: pytest.FixtureRequest, run: Run) -> AsyncIterator[TelegramChannel]:
    """The bot at work, once in each way."""
    async with run(webhook=request.param == "webhook") as channel:
        yield channel
