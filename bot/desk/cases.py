"""What the statistics see of registrations: no name, no phone number, no words."""

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.desk.columns import china_time
from conversations.registrations import Status

STEPS: tuple[Status, ...] = ("registered", "verified", "assessed", "served", "employed")
"""The 四个一 in the order in which the desk takes them, and the work that they lead to."""
DAY = datetime.timedelta(days=1)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A registration, or `number` of them that are alike.

    Months are "2026-11", of China. `reached` is the last step that it was at, whether or not it was closed since;
    `level` is the heaviest (1). `waited` is the time from the registration to the first contact, in days.
    """

    region: str
    month: str
    status: Status
    reached: Status = "registered"
    categories: tuple[str, ...] = ()
    level: int | None = None
    age_band: str | None = None
    needs: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    waited: float | None = None
    number: int = 1


class Job(msgspec.Struct, frozen=True):
    """A registration that led to work, or `number` of them: where, and whose, if the person has others."""

    region: str
    person: str | None = None
    number: int = 1


COLUMNS = (
    *("region", "status", "reached", "categories", "level", "age_band", "needs", "programmes"),
    *("created", "contacted"),
)
"""What is counted of a registration, as the store has it in columns."""


def case_of(row: Mapping[str, Any]) -> Case:
    """What is counted of a registration, from its COLUMNS."""
    created = china_time(row["created"])
    return Case(
        region=row["region"],
        month=_month(created),
        status=row["status"],
        reached=row["reached"],
        categories=parted(row["categories"]),
        level=row["level"],
        age_band=row["age_band"],
        needs=parted(row["needs"]),
        programmes=parted(row["programmes"]),
        waited=(china_time(row["contacted"]) - created) / DAY if row["contacted"] else None,
    )


def parted(joined: str) -> tuple[str, ...]:
    """Several values that stand in one column, each between commas."""
    return tuple(joined.split(",")[1:-1])


def _month(day: datetime.date) -> str:
    return f"{day:%Y-%m}"
