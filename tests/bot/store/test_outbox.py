"""Order, leases, fairness, one at a time for each person: against a plain list."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.store.outbox import FARTHEST, Letter, Owed
from bot.store.store import Store
from tests.bot.store.madeup import Failing

LEASE = 30.0


def letter(number: int) -> Letter:
    return Letter(f"chat-{number}", msgspec.Raw(b'{"text": "%d"}' % number))


def take(store: Store, now: float, limit: int = 10) -> list[Owed]:
    return list(store.outbox.take("web", now, limit, LEASE))


def test_a_persons_messages_go_in_order_one_at_a_time(store: Store) -> None:
    store.outbox.owe("web", "a", [letter(1), letter(2)], 0)
    store.outbox.owe("web", "b", [letter(3)], 0)
    first = take(store, 0)
    assert [owed.letter for owed in first] == [letter(1), letter(3)] and take(store, 1) == []
    store.outbox.done(first[0].id)
    assert [owed.letter for owed in take(store, 1)] == [letter(2)]


def test_those_who_wait_longest_go_first(store: Store) -> None:
    for number in range(5):
        store.outbox.owe("web", f"u{number}", [letter(number)], 0)
    store.outbox.owe("web", "u0", [letter(9)], 0)
    assert [owed.sender for owed in take(store, 0, 2)] == ["u0", "u1"]
    assert [owed.sender for owed in take(store, 0, 2)] == ["u2", "u3"]


def test_who_is_owed_too_much_gets_the_last_ones_and_what_lasts(store: Store) -> None:
    store.outbox.owe("web", "b", [letter(0)], 0)
    store.outbox.owe("web", "a", [letter(1)], 0)
    on_its_way = next(owed for owed in take(store, 0) if owed.sender == "a")
    lasting = msgspec.structs.replace(letter(2), lasting=True)
    store.outbox.owe("web", "a", [lasting, letter(3), letter(4)], 1, most=4)
    assert store.database.query("SELECT count(*) AS n FROM outbox")[0]["n"] == 5
    for number in range(5, 20):
        store.outbox.owe("web", "a", [letter(number), letter(-number)], 1, most=4)
    store.outbox.done(on_its_way.id)
    told = []
    while owed := take(store, 1):
        told.append(owed[0].letter)
        store.outbox.done(owed[0].id)
    assert told == [lasting, *(letter(number) for number in (18, -18, 19, -19))]


def test_one_who_is_written_to_in_vain_keeps_nobody_waiting(store: Store) -> None:
    store.outbox.owe("web", "blocked", [letter(1), letter(2)], 0)
    store.outbox.owe("web", "a", [letter(3)], 0)
    blocked, _ = take(store, 0)
    store.outbox.later(blocked.id, 100)
    assert take(store, 20) == [] and store.outbox.next_due("web", 20) == LEASE
    (again,) = (owed for owed in take(store, 100) if owed.sender == "blocked")
    assert (again.id, again.attempts) == (blocked.id, 2)


def test_what_a_dead_process_took_is_taken_again_when_its_lease_is_over(store: Store) -> None:
    store.outbox.owe("web", "a", [letter(1)], 0)
    (taken,) = take(store, 5)
    assert store.outbox.next_due("web", 5) == 5 + LEASE and take(store, 4 + LEASE) == []
    (again,) = take(store, 5 + LEASE)
    assert (again.id, again.attempts) == (taken.id, 2)


def test_a_late_word_of_what_was_sent_harms_no_other(store: Store) -> None:
    """Two sent it, since the first was slow; what the second says last must not hit a newer message."""
    store.outbox.owe("web", "a", [letter(1)], 0)
    (first,) = take(store, 0)
    (second,) = take(store, LEASE)
    store.outbox.done(second.id)
    store.outbox.owe("web", "a", [letter(2)], LEASE)
    store.outbox.done(first.id)
    assert [owed.letter for owed in take(store, LEASE)] == [letter(2)]


def test_channels_are_apart(store: Store) -> None:
    store.outbox.owe("web", "a", [letter(1)], 0)
    store.outbox.owe("telegram", "a", [letter(2)], 0)
    assert store.outbox.drop("web", "a") == 1 and store.outbox.next_due("web", 0) is None
    assert [owed.letter for owed in store.outbox.take("telegram", 0, 5, LEASE)] == [letter(2)]


def test_messages_are_owed_together_or_not_at_all(store: Store) -> None:
    Failing(store).fails = 2
    with pytest.raises(ZeroDivisionError):
        store.outbox.owe("web", "a", [letter(1), letter(2)], 0)
    assert take(store, 0) == []


@pytest.mark.parametrize("sealed", ["by nobody", "said"])
def test_one_that_cannot_be_read_is_dropped_and_holds_nobody_up(
    store: Store, caplog: pytest.LogCaptureFixture, sealed: str
) -> None:
    store.outbox.owe("web", "a", [letter(1), letter(2)], 0)
    store.outbox.owe("web", "b", [letter(3)], 0)
    with store.writing():
        damaged = b"damaged" if sealed == "by nobody" else store.keys.seal(b'{"address": "secret"}')
        first = store.database.query("SELECT min(id) AS id FROM outbox")[0]["id"]
        store.database.execute("UPDATE outbox SET sealed = ? WHERE id = ?", (damaged, first))
    assert [owed.letter for owed in take(store, 0)] == [letter(3)]
    assert [owed.letter for owed in take(store, 0)] == [letter(2)], "the damaged one's person goes on too"
    assert f"row {first} of the outbox" in caplog.text and "secret" not in caplog.text


def test_a_clock_that_had_jumped_ahead_silences_nobody(store: Store) -> None:
    year = 365 * 24 * 60 * 60.0
    for sender in "abc":
        store.outbox.owe("web", sender, [letter(1)], year)
    put_off, _ = take(store, year, 2)
    store.outbox.later(put_off.id, year + 50)
    assert store.outbox.next_due("web", 0) == 0
    assert len(take(store, 0)) == 3, "what was put off, what was taken, what was only owed"
    store.outbox.owe("web", "d", [letter(1)], year)
    (taken,) = take(store, 0)
    store.outbox.later(taken.id, FARTHEST)
    assert take(store, 0) == [] and store.outbox.next_due("web", 0) == LEASE
    assert [owed.sender for owed in take(store, FARTHEST)] == ["a", "b", "c", "d"]


PEOPLE = st.sampled_from("abc")


@dataclass
class Entry:
    """What the model holds of a message that is owed."""

    person: str
    number: int
    due: float = 0.0
    leased: float = 0.0
    attempts: int = 0


class Post(RuleBasedStateMachine):
    """Messages are owed, taken, sent, put off; takers die."""

    store: Store

    @initialize()
    def begin(self) -> None:
        self.store.database.execute("DELETE FROM outbox")
        self.now, self.number = 0.0, 0
        self.queue: list[Entry] = []
        self.ids: dict[int, int] = {}
        self.sent: list[tuple[str, int]] = []

    @rule(person=PEOPLE, count=st.integers(1, 3))
    def owe(self, person: str, count: int) -> None:
        numbers = range(self.number, self.number + count)
        self.number += count
        self.store.outbox.owe("web", person, [letter(number) for number in numbers], self.now)
        self.queue += [Entry(person, number) for number in numbers]

    @rule(seconds=st.sampled_from([0.0, 1.0, LEASE, 100.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    def heads(self) -> list[Entry]:
        return [
            entry
            for place, entry in enumerate(self.queue)
            if entry.person not in [earlier.person for earlier in self.queue[:place]]
        ]

    @rule(limit=st.integers(1, 4))
    def take(self, limit: int) -> None:
        free = [entry for entry in self.heads() if max(entry.due, entry.leased) <= self.now][:limit]
        for entry in free:
            entry.leased, entry.attempts = self.now + LEASE, entry.attempts + 1
        taken = take(self.store, self.now, limit)
        assert [(o.sender, o.letter, o.attempts) for o in taken] == [
            (entry.person, letter(entry.number), entry.attempts) for entry in free
        ]
        self.ids |= {entry.number: owed.id for entry, owed in zip(free, taken, strict=True)}

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), later=st.booleans())
    def settle(self, data: st.DataObject, later: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.ids)))
        if later:
            self.store.outbox.later(self.ids[number], self.now + 50)
            for entry in self.queue:
                if entry.number == number:
                    entry.due, entry.leased = self.now + 50, 0.0
        else:
            self.store.outbox.done(self.ids[number])
            self.sent += [(entry.person, number) for entry in self.queue if entry.number == number]
            self.queue = [entry for entry in self.queue if entry.number != number]

    @invariant()
    def the_next_is_known(self) -> None:
        times = [max(entry.due, entry.leased) for entry in self.heads()]
        expected = min((time if time > self.now else 0 for time in times), default=None)
        assert self.store.outbox.next_due("web", self.now) == expected

    def teardown(self) -> None:
        for person in "abc":
            numbers = [number for one, number in self.sent if one == person]
            assert numbers == sorted(set(numbers)), "in order, each once"


def test_whatever_happens_each_is_sent_in_order(store: Store) -> None:
    run_state_machine_as_test(
        type("ThisPost", (Post,), {"store": store}),
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
