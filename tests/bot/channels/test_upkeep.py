import asyncio
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.channels.stopping import now_and_then
from bot.channels.upkeep import OldBackups, Upkeep
from bot.channels.web.forgetting import CHANNEL
from bot.store.backup import KEPT, back_up
from bot.store.base import KeptSession, StoreError
from bot.store.retention import IDLE_SESSION
from bot.store.sealing import BadKeys
from bot.store.store import Store, open_store
from bot.store.web_sessions import IDLE
from bot.worker import Worker
from tests.bot.store.madeup import at

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)


class Clock:
    now = AT
    asked = 0

    def __call__(self) -> datetime.datetime:
        self.asked += 1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker[Store]]:
    worker = Worker("upkeep", lambda: open_store(at(tmp_path)), Store.close)
    yield worker
    worker.close()


async def goes_after(
    worker: Worker[Store], clock: Clock, time: datetime.timedelta, kept: Callable[[Store], int]
) -> None:
    """What is `kept` while upkeep runs is there once, and gone when so much time has passed."""
    stop = asyncio.Event()
    running = asyncio.create_task(Upkeep(worker, clock, every_seconds=0).run(stop))
    assert await worker.run(kept) == 1
    clock.now = AT + time
    while await worker.run(kept):
        await asyncio.sleep(0)
    stop.set()
    await running


async def test_a_talk_is_forgotten_when_its_time_has_come(worker: Worker[Store], clock: Clock) -> None:
    def version(store: Store) -> int:
        return store.turns.session("u").version

    await worker.run(lambda store: store.turns.keep("u", "m1", KeptSession(b"{}", 1), b"[]", AT))
    await goes_after(worker, clock, IDLE_SESSION + datetime.timedelta(days=1), version)


async def test_what_is_done_now_and_then_is_soon_tried_again_where_the_store_cannot_be_used(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.stopping.AGAIN_SECONDS", 0)
    stop, errors = asyncio.Event(), [StoreError("data", "disk full"), BadKeys("no key")]

    async def work() -> None:
        if errors:
            raise errors.pop()
        stop.set()

    await now_and_then(stop, 10**6, work)
    assert "disk full" in caplog.text and "no key" in caplog.text


async def test_what_was_said_on_the_page_goes_too_though_no_page_is_served(worker: Worker[Store], clock: Clock) -> None:
    def say(store: Store) -> None:
        sender = store.sender(CHANNEL, store.web_sessions.begin("token", AT))
        store.turns.keep(sender, "m1", KeptSession(b"{}", 1), b"[]", AT)

    def kept(store: Store) -> int:
        return len(store.database.query("SELECT 1 FROM turns"))

    await worker.run(say)
    await goes_after(worker, clock, IDLE + datetime.timedelta(seconds=1), kept)


async def test_a_backup_goes_in_time_where_no_new_one_is_made(tmp_path: Path, clock: Clock) -> None:
    with open_store(at(tmp_path)) as store:
        backup = back_up(store, tmp_path, AT).file
    stop = asyncio.Event()
    running = asyncio.create_task(OldBackups(tmp_path, clock, every_seconds=0).run(stop))
    clock.now = AT + KEPT
    while clock.asked < 2:
        await asyncio.sleep(0)
    assert backup.exists()
    clock.now = AT + KEPT + datetime.timedelta(seconds=1)
    while backup.exists():
        await asyncio.sleep(0)
    stop.set()
    await running
