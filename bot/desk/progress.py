"""How far a place is towards what its plan means to reach."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec

from bot.desk.cases import Job
from bot.desk.names import Names
from bot.desk.targets import Target
from conversations.periods import after
from conversations.wording import load_wording
from knowledge.models import Card
from knowledge.places.gazetteer import contains


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A target beside the people who came to work in the period counted, whenever they were registered.

    `people` is the target of all of `years` together, `yearly` its average. `employed` are those of the counted region
    and of the target's; `share` is theirs of `yearly`, None where the two cannot be compared: the period may be longer
    than a year, or the target `wider`, that of a larger place than the one counted, which has none of its own.
    `lapsed`: the plan is over, `since` tells what is known to have followed.
    """

    region: str
    region_name: str
    document: str
    years: tuple[int, int]
    people: int
    yearly: int
    counts: str
    quotation: str
    employed: int
    share: float | None
    lapsed: bool
    until: str
    since: str
    wider: bool


def progress(
    jobs: Iterable[Job],
    region: str | None,
    today: str,
    targets: Sequence[tuple[Target, Card]],
    names: Names,
    *,
    within_year: bool,
) -> tuple[Progress, ...]:
    """The targets of `region` and of the places in it; failing that, of the smallest place that contains it.

    `within_year`: the `jobs` are those of a year at most.
    """
    employed = _people(jobs)
    within = [pair for pair in targets if region is None or contains(region, pair[0].region)]
    around = [pair for pair in targets if region is not None and contains(pair[0].region, region)]
    chosen = within or sorted(around, key=lambda pair: pair[0].region)[-1:]
    return tuple(
        _progress(employed, target, card, today, names, wider=not within, within_year=within_year)
        for target, card in chosen
    )


def _people(jobs: Iterable[Job]) -> Mapping[Set[str], int]:
    """How many people came to work, by all the places in which they did: each once, whatever they registered."""
    alone: Counter[Set[str]] = Counter()
    linked: dict[str, set[str]] = {}
    for job in jobs:
        if job.person is None:
            alone[frozenset({job.region})] += job.number
        else:
            linked.setdefault(job.person, set()).add(job.region)
    return alone + Counter(frozenset(places) for places in linked.values())


def _progress(
    employed: Mapping[Set[str], int],
    target: Target,
    card: Card,
    today: str,
    names: Names,
    *,
    wider: bool,
    within_year: bool,
) -> Progress:
    number = sum(
        people for places, people in employed.items() if any(contains(target.region, place) for place in places)
    )
    return Progress(
        region=target.region,
        region_name=names.place(target.region),
        document=card.label,
        years=target.years,
        people=target.people,
        yearly=target.yearly,
        counts=target.counts,
        quotation=target.quotation,
        employed=number,
        share=round(number / target.yearly, 4) if within_year and not wider else None,
        lapsed=not card.in_force_from.isoformat() <= today <= card.in_force_to.isoformat(),
        until=card.in_force_to.isoformat(),
        since="".join(after(card, load_wording())),
        wider=wider,
    )
