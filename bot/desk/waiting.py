"""How long people waited for their first contact."""

import math
from collections.abc import Mapping

import msgspec


class Waiting(msgspec.Struct, frozen=True):
    """Registrations with a first contact and without, and the days between (None where there was none yet).

    The median is that of statistics.median; `p90_days` is the time within which nine of ten were contacted
    (nearest rank). Both to a tenth of a day.
    """

    contacted: int
    not_contacted: int
    median_days: float | None
    p90_days: float | None


def waiting(waits: Mapping[float | None, int]) -> Waiting:
    """How long the waits were, from how many there were of each (days; None: not contacted)."""
    known = sorted((days, number) for days, number in waits.items() if days is not None)
    contacted = sum(number for _, number in known)
    if not contacted:
        return Waiting(0, waits.get(None, 0), None, None)
    median = (_at(known, (contacted + 1) // 2) + _at(known, contacted // 2 + 1)) / 2
    p90 = _at(known, math.ceil(contacted * 9 / 10))
    return Waiting(contacted, waits.get(None, 0), round(median, 1), round(p90, 1))


def _at(known: list[tuple[float, int]], rank: int) -> float:
    """The wait of the `rank`-th, counted from 1."""
    for days, number in known:
        rank -= number
        if rank <= 0:
            return days
    raise ValueError(rank)
