"""Batches of several processes, on a database that they share."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import bot.service
from bot.channels.together import Together
from bot.service import CHAT, Service
from bot.settings import Settings
from bot.store.store import open_store
from bot.worker import Worker
from conversations.messages import Incoming, Registered, Reply, Turn
from conversations.registrations import Account
from conversations.session import Session
from tests.bot.store.madeup import AT, registration
from tests.postgres import Server

ROUNDS, PEOPLE = 6, 8


def registering(before: object, incoming: Incoming, at: object, materials: object, account: Account) -> Turn:
    """As `advance`: whatever is said is a registration."""
    return Turn(Session(), (Reply(text=incoming.text),), (Registered(account.receipt, registration()),))


@pytest.fixture
def processes(postgres_place: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Worker[Service]]]:
    """As two processes have it: a thread and a connection each."""
    monkeypatch.setattr(bot.service, "advance", registering)

    def service() -> Service:
        return Service(None, open_store(postgres_place), lambda: AT)  # type: ignore[arg-type]

    workers = [Worker(name, service, lambda one: one.store.close()) for name in ("one", "other")]
    yield workers
    for worker in workers:
        worker.close()


async def test_batches_with_the_same_people_in_another_order_do_not_wait_in_a_circle(
    processes: list[Worker[Service]],
) -> None:
    done: Counter[tuple[str, int, int]] = Counter()

    def turn(service: Service, process: str, number: int, person: int) -> Any:
        done[process, number, person] += 1
        return service.handle(f"u{person}", f"{process} {number}", Incoming(text="说"))

    one, other = map(Together, processes)
    for number in range(ROUNDS):
        batches = [("one", one, range(PEOPLE)), ("other", other, reversed(range(PEOPLE)))]
        said = [
            together.run_for(
                lambda service, person=person: service.store.sender(CHAT, f"u{person}"),  # type: ignore[misc]
                turn, process, number, person,
            )
            for process, together, people in batches
            for person in people
        ]  # fmt: skip
        assert len(await asyncio.gather(*said)) == 2 * PEOPLE
    assert len(done) == 2 * PEOPLE * ROUNDS and set(done.values()) == {1}, "a batch was undone and done again"
    counted = await processes[0].run(
        lambda service: service.store.database.query("SELECT count(*) AS n FROM registrations")
    )
    assert counted == [{"n": 2 * PEOPLE * ROUNDS}]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as a crash"])
async def test_turns_that_a_restart_of_the_server_cut_short_are_made_again(
    postgres: Server, processes: list[Worker[Service]], how: signal.Signals
) -> None:
    """Nobody need ask again: the whole batch was undone, and each turn of it is made anew by itself."""
    tries: Counter[int] = Counter()

    def turn(service: Service, person: int) -> Any:
        tries[person] += 1
        said = service.handle(f"u{person}", "1", Incoming(text="说"))
        if person == 2 and tries[person] == 1:
            postgres.stop(how)
            postgres.start()
        return said

    together = Together(processes[0])
    said = [
        together.run_for(lambda service, person=person: str(person), turn, person)  # type: ignore[misc]
        for person in range(4)
    ]
    assert all(reply[-1]["text"] == "说" for reply in await asyncio.gather(*said))
    assert tries == {0: 2, 1: 2, 2: 2, 3: 2}
    kept = "SELECT count(DISTINCT sender) AS people, count(*) AS n FROM registrations"
    assert await processes[1].run(lambda service: service.store.database.query(kept)) == [{"people": 4, "n": 4}]


async def test_what_is_nobodys_is_done_last(processes: list[Worker[Service]]) -> None:
    """It may hold what somebody's turn waits for, and so must not wait for anybody itself."""
    order: list[str] = []
    together = Together(processes[0])
    people = [
        together.run_for(lambda _, name=name: name, lambda _, name=name: order.append(name))  # type: ignore[misc]
        for name in "ab"
    ]
    await asyncio.gather(people[0], together.run(lambda _: order.append("nobody")), people[1])
    assert order == ["a", "b", "nobody"]
