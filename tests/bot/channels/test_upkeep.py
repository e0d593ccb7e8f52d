import asyncio
import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.stopping import now_and_then
from bot.channels.upkeep import Upkeep
from bot.channels.web.forgetting import CHANNEL
from bot.service import CHAT, Service
from bot.store.base import StoreError
from bot.store.retention import IDLE_SESSION
from bot.store.sealing import BadKeys
from bot.store.store import open_store
from bot.store.web_sessions import IDLE
from bot.worker import Worker
from conversations.materials import Materials
from conversations.messages import Incoming
from tests.bot.store.madeup import at

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)


class Clock:
    now = AT

    def __call__(self) -> datetime.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def talk(materials: Materials, tmp_path: Path, clock: Clock) -> Iterator[Worker[Service]]:
    worker = Worker(
        "talk", lambda: Service(materials, open_store(at(tmp_path)), clock), lambda service: service.store.close()
    )
    yield worker
    worker.close()


async def test_a_talk_is_forgotten_when_its_time_has_come(talk: Worker[Service], clock: Clock) -> None:
    def version(service: Service) -> int:
        return service.store.turns.session(service.store.sender(CHAT, "u")).version

    await talk.run(Service.handle, "u", "m1", Incoming(text="补贴 资格"))
    stop = asyncio.Event()
    running = asyncio.create_task(Upkeep(talk, every_seconds=0).run(stop))
    assert await talk.run(version) == 1
    clock.now = AT + IDLE_SESSION + datetime.timedelta(days=1)
    while await talk.run(version):
        await asyncio.sleep(0)
    stop.set()
    await running


async def test_what_is_done_now_and_then_goes_on_where_the_store_cannot_be_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, errors = asyncio.Event(), [StoreError("data", "disk full"), BadKeys("no key")]

    async def work() -> None:
        if errors:
            raise errors.pop()
        stop.set()

    await now_and_then(stop, 0, work)
    assert "disk full" in caplog.text and "no key" in caplog.text


async def test_what_was_said_on_the_page_goes_too_though_no_page_is_served(talk: Worker[Service], clock: Clock) -> None:
    def kept(service: Service) -> int:
        return len(service.store.database.query("SELECT 1 FROM turns"))

    person = await talk.run(lambda service: service.store.web_sessions.begin("token", AT))
    await talk.run(Service.handle, person, "m1", Incoming(text="补贴 资格"), CHANNEL)
    stop = asyncio.Event()
    running = asyncio.create_task(Upkeep(talk, every_seconds=0).run(stop))
    assert await talk.run(kept) == 1
    clock.now = AT + IDLE + datetime.timedelta(seconds=1)
    while await talk.run(kept):
        await asyncio.sleep(0)
    stop.set()
    await running
