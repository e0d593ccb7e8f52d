"""What happens in a run, worked out before it from its seed: who comes when and says what, and what goes wrong when."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import msgspec

from tests.faults.scripts import Line, Script, mark_of, phone_of

Delivery = Literal["once", "twice", "again", "lost", "with_next"]
"""How a message is sent: once; two at the same time; once more when it has been answered; once more as its answer was
not waited for; at the same time as the next one, which may so come before it."""
ODD: tuple[Delivery, ...] = ("twice", "again", "lost", "with_next", "with_next")
Kind = Literal[
    "kill", "database", "drop", "drop_database", "lose_answers", "delay", "delay_database", "disk_full", "clock"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
WITHOUT_DATABASE: tuple[Kind, ...] = ("kill", "drop", "lose_answers", "delay", "disk_full", "clock")
"""Those of a store that has no server."""
IN_ORDER: tuple[Delivery, ...] = ("twice", "again", "lost")
"""For those whose verdicts are compared with a household's: its answers in their order."""
ONE_BY_ONE: tuple[Delivery, ...] = ("twice", "lost")
"""For those who delete everything in the middle: nothing that came before comes after."""
ODD_SHARE = 0.08
"""Of the messages are not sent just once."""
SHORTEST, LONGEST = 1 / 4, 4.0
"""Times the usual time to read an answer and write the next message: the least and the most."""
CLOCK_HOURS = 60.0
"""How far a clock jumps at most; in a week turns are removed."""
FAULT_SECONDS = (0.3, 2.5)
QUIET_SHARE = 0.05
"""Of the run is quiet at its beginning and at its end."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A line of somebody's, said so many seconds after they were answered."""

    line: Line
    pause: float
    delivery: Delivery


class Person(msgspec.Struct, frozen=True):
    """Somebody who comes `at` so many seconds. `seed` is that of their choices of a process."""

    number: int
    at: float
    script: str
    about: tuple[str, str] | None
    messages: tuple[Message, ...]
    seed: int

    @property
    def phone(self) -> str:
        """Their phone."""
        return phone_of(self.number)

    @property
    def mark(self) -> str:
        """What nobody else says."""
        return mark_of(self.number)


class Fault(msgspec.Struct, frozen=True):
    """Something that goes wrong `at` so many seconds, for so long. `part` (0 to 1) chooses what it happens to, `by`
    (-1 to 1) how much it is."""

    at: float
    kind: Kind
    seconds: float
    part: float
    by: float


class Plan(msgspec.Struct, frozen=True):
    """All of a run of so many `seconds`."""

    seed: int
    seconds: float
    people: Sequence[Person]
    faults: Sequence[Fault]

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return sum(len(person.messages) for person in self.people)

    @property
    def fingerprint(self) -> str:
        """The same for the same plan only."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


def make_plan(
    seed: int,
    scripts: Sequence[Script],
    *,
    seconds: float,
    rate: float,
    pause: float,
    faults: int,
    kinds: Sequence[Kind],
) -> Plan:
    """A run of so many seconds with `rate` messages a second and `pause` seconds before each in the mean, and so many
    faults, of the `kinds` in turn."""
    chance = random.Random(seed)
    usual = sum(len(script.lines) for script in scripts) / len(scripts)
    people, at, messages = list[Person](), 0.0, 0
    while messages < seconds * rate:
        at += chance.expovariate(rate / usual)
        people.append(_person(chance, len(people), at, chance.choice(scripts), pause))
        messages += len(people[-1].messages)
    # People come at random moments of one stretch, whatever they say: as a Poisson process, given how many come.
    stretch = seconds / at
    people = [msgspec.structs.replace(person, at=person.at * stretch) for person in people]
    return Plan(seed, seconds, people, list(_faults(chance, seconds, faults, kinds)))


def _person(chance: random.Random, number: int, at: float, script: Script, pause: float) -> Person:
    lines = script.of(phone_of(number), mark_of(number))
    odd = ONE_BY_ONE if script.erases else IN_ORDER if script.about else ODD
    messages = tuple(_messages(chance, lines, odd, pause))
    return Person(number, at, script.name, script.about, messages, chance.getrandbits(32))


def _messages(chance: random.Random, lines: Sequence[Line], odd: Sequence[Delivery], pause: float) -> Iterator[Message]:
    together = False
    for number, line in enumerate(lines):
        delivery: Delivery = chance.choice(odd) if chance.random() < ODD_SHARE and not together else "once"
        if delivery == "with_next" and number == len(lines) - 1:
            delivery = "twice"
        together = delivery == "with_next"
        yield Message(line, pause * min(SHORTEST + chance.expovariate(1 / (1 - SHORTEST)), LONGEST), delivery)


def _faults(chance: random.Random, seconds: float, count: int, kinds: Sequence[Kind]) -> Iterator[Fault]:
    drawn: list[Kind] = []
    while len(drawn) < count:
        drawn += chance.sample(kinds, len(kinds))
    first, last = QUIET_SHARE * seconds, (1 - QUIET_SHARE) * seconds
    times = sorted(chance.uniform(first, last) for _ in range(count))
    for at, kind in zip(times, drawn, strict=False):
        yield Fault(at, kind, chance.uniform(*FAULT_SECONDS), chance.random(), chance.uniform(-1, 1))
