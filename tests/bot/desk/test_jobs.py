"""Who counts as come to work in a period: whoever did so in it, whenever they registered, each person once."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.desk.leads import Desk
from bot.desk.models import Caseworker, Filter
from bot.desk.permissions import NATION
from bot.settings import CHINA
from bot.store.store import Store
from tests.bot.store.madeup import add, registration

FILE = yaml.safe_load(Path(__file__).with_name("jobs.yaml").read_text("utf-8"))
STEPS = ("employed", "served", "closed")
ALL = Caseworker("root", "admin", NATION)


def noon(day: str) -> datetime.datetime:
    return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(12), CHINA)


def kept(store: Store, number: int, told: dict[str, Any]) -> str:
    said = registration(region=told["region"], phone=f"1380000000{number}", needs=tuple(told.get("needs", ())))
    receipt = add(store, f"u{number}", said, noon(told["sent"]))
    before: Any = "registered"
    for step in STEPS:
        if step in told:
            assert store.leads.set_status(receipt, before, step, "w", noon(told[step]))  # type: ignore[arg-type]
            before = step
    return receipt


def test_work_is_counted_when_it_was_come_to(store: Store, desk: Desk) -> None:
    groups: dict[str, str] = {}
    with store.writing():
        for number, told in enumerate(FILE["registrations"]):
            receipt = kept(store, number, told)
            if group := told.get("linked"):
                if group in groups:
                    store.leads.link(groups[group], receipt, "w", noon("2026-07-01"))
                groups[group] = receipt
    for expect in FILE["expect"]:
        wanted = Filter(**{name: value for name, value in expect.items() if name != "people"})
        (first, *_) = desk.statistics(ALL, wanted).progress
        assert first.employed == expect["people"], expect


@pytest.mark.parametrize("moment", ["2025-12-31T15:59:59+00:00", "2025-12-31T16:00:00+00:00"])
def test_a_year_begins_at_midnight_in_china(store: Store, desk: Desk, moment: str) -> None:
    receipt = add(store, "u", registration(region="620500"), noon("2025-11-03"))
    store.leads.set_status(receipt, "registered", "employed", "w", datetime.datetime.fromisoformat(moment))
    years = [
        desk.statistics(ALL, Filter(region="620500", since=f"{year}-01-01", until=f"{year}-12-31")).progress[0].employed
        for year in (2025, 2026)
    ]
    assert years == [int("59" in moment), int("59" not in moment)]
