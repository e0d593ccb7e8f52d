"""The plan: all of it comes from the seed, and it is what was asked for."""

import collections
import itertools

import pytest

from conversations.materials import Materials
from tests.bot.talk import ERASE
from tests.faults.plan import KINDS, LONGEST, SHORTEST, Plan, make_plan
from tests.faults.scripts import MARK, OWN_PHONE, Script, load_scripts, mark_of, phone_of


@pytest.fixture(scope="module")
def scripts(materials: Materials) -> list[Script]:
    return list(load_scripts(materials))


def plan(scripts: list[Script], seed: int) -> Plan:
    return make_plan(seed, scripts, seconds=60, rate=100, pause=2, faults=2 * len(KINDS), kinds=KINDS)


def test_the_seed_decides_everything(scripts: list[Script]) -> None:
    assert plan(scripts, 1) == plan(scripts, 1) and plan(scripts, 1) != plan(scripts, 2)
    assert plan(scripts, 1).fingerprint == plan(scripts, 1).fingerprint != plan(scripts, 2).fingerprint


def test_it_is_what_was_asked_for(scripts: list[Script]) -> None:
    made = plan(scripts, 1)
    times = [person.at for person in made.people]
    assert 6000 <= made.messages < 6050 and times == sorted(times) and times[0] > 0 and times[-1] <= 60.001
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    assert 0.7 < variance / mean**2 < 1.4, "the time between two people is that of a Poisson process"
    pauses = [message.pause for person in made.people for message in person.messages]
    assert min(pauses) >= 2 * SHORTEST and max(pauses) <= 2 * LONGEST and 1.8 < sum(pauses) / len(pauses) < 2.1
    assert collections.Counter(fault.kind for fault in made.faults) == dict.fromkeys(KINDS, 2)
    assert all(3 <= fault.at <= 57 for fault in made.faults)
    deliveries = collections.Counter(message.delivery for person in made.people for message in person.messages)
    assert len(deliveries) == 5 and min(deliveries.values()) > 20 and deliveries["once"] > 0.9 * made.messages


def test_what_must_come_in_order_does(scripts: list[Script]) -> None:
    for person in plan(scripts, 1).people:
        deliveries = [message.delivery for message in person.messages]
        if any(message.line.text == ERASE for message in person.messages):
            assert not {"again", "with_next"} & set(deliveries)
        assert not (person.about and "with_next" in deliveries) and deliveries[-1] != "with_next"


def test_everybody_has_marks_of_their_own(scripts: list[Script]) -> None:
    made = plan(scripts, 1)
    assert len({phone_of(number) for number in range(5000)} | {mark_of(number) for number in range(5000)}) == 10_000
    seen = 0
    for person in made.people:
        text = "\n".join(message.line.text for message in person.messages)
        assert {*OWN_PHONE.findall(text), *MARK.findall(text)} <= {person.phone, person.mark}
        seen += person.mark in text and person.phone in text
    assert seen > 50
