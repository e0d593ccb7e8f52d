"""What the statistics see of a registration: no name, no phone number, no words."""

import datetime
from collections.abc import Iterable

import msgspec

from bot.desk.columns import china_time
from bot.desk.models import Lead, LeadEvent
from conversations.registrations import Status

STEPS: tuple[Status, ...] = ("registered", "verified", "assessed", "served", "employed")
"""The 四个一 in the order in which the desk takes them, and the work that they lead to."""
DAY = datetime.timedelta(days=1)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A registration, or `number` of them that are alike.

    Months are "2026-11", of China. `reached` is the last step that it was at, whether or not it was closed since;
    `employed` is the month in which that was work. `level` is the heaviest (1). `waited` is the time from the
    registration to the first contact, in days.
    """

    region: str
    month: str
    status: Status
    reached: Status = "registered"
    employed: str | None = None
    categories: tuple[str, ...] = ()
    level: int | None = None
    age_band: str | None = None
    needs: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    waited: float | None = None
    number: int = 1


def case_of(lead: Lead, events: Iterable[LeadEvent]) -> Case:
    """What is counted of a registration, from its events, oldest first."""
    reached: Status = "registered"
    since = lead.created
    for event in events:
        if event.status in STEPS and event.status is not None:
            reached, since = event.status, event.at
    created = china_time(lead.created)
    return Case(
        region=lead.said.region,
        month=_month(created),
        status=lead.status,
        reached=reached,
        employed=_month(china_time(since)) if reached == "employed" else None,
        categories=lead.said.disability,
        level=min(lead.said.levels.values(), default=None),
        age_band=lead.said.age_band,
        needs=lead.said.needs,
        programmes=lead.said.programmes,
        waited=(china_time(lead.contacted) - created) / DAY if lead.contacted else None,
    )


def _month(day: datetime.date) -> str:
    return f"{day:%Y-%m}"
