"""Leases: one process has one, gives it up or dies, and another goes on; in both kinds of store."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.routing import BaseRoute, Mount

from bot.ownership import Once, Ownership
from bot.settings import Settings
from bot.store.base import StoreError
from bot.store.leases import Lease, Leases
from bot.store.sealing import BadKeys
from bot.store.store import Store, open_store
from bot.worker import Worker
from tests.bot.owning import owning

TERM, EVERY = 0.5, 0.05


class Working:
    """Somebody who works while they hold the lease "work"."""

    def __init__(self, ownership: Ownership) -> None:
        self.ownership = ownership
        self.times = 0
        self.at_it = asyncio.Event()
        self.stop = asyncio.Event()

    async def work(self, ended: asyncio.Event) -> None:
        self.times += 1
        self.at_it.set()
        await ended.wait()
        self.at_it.clear()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Working"]:
        task = asyncio.create_task(self.ownership.while_held("work", self.stop, self.work))
        try:
            yield self
        finally:
            self.stop.set()
            await task


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


async def test_one_works_and_hands_on_at_once_when_it_stops(place: Settings) -> None:
    with owning(place, 1000, EVERY) as first, owning(place, 1000, EVERY) as second:
        async with Working(first).running() as one:
            await until(one.at_it.is_set)
            async with Working(second).running() as other:
                await until(lambda: second._seen)
                assert not other.at_it.is_set()
                one.stop.set()
                await until(other.at_it.is_set)
                assert not one.at_it.is_set()
    with owning(place, 1000, EVERY) as third:
        async with Working(third).running() as again:
            await until(again.at_it.is_set)


async def test_what_a_dead_process_held_is_taken_when_its_term_is_over_and_not_before(place: Settings) -> None:
    now = 0.0
    with open_store(place) as store:
        assert store.leases.take("work", "dead", None)
        worker = Worker("leases", lambda: open_store(place), Store.close)
        looked = asyncio.Event()
        loop = asyncio.get_running_loop()

        def clock() -> float:
            loop.call_soon_threadsafe(looked.set)
            return now

        async with Working(Ownership(worker, 10, 0.01, clock)).running() as one:
            for now in (0.0, 5.0, 14.9):
                if now == 5.0:
                    assert store.leases.renew("dead") == ["work"], "it lives after all: the term begins anew"
                for _ in range(6):  # it asks twice a round
                    looked.clear()
                    await looked.wait()
                assert not one.at_it.is_set()
            now = 15.0
            await until(one.at_it.is_set)
        worker.close()
        assert store.leases.renew("dead") == []


async def test_who_is_not_heard_of_finds_out_and_stops(place: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with owning(place, TERM, EVERY) as first, open_store(place) as store:
        async with Working(first).running() as one:
            await until(one.at_it.is_set)
            with store.writing():
                assert store.leases.take("work", "another", store.leases.all()["work"])
            await until(lambda: not one.at_it.is_set())
            assert "another process has it" in caplog.text
            await until(one.at_it.is_set)  # the other one gave no sign of life
            assert one.times == 2


async def test_a_store_that_does_not_answer_ends_the_work_before_another_may_begin(
    place: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker("leases", lambda: open_store(place), Store.close)
    answering = threading.Event()
    async with Working(Ownership(worker, TERM, EVERY)).running() as one:
        await until(one.at_it.is_set)
        began = asyncio.get_running_loop().time()
        hanging = asyncio.create_task(worker.run(lambda _: answering.wait()))
        await until(lambda: not one.at_it.is_set())
        assert asyncio.get_running_loop().time() - began < TERM
        answering.set()
        await hanging
        await until(one.at_it.is_set)
    worker.close()


@pytest.mark.parametrize("error", [StoreError("data", "disk full"), BadKeys("disk full")])
async def test_a_store_that_fails_is_told_and_tried_again(
    place: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    with owning(place, TERM, EVERY) as first:
        async with Working(first).running() as one:
            await until(one.at_it.is_set)

            def fail(self: Leases, holder: str) -> None:
                raise error

            with monkeypatch.context() as failing, caplog.at_level(logging.WARNING):
                failing.setattr(Leases, "renew", fail)
                await until(lambda: not one.at_it.is_set())
            assert "disk full" in caplog.text and "the store does not answer" in caplog.text
            await until(one.at_it.is_set)


async def test_work_that_fails_is_raised_and_given_up(place: Settings) -> None:
    async def fail(_: asyncio.Event) -> None:
        raise ValueError("no")

    with owning(place, 1000, EVERY) as first, owning(place, 1000, EVERY) as second:
        with pytest.raises(ValueError, match="no"):
            await first.while_held("work", asyncio.Event(), fail)
        async with Working(second).running() as other:
            await until(other.at_it.is_set)


async def test_of_a_channel_one_process_does_the_work_and_all_answer(place: Settings) -> None:
    class Page:
        name = "page"
        times = 0

        def routes(self) -> list[BaseRoute]:
            return [Mount("/page", routes=[])]

        async def run(self, stop: asyncio.Event) -> None:
            self.times += 1
            await stop.wait()

    page, stop = Page(), asyncio.Event()
    with owning(place, 1000, EVERY) as first, owning(place, 1000, EVERY) as second:
        both = [Once(page, ownership) for ownership in (first, second)]
        running = [asyncio.create_task(one.run(stop)) for one in both]
        await until(lambda: (page.times and first._seen) or second._seen)
        assert page.times == 1 and [one.routes() for one in both] == [page.routes()] * 2
        stop.set()
        await asyncio.gather(*running)


def test_a_lease_is_taken_over_only_as_it_was_seen(place: Settings) -> None:
    with open_store(place) as store:
        leases = store.leases
        assert leases.take("work", "a", None) and not leases.take("work", "b", None)
        assert leases.renew("a") == ["work"] and leases.renew("b") == []
        assert not leases.take("work", "b", Lease("a", 1)), "it has given a sign of life since"
        assert leases.take("work", "b", Lease("a", 2))
        leases.give_up("work", "a")
        assert leases.all() == {"work": Lease("b", 3)}
        leases.give_up("work", "b")
        assert leases.all() == {"work": Lease("", 4)}
