"""Deliberate races for each guarantee, each with its own connection: none is lost, none is won twice."""

import datetime
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.settings import Settings
from bot.store.base import StaleSession
from bot.store.outbox import Letter
from bot.store.registrations import PERSON
from bot.store.store import Store, open_store
from tests.bot.store.madeup import AT, add, in_memory, registration

LEASE = 60.0


@pytest.fixture
def quick(place: Settings) -> Iterator[Settings]:
    """A place for which no disk need be waited."""
    with in_memory() as folder:
        yield replace(place, data_dir=Path(folder) / "data")


def race(place: Settings, works: list[Callable[[Store, threading.Barrier], None]]) -> None:
    """Each work in a thread with a store of its own; whoever fails frees the others and is told."""
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[Store, threading.Barrier], None]) -> None:
        try:
            with open_store(place) as store:
                barrier.wait()
                work(store, barrier)
        except BaseException as error:
            failed.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_of_two_who_claim_at_once_one_does(quick: Settings) -> None:
    with open_store(quick) as store:
        receipts = [add(store, f"u{number}", registration()) for number in range(300)]
    won: dict[str, list[str]] = {receipt: [] for receipt in receipts}

    def claiming(name: str) -> Callable[[Store, threading.Barrier], None]:
        def work(store: Store, barrier: threading.Barrier) -> None:
            for receipt in receipts:
                barrier.wait()
                if store.leads.claim(receipt, name, AT):
                    won[receipt].append(name)

        return work

    race(quick, [claiming("张"), claiming("李")])
    assert {len(names) for names in won.values()} == {1}
    with open_store(quick) as store:
        for receipt, (name,) in won.items():
            lead = store.leads.get(receipt)
            assert lead and lead.claimed_by == name
            assert [event.actor for event in store.leads.events(receipt) if event.kind == "claimed"] == [name]


