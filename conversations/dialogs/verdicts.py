"""Verdicts in words: what fits first, then what is open and what decides it, then what does not fit and why."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from conversations.dialogs.programmes import Telling, grounds, item, name_of
from conversations.periods import periods
from knowledge.eligibility import REGION, SUBJECT, CriterionVerdict, Verdict
from knowledge.programmes.models import Tier

GROUPS = (
    ("results.meets", "meets", ("benefit", "service")),
    ("results.duties", "meets", ("duty", "ban")),
    ("results.unknown", "unknown", ("benefit", "service", "duty", "ban")),
    ("results.lacks", "lacks", ("benefit", "service")),
)
WORTH_TELLING: dict[str, tuple[Tier, ...]] = {"meets": ("A", "B", "C"), "unknown": ("A",), "lacks": ("A",)}
"""The tiers that a summary of all programmes tells of, by verdict."""


class Group(msgspec.Struct, frozen=True):
    """Programmes that a household stands to alike, most useful first, under their heading."""

    heading: str
    verdicts: Sequence[Verdict]


def grouped(telling: Telling, verdicts: Iterable[Verdict]) -> Sequence[Group]:
    """The verdicts to tell; where the place is not known, those that it leaves open by places."""
    meant = [verdict for verdict in verdicts if not any(map(_wrong_subject, verdict.criteria))]
    groups: list[Group] = []
    for key, word, kinds in GROUPS:
        found = [v for v in meant if v.verdict == word and v.programme.entry.kind in kinds]
        if word == "unknown" and REGION not in telling.facts:
            groups += _by_place(telling, found)
        elif found:
            heading = telling.say(key, who=telling.who, count=str(len(found)))
            groups.append(Group(heading, sorted(found, key=_urgency)))
    return groups


def _by_place(telling: Telling, verdicts: Sequence[Verdict]) -> Iterator[Group]:
    """A province after the other, each with its cities beside it."""
    places = {name_of(verdict.programme)[1]: verdict.programme.regions[0] for verdict in verdicts}
    for place in sorted(places, key=places.__getitem__):
        here = [verdict for verdict in verdicts if name_of(verdict.programme)[1] == place]
        heading = telling.say("results.unknown_at", place=place, count=str(len(here)))
        yield Group(heading, sorted(here, key=_urgency))


def in_full(telling: Telling, verdicts: Iterable[Verdict]) -> Iterator[str]:
    """All that is worth telling of `verdicts`, a line each, with quotations: for who reads it at one go."""
    worth = [verdict for verdict in verdicts if verdict.programme.entry.tier in WORTH_TELLING[verdict.verdict]]
    told: list[Verdict] = []
    groups = grouped(telling, worth)
    if not groups:
        yield telling.say("results.none", who=telling.who)
    elif REGION not in telling.facts:
        yield telling.say("results.place_decides", who=telling.who)
    for group in groups:
        yield group.heading
        for verdict in group.verdicts:
            told.append(verdict)
            yield item(telling, len(told), verdict)
            yield from grounds(telling, verdict)
    yield from closing(telling, told)


def closing(telling: Telling, told: Sequence[Verdict]) -> Iterator[str]:
    """What goes with all that was told: that periods are over, and that nothing is a promise."""
    yield from periods(map(telling.card, told), telling.day, telling.say)
    if any(verdict.verdict != "lacks" for verdict in told):
        yield telling.say("results.promise")


def _urgency(verdict: Verdict) -> tuple[bool, str, bool, bool, bool]:
    """What holds where the person is, what is worth a guided dialog, money, and their own city before its province."""
    entry = verdict.programme.entry
    place_open = any(criterion.fact == REGION for criterion in verdict.criteria if criterion.verdict == "unknown")
    return (
        place_open,
        entry.tier,
        entry.amount is None,
        entry.kind != "benefit",
        verdict.programme.regions[0].endswith("0000"),
    )


def _wrong_subject(criterion: CriterionVerdict) -> bool:
    """Whether the programme is not for such as this household at all: then it is not worth telling."""
    return criterion.fact == SUBJECT and criterion.verdict == "lacks"
