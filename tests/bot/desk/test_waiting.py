"""The desk and a batch of turns, each in a process of its own, wait for each other in one order only (PostgreSQL)."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.models import Caseworker
from bot.desk.names import load_names
from bot.settings import Settings
from bot.store.registrations import LOCK
from bot.store.store import Store, open_store
from bot.store.transcripts import Said
from tests.bot.store.madeup import AT, registration

WANG = Caseworker("王", "worker", "620500")
RECEIPT = "123456782"
Operation = Callable[[Store, int], object]
OPERATIONS: dict[str, Operation] = {
    "claim": lambda store, _: Desk(store, load_names(), lambda: AT).claim(WANG, RECEIPT),
    "answer": lambda store, id_: Handovers(store, lambda: AT).answer(WANG, id_, "请周三来。"),
    "close": lambda store, id_: Handovers(store, lambda: AT).close(WANG, id_),
}


@pytest.fixture
def talk(postgres_place: Settings) -> Iterator[Store]:
    """The talk's store, with somebody on the chat page who has registered and asks."""
    with open_store(postgres_place) as store:
        store.recipients.keep("u", "web", "u", notices=True)
        store.registrations.add("u", RECEIPT, registration(), AT, "web")
        store.handovers.begin("u", "620500", "?", AT)
        yield store


def await_waiting(store: Store) -> None:
    """Until somebody waits for a lock."""
    give_up = time.monotonic() + 10
    waiting = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname IS NOT NULL"
    while not store.database.query(waiting):
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_desk_waits_for_a_batch_and_the_batch_not_for_the_desk(
    postgres_place: Settings, talk: Store, operation: str
) -> None:
    (asked,) = talk.handovers.open()
    failed: list[Exception] = []

    def at_the_desk() -> None:
        try:
            with open_store(postgres_place) as store:
                OPERATIONS[operation](store, asked.id)
        except Exception as error:
            failed.append(error)

    desk = threading.Thread(target=at_the_desk)
    with talk.alone("u", "v"):
        talk.transcripts.add("u", "m1", Said("said"))
        desk.start()
        await_waiting(talk)
        # Another turn of the batch: of somebody who registers, and of whoever asks on.
        with talk.alone(LOCK):
            talk.handovers.still_open("u")
    desk.join()
    assert not failed
    assert [exchange.unasked for exchange in talk.transcripts.last("u")] == [True]
