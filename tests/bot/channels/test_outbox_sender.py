"""Sending from the outbox: in order for each person, again when it failed, never to who does not want to hear."""

import asyncio
import datetime
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.channels.limits import Limits
from bot.channels.outbox_sender import Gone, Later, Never, OutboxSender, Turn
from bot.store.base import StoreError
from bot.store.outbox import FARTHEST, Letter, Outbox, Owed
from bot.store.store import Store, open_store
from bot.worker import Worker
from tests.bot.store.madeup import at

AT = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC)
FAST = Limits(a_second=10_000, apart=0, shortest_wait=0, longest_wait=0)


class Keeper:
    """A store, and a clock that stands."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(at(folder))

    def now(self) -> datetime.datetime:
        return AT

    def owe(self, sender: str, number: int) -> None:
        letters = [Letter(sender, msgspec.Raw(msgspec.json.encode(f"{sender}{n}"))) for n in range(number)]
        self.store.outbox.owe("x", sender, letters, AT.timestamp())

    def is_owed(self) -> bool:
        return self.store.outbox.next_due("x", 0) is not None


Sends = Callable[[Owed, Turn], Awaitable[None]]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker[Keeper]]:
    worker = Worker("test", lambda: Keeper(tmp_path), lambda keeper: keeper.store.close())
    yield worker
    worker.close()


def sender(
    worker: Worker[Keeper], send: Sends, gone: Sequence[str] | None = None, **limits: float
) -> OutboxSender[Keeper]:
    """`gone` is filled with those who want to hear nothing."""

    def leave_alone(_: Store, who: str) -> None:
        gone.append(who)  # type: ignore[union-attr]

    fast = msgspec.structs.replace(FAST, **limits)
    return OutboxSender("x", worker, send, leave_alone, fast, lease=60, at_once=5)


async def sends(
    worker: Worker[Keeper], letters: dict[str, int], fails: Callable[[str, int], Exception | None]
) -> list[str]:
    """What is sent, until nothing is owed any more."""
    sent: list[str] = []
    gone: list[str] = []

    async def send(owed: Owed, turn: Turn) -> None:
        await turn(owed.letter.address)
        text = msgspec.json.decode(owed.letter.content, type=str)
        if error := fails(text, owed.attempts):
            raise error
        sent.append(text)

    sending = sender(worker, send, gone)
    stop = asyncio.Event()
    running = asyncio.create_task(sending.run(stop))
    for who, number in letters.items():
        await worker.run(Keeper.owe, who, number)
    sending.wake()
    async with asyncio.timeout(10):
        while await worker.run(Keeper.is_owed):
            await asyncio.sleep(0)
    stop.set()
    await running
    return [*sent, *(f"{who} gone" for who in gone)]


async def test_in_order_for_each_and_again_when_it_failed(worker: Worker[Keeper]) -> None:
    def fails(text: str, attempts: int) -> Exception | None:
        return Later() if text == "a0" and attempts < 3 else Later(0.0) if text == "b1" and attempts < 2 else None

    sent = await sends(worker, {"a": 3, "b": 2}, fails)
    assert [text for text in sent if text[0] == "a"] == ["a0", "a1", "a2"]
    assert [text for text in sent if text[0] == "b"] == ["b0", "b1"]


async def test_who_is_to_wait_for_long_is_asked_again_in_an_hour(worker: Worker[Keeper]) -> None:
    stop, tries = asyncio.Event(), []

    async def send(owed: Owed, turn: Turn) -> None:
        tries.append(owed.attempts)
        stop.set()
        raise Later(24 * 60 * 60)

    await worker.run(Keeper.owe, "a", 1)
    await sender(worker, send).run(stop)
    due = await worker.run(lambda keeper: keeper.store.outbox.next_due("x", AT.timestamp()))
    assert tries == [1] and due == AT.timestamp() + FARTHEST


async def test_what_can_never_be_sent_holds_up_nothing(
    worker: Worker[Keeper], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(text: str, _: int) -> Exception | None:
        return Never("too long") if text == "a0" else ValueError("a bug") if text == "a1" else None

    assert await sends(worker, {"a": 3}, fails) == ["a2"]
    assert "too long" in caplog.text and "ValueError" in caplog.text and "a bug" not in caplog.text


async def test_who_does_not_want_to_hear_is_sent_nothing_more(worker: Worker[Keeper]) -> None:
    sent = await sends(worker, {"a": 3, "b": 1}, lambda text, _: Gone() if text == "a0" else None)
    assert sorted(sent) == ["a gone", "b0"]


async def test_at_the_end_what_is_on_its_way_arrives_and_what_waits_for_its_turn_is_kept(
    worker: Worker[Keeper],
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()
    sent: list[str] = []

    async def send(owed: Owed, turn: Turn) -> None:
        await turn(owed.letter.address)
        begun.set()
        await may_end.wait()
        sent.append(owed.sender)

    # The second has its turn when the end has come.
    sending = sender(worker, send, a_second=2)
    stop = asyncio.Event()
    await worker.run(Keeper.owe, "a", 1)
    await worker.run(Keeper.owe, "b", 1)
    running = asyncio.create_task(sending.run(stop))
    await begun.wait()
    stop.set()
    may_end.set()
    await running
    assert sent == ["a"]
    (left,) = await worker.run(lambda keeper: keeper.store.outbox.take("x", AT.timestamp(), 9, 60))
    assert left.sender == "b"


async def test_what_is_long_on_its_way_is_taken_by_nobody_else(tmp_path: Path) -> None:
    class Ticking(Keeper):
        """Its clock goes."""

        def now(self) -> datetime.datetime:
            return AT + datetime.timedelta(seconds=time.monotonic() - began)

    async def send(owed: Owed, _: Turn) -> None:
        sent.append(owed.sender)
        await may_end.wait()

    began, may_end, stop, sent = time.monotonic(), asyncio.Event(), asyncio.Event(), list[str]()
    lease = 0.2
    workers = [Worker("test", lambda: Ticking(tmp_path), lambda keeper: keeper.store.close()) for _ in range(2)]
    await workers[0].run(Keeper.owe, "a", 1)
    both = [
        asyncio.create_task(OutboxSender("x", worker, send, lambda *_: None, FAST, lease=lease, at_once=5).run(stop))
        for worker in workers
    ]
    while time.monotonic() - began < 4 * lease:
        await workers[0].run(lambda keeper: None)
    assert sent == ["a"]
    may_end.set()
    async with asyncio.timeout(10):
        while await workers[0].run(Keeper.is_owed):
            await asyncio.sleep(0)
    stop.set()
    await asyncio.gather(*both)
    assert sent == ["a"]
    for worker in workers:
        worker.close()


async def test_a_store_that_fails_is_asked_again(
    worker: Worker[Keeper], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    take, failures = Outbox.take, iter(range(3))

    def failing(*arguments: Any) -> Sequence[Owed]:
        if next(failures, None) is not None:
            raise StoreError(tmp_path, "full")
        return take(*arguments)

    monkeypatch.setattr(Outbox, "take", failing)
    assert await sends(worker, {"a": 2}, lambda *_: None) == ["a0", "a1"]
