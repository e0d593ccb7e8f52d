"""Sending from the outbox: in order for each person, again when it failed, never to who does not want to hear."""

import asyncio
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bot.channels.outbox_sender import Gone, Later, Never, OutboxSender
from bot.channels.telegram.limits import Limits
from bot.store.outbox import Letter, Owed
from bot.store.store import Store, open_store
from bot.worker import Worker
from tests.bot.store.madeup import at

AT = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC)
FAST = Limits(shortest_wait=0, longest_wait=0)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker[Store]]:
    worker = Worker("test", lambda: open_store(at(tmp_path)), Store.close)
    yield worker
    worker.close()


async def sends(
    worker: Worker[Store], letters: dict[str, int], fails: Callable[[str, int], Exception | None]
) -> list[str]:
    """What is sent, until nothing is owed any more."""
    sent: list[str] = []
    gone: list[str] = []

    async def send(owed: Owed) -> None:
        text = msgspec.json.decode(owed.letter.content, type=str)
        if error := fails(text, owed.attempts):
            raise error
        sent.append(text)

    def owe(store: Store) -> None:
        for sender, number in letters.items():
            told = [Letter(sender, msgspec.Raw(msgspec.json.encode(f"{sender}{n}"))) for n in range(number)]
            store.outbox.owe("x", sender, told, AT.timestamp())

    sender = OutboxSender("x", worker, lambda s: s, send, lambda: AT, lambda _, who: gone.append(who), FAST)
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    await worker.run(owe)
    sender.wake()
    async with asyncio.timeout(10):
        while await worker.run(lambda store: store.outbox.next_due("x")) is not None:
            await asyncio.sleep(0)
    stop.set()
    await running
    return [*sent, *(f"{who} gone" for who in gone)]


async def test_in_order_for_each_and_again_when_it_failed(worker: Worker[Store]) -> None:
    def fails(text: str, attempts: int) -> Exception | None:
        return Later() if text == "a0" and attempts < 3 else Later(0.0) if text == "b1" and attempts < 2 else None

    sent = await sends(worker, {"a": 3, "b": 2}, fails)
    assert [text for text in sent if text[0] == "a"] == ["a0", "a1", "a2"]
    assert [text for text in sent if text[0] == "b"] == ["b0", "b1"]


async def test_what_can_never_be_sent_holds_up_nothing(worker: Worker[Store], caplog: pytest.LogCaptureFixture) -> None:
    def fails(text: str, _: int) -> Exception | None:
        return Never("too long") if text == "a0" else ValueError("a bug") if text == "a1" else None

    assert await sends(worker, {"a": 3}, fails) == ["a2"]
    assert "too long" in caplog.text and "a bug" in caplog.text


async def test_who_does_not_want_to_hear_is_sent_nothing_more(worker: Worker[Store]) -> None:
    sent = await sends(worker, {"a": 3, "b": 1}, lambda text, _: Gone() if text == "a0" else None)
    assert sorted(sent) == ["a gone", "b0"]