def test_of_several_who_take_letters_each_is_taken_by_one(quick: Settings) -> None:
    with open_store(quick) as store:
        for number in range(300):
            letters = [Letter(str(number), msgspec.Raw(b'"%d"' % place)) for place in range(2)]
            store.outbox.owe("web", f"u{number}", letters, 0)
    taken: list[tuple[str, bytes]] = []

    def work(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        while owed := store.outbox.take("web", 1, 7, LEASE):
            assert len(owed) <= 7
            for one in owed:
                taken.append((one.letter.address, bytes(one.letter.content)))
                store.outbox.done(one.id)

    race(quick, [work] * 3)
    assert len(taken) == len(set(taken)) == 600
    assert all(taken.index((str(n), b'"0"')) < taken.index((str(n), b'"1"')) for n in range(300)), "in order"
    with open_store(quick) as store:
        assert store.outbox.next_due("web", 0) is None


def test_those_who_leave_one_number_at_once_are_linked(quick: Settings) -> None:
    phones = [f"138{number:08d}" for number in range(60)]

    def leaving(sender: str) -> Callable[[Store, threading.Barrier], None]:
        def work(store: Store, barrier: threading.Barrier) -> None:
            for phone in phones:
                barrier.wait()
                add(store, f"{sender}{phone}", registration(phone=phone))

        return work

    race(quick, [leaving("mother"), leaving("uncle")])
    with open_store(quick) as store:
        for phone in phones:
            one, other = (store.registrations.of(f"{sender}{phone}")[0].receipt for sender in ("mother", "uncle"))
            lead = store.leads.get(one)
            assert lead and [found.receipt for found in store.leads.linked(lead)] == [other]


def test_what_is_done_alone_is_done_by_one_at_a_time(quick: Settings) -> None:
    with open_store(quick) as store:
        store.database.create_table("done", {"name": str, "times": int}, key="name")
        store.database.execute("INSERT INTO done VALUES ('daily', 0)")

    def work(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        for _ in range(60):
            with store.alone("daily"):
                times = store.database.query("SELECT times FROM done")[0]["times"]
                store.database.execute("UPDATE done SET times = ?", (times + 1,))

    race(quick, [work] * 3)
    with open_store(quick) as store:
        assert store.database.query("SELECT times FROM done") == [{"times": 180}]


def test_all_append_to_one_chain(quick: Settings) -> None:
    def work(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        for number in range(50):
            store.access_log.append(AT, "张", "show", str(number))

    race(quick, [work] * 3)
    with open_store(quick) as store:
        assert len(list(store.access_log.entries())) == 150
        assert store.access_log.first_fault() is None


def test_changes_of_both_ends_wait_for_each_other_in_one_order(quick: Settings) -> None:
    """People amend and delete while the desk links and closes: nobody waits in a circle."""
    with open_store(quick) as store:
        receipts = [add(store, f"u{number % 2}", registration()) for number in range(8)]

    def linking(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        for number in range(60):
            store.leads.link(receipts[number % 8], receipts[(number * 3 + 1) % 8], "张", AT)

    def amending(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        for number in range(60):
            with store.writing():
                store.registrations.amend("u1", receipts[number % 4 * 2 + 1], registration(age=number), AT)

    def erasing(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        for _ in range(30):
            receipts[::2] = [add(store, "u0", registration()) for _ in range(4)]
            store.registrations.erase("u0", AT)

    race(quick, [linking, amending, erasing])


def test_whoever_ends_a_conversation_has_seen_all_that_was_said(quick: Settings) -> None:
    """Of a person who goes on, a caseworker who answers and one who ends it, who is too late is told so."""
    rounds = 150
    with open_store(quick) as store:
        begun = [store.handovers.begin(f"u{number}", "620500", "?", AT) for number in range(rounds)]
    seen: dict[int, int] = {}
    late: list[str] = []

    def saying(store: Store, barrier: threading.Barrier) -> None:
        for one in begun:
            barrier.wait()
            try:
                with store.writing():
                    store.handovers.say(store.handovers.still_open(one.sender), PERSON, "…", AT)
            except StaleSession:
                late.append("person")

    def answering(store: Store, barrier: threading.Barrier) -> None:
        for one in begun:
            barrier.wait()
            with store.writing():
                if store.handovers.hold(one):
                    store.handovers.say(one, "张", "!", AT)
                else:
                    late.append("caseworker")

    def ending(store: Store, barrier: threading.Barrier) -> None:
        for one in begun:
            barrier.wait()
            with store.writing():
                assert store.handovers.close(one, AT)
                seen[one.id] = len(store.handovers.said(one))

    race(quick, [saying, answering, ending])
    with open_store(quick) as store:
        assert {one.id: len(store.handovers.said(one)) for one in begun} == seen
    assert sum(seen.values()) + len(late) == 3 * rounds


def test_a_key_that_is_put_first_waits_for_what_is_sealed_without_it(quick: Settings) -> None:
    """Whatever is under way with the older keys has ended when the new key is there, or begins after it."""
    order: list[str] = []

    def writing(store: Store, barrier: threading.Barrier) -> None:
        with store.writing():
            store.recipients.keep("u", "web", "1", notices=True)
            barrier.wait()
            order.append("written")

    def adding(store: Store, barrier: threading.Barrier) -> None:
        barrier.wait()
        with store.database.exclusive():
            order.append("alone")
            assert store.recipients.get("u")

    race(quick, [writing, adding])
    assert order == ["written", "alone"]


def test_of_two_who_would_do_what_is_due_one_does(quick: Settings) -> None:
    """Two schedulers, 1,000 times: a lease that is free, and one whose holder has died."""
    won: list[list[str]] = [[] for _ in range(1000)]

    def scheduling(holder: str) -> Callable[[Store, threading.Barrier], None]:
        def work(store: Store, barrier: threading.Barrier) -> None:
            for winners in won:
                seen = store.leases.all().get("daily")
                barrier.wait()
                if store.leases.take("daily", holder, seen):
                    winners.append(holder)
                barrier.wait()

        return work

    race(quick, [scheduling("one"), scheduling("other")])
    assert {len(winners) for winners in won} == {1}
    with open_store(quick) as store:
        assert store.leases.all()["daily"].beat == 1000


def test_two_who_remind_on_the_same_day_say_it_once(quick: Settings) -> None:
    """What is done under a lease is not harmed where two do it all the same, 1,000 times."""
    days = [AT.date() + datetime.timedelta(days=number) for number in range(1000)]
    said: list[datetime.date] = []

    def work(store: Store, barrier: threading.Barrier) -> None:
        for day in days:
            barrier.wait()
            with store.writing():
                if store.desk_chats.say_once("张", "morning", day):
                    store.outbox.owe("web", "张", [Letter("1", msgspec.Raw(b"%d" % day.toordinal()))], 0)
                    said.append(day)

    race(quick, [work] * 2)
    assert sorted(said) == days
    with open_store(quick) as store:
        assert store.database.query("SELECT count(*) AS n FROM outbox") == [{"n": 1000}]
