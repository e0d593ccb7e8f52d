"""How far a place is towards what its plan means to reach."""

from collections.abc import Mapping, Sequence

import msgspec

from bot.desk.names import Names
from bot.desk.targets import Target
from conversations.periods import after
from conversations.wording import load_wording
from knowledge.models import Card
from knowledge.places.gazetteer import contains


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A target beside those of the registrations counted that led to work.

    `people` is the target of all of `years` together, `yearly` its average. `employed` lie in the counted region and
    in the target's. `lapsed`: the plan is over, `since` tells what is known to have followed. `wider`: the target is
    that of a larger place than the one counted, which has none of its own.
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
    share: float
    lapsed: bool
    until: str
    since: str
    wider: bool


def progress(
    employed: Mapping[str, int], region: str | None, today: str, targets: Sequence[tuple[Target, Card]], names: Names
) -> tuple[Progress, ...]:
    """The targets of `region` and of the places in it; failing that, of the smallest place that contains it.

    `employed`: how many registrations led to work, by the place that they name.
    """
    within = [pair for pair in targets if region is None or contains(region, pair[0].region)]
    around = [pair for pair in targets if region is not None and contains(pair[0].region, region)]
    chosen = within or sorted(around, key=lambda pair: pair[0].region)[-1:]
    return tuple(_progress(employed, target, card, today, names, wider=not within) for target, card in chosen)


def _progress(
    employed: Mapping[str, int], target: Target, card: Card, today: str, names: Names, *, wider: bool
) -> Progress:
    number = sum(count for place, count in employed.items() if contains(target.region, place))
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
        share=round(number / target.yearly, 4),
        lapsed=not card.in_force_from.isoformat() <= today <= card.in_force_to.isoformat(),
        until=card.in_force_to.isoformat(),
        since="".join(after(card, load_wording())),
        wider=wider,
    )
