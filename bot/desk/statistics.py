"""Registrations counted: by place, month, need and so on, along the 四个一, to the first contact, against targets.

The counts are for the desk's own eyes. What leaves it goes through `bot.desk.suppression` first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bot.desk.cases import STEPS, Case, Job
from bot.desk.names import Names
from bot.desk.progress import Progress, progress
from bot.desk.targets import Target
from bot.desk.waiting import Waiting, waiting
from conversations.registrations import NEEDS
from knowledge.models import Card
from knowledge.places.gazetteer import containing, contains

TABLES = ("place", "month", "category", "level", "age_band", "need", "programme", "status", "step")


class Scope(msgspec.Struct, frozen=True):
    """Whose registrations are counted: the place (None is everywhere) and the first and last day (ISO 8601), as chosen.

    `today` (ISO 8601) decides which plans are over, and is the last day where none was chosen.
    """

    region: str | None
    since: str | None
    until: str | None
    today: str

    @property
    def within_year(self) -> bool:
        """Whether it is known to be no longer than a year."""
        year_later = f"{int(self.since[:4]) + 1:04}{self.since[4:]}" if self.since else ""
        return (self.until or self.today) < year_later


class Count(msgspec.Struct, frozen=True):
    """How many registrations there are of a code. `count` is None where it may not be told, `hidden` then says so."""

    key: str
    name: str
    count: int | None
    hidden: str = ""

    @property
    def shown(self) -> str:
        """The count as it is read."""
        return self.hidden if self.count is None else str(self.count)


class PlaceCounts(msgspec.Struct, frozen=True):
    """The categories of disability in one place."""

    key: str
    name: str
    counts: tuple[Count, ...]


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """All counts of a scope. `tables` are those of TABLES; one person may count in several categories, needs and
    programmes, and once in each other table. A step counts whoever came to it or beyond.
    """

    region: str | None
    region_name: str
    since: str | None
    until: str | None
    today: str
    total: int
    tables: Mapping[str, tuple[Count, ...]]
    category_by_place: tuple[PlaceCounts, ...]
    waiting: Waiting
    progress: tuple[Progress, ...]


def count(
    cases: Iterable[Case], jobs: Iterable[Job], scope: Scope, names: Names, targets: Sequence[tuple[Target, Card]]
) -> Statistics:
    """The statistics of the `cases` sent in the scope, taken one by one and not kept, and of the `jobs` found in it."""
    tables: dict[str, Counter[str]] = {key: Counter() for key in TABLES}
    crossing: Counter[tuple[str, str]] = Counter()
    waits: Counter[float | None] = Counter()
    places: dict[str, str] = {}
    for case in cases:
        place = places.get(case.region) or places.setdefault(
            case.region, place_within(case.region, scope.region, names)
        )
        for key, codes in _codes(case, place).items():
            for code in codes:
                tables[key][code] += case.number
        for category in case.categories:
            crossing[place, category] += case.number
        waits[None if case.waited is None else round(case.waited, 2)] += case.number
    placed = _by_number(tables["place"])
    return Statistics(
        region=scope.region,
        region_name=names.place(scope.region) if scope.region else "",
        since=scope.since,
        until=scope.until,
        today=scope.today,
        total=tables["place"].total(),
        tables={key: _named(key, counter, names) for key, counter in tables.items()},
        category_by_place=tuple(
            PlaceCounts(
                place,
                names.short_place(place),
                tuple(Count(key, name, crossing[place, key]) for key, name in names.terms.categories.items()),
            )
            for place in placed
        ),
        waiting=waiting(waits),
        progress=progress(jobs, scope.region, scope.today, targets, names, within_year=scope.within_year),
    )


def place_within(code: str, region: str | None, names: Names) -> str:
    """The part of `region` in which `code` lies, one level down: of a province its cities, of a city its counties.

    A level that is there in the codes only (the "city" of 北京市, of counties directly below a province) is passed.
    """
    known = names.gazetteer.names
    own = known.get(region) if region else None
    inner = [
        place
        for place in containing(code)
        if place in known and known[place] != own and (region is None or contains(region, place))
    ]
    return inner[-1] if inner else code


def _codes(case: Case, place: str) -> Mapping[str, Sequence[str]]:
    """What a case counts as in each table; an empty code is what was not said."""
    return {
        "place": (place,),
        "month": (case.month,),
        "category": case.categories or ("",),
        "level": (str(case.level or ""),),
        "age_band": (case.age_band or "",),
        "need": case.needs or ("",),
        "programme": case.programmes,
        "status": (case.status,),
        "step": STEPS[: STEPS.index(case.reached) + 1],
    }


def _named(key: str, counter: Counter[str], names: Names) -> tuple[Count, ...]:
    """A table in the order in which it is read: fixed codes as they follow each other, others by their number."""
    terms = names.terms
    fixed: Mapping[str, Mapping[str, str]] = {
        "category": terms.categories,
        "level": terms.levels,
        "age_band": terms.age_bands,
        "need": {need: terms.needs[need] for need in NEEDS},
        "status": terms.status,
        "step": terms.steps,
    }
    if key in fixed:
        known = fixed[key]
        others = [code for code in sorted(counter) if code not in known]
        words = {**known, **{code: code or terms.not_said for code in others}}
        return tuple(Count(code, words[code], counter[code]) for code in words)
    if key == "month":
        return tuple(Count(month, month, counter[month]) for month in _months(counter))
    name = names.programme if key == "programme" else names.short_place
    return tuple(Count(code, name(code), counter[code]) for code in _by_number(counter))


def _by_number(counter: Counter[str]) -> list[str]:
    return sorted(counter, key=lambda code: (-counter[code], code))


def _months(counter: Counter[str]) -> Iterable[str]:
    """Every month from the first to the last, those without registrations too."""
    if not counter:
        return
    month, last = min(counter), max(counter)
    while month <= last:
        yield month
        year, number = int(month[:4]), int(month[5:])
        month = f"{year + number // 12}-{number % 12 + 1:02}"
