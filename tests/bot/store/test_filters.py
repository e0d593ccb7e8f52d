"""Filters against a plain-Python filter over the same data."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.store.leads
from bot.desk.models import Counted, Filter, Lead, Order, Part
from bot.store.filters import midnight
from bot.store.store import Store
from conversations.registrations import NEEDS, Registration
from knowledge.places.gazetteer import contains
from tests.bot.store.madeup import (
    AT,
    CATEGORIES,
    NAMES,
    PHONES,
    PROGRAMMES,
    REGIONS,
    add,
    registration,
    registrations,
    times,
    undone,
)

WORKERS = ("张", "Li")
WIDE_PHONE = PHONES[1].translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
STATUSES = ("registered", "verified", "closed")
days = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)).map(datetime.date.isoformat)


def optional(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.none() | values


# What looks like a wildcard, or is in another case, must find nothing.
near = st.sampled_from(["%", "_", "TS-%", "ts-31", "home%work", "homeXwork", "", ",", "SCX12", "FJ%"])
filters = st.builds(
    Filter,
    region=optional(st.sampled_from(REGIONS)),
    status=optional(st.sampled_from(STATUSES)),
    since=optional(days),
    until=optional(days),
    programme=optional(st.sampled_from(PROGRAMMES) | near),
    need=optional(st.sampled_from(NEEDS) | near),
    category=optional(st.sampled_from(CATEGORIES)),
    claimed_by=optional(st.sampled_from(WORKERS)),
    unclaimed=st.booleans(),
    open=st.booleans(),
    due_by=optional(days),
    query=optional(st.sampled_from([*NAMES, *PHONES, "+86 138-0000-0001", WIDE_PHONE, " 李 ", "王", "%"])),
)


class Case:
    """A registration and what the desk did with it."""

    def __init__(
        self, said: Registration, at: datetime.datetime, status: str, worker: str | None, due: str | None
    ) -> None:
        self.said, self.at, self.status, self.worker, self.due = said, at, status, worker, due

    def put(self, store: Store) -> str:
        receipt = add(store, "u", self.said, self.at)
        if self.worker:
            store.leads.claim(receipt, self.worker, AT)
        if self.due:
            store.leads.set_due(receipt, datetime.date.fromisoformat(self.due), "w", AT)
        if self.status != "registered":
            store.leads.set_status(receipt, "registered", self.status, "w", AT)  # type: ignore[arg-type]
        return receipt


cases = st.builds(
    Case,
    registrations,
    times,
    st.sampled_from(STATUSES),
    st.none() | st.sampled_from(WORKERS),
    st.none() | days,
)


def fits(lead: Lead, wanted: Filter) -> bool:
    said = lead.said
    day = datetime.datetime.fromisoformat(lead.created).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    query = {"+86 138-0000-0001": PHONES[0], WIDE_PHONE: PHONES[1], " 李 ": "李"}.get(wanted.query or "", wanted.query)
    return (
        (wanted.region is None or contains(wanted.region, said.region))
        and wanted.status in (None, lead.status)
        and (wanted.since is None or day >= wanted.since)
        and (wanted.until is None or day <= wanted.until)
        and (wanted.programme is None or wanted.programme in said.programmes)
        and (wanted.need is None or wanted.need in said.needs)
        and (wanted.category is None or wanted.category in said.disability)
        and wanted.claimed_by in (None, lead.claimed_by)
        and (wanted.due_by is None or (lead.due is not None and lead.due <= wanted.due_by))
        and not (wanted.unclaimed and lead.claimed_by)
        and not (wanted.open and lead.status == "closed")
        and query in (None, said.call_name, said.phone, lead.receipt)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.data(), given_cases=st.lists(cases, min_size=3, max_size=8), wanted=st.lists(filters, max_size=6))
def test_a_filter_finds_what_fits_and_nothing_else(
    store: Store, data: st.DataObject, given_cases: list[Case], wanted: list[Filter]
) -> None:
    with undone(store):
        receipts = [case.put(store) for case in given_cases]
        leads = [lead for receipt in reversed(receipts) if (lead := store.leads.get(receipt))]
        leads.sort(key=lambda lead: lead.created, reverse=True)
        own = [Filter(query=data.draw(st.sampled_from(receipts))), Filter()]
        for one in [*own, *wanted]:
            expected = [lead for lead in leads if fits(lead, one)]
            assert store.leads.page(one, 100) == expected, one
            assert store.leads.count(one) == len(expected)
            assert [lead for lead, _ in store.leads.all(one)] == expected
            if expected:
                paged = [store.leads.page(one, 2)]
                while paged[-1]:
                    paged.append(store.leads.page(one, 2, paged[-1][-1].receipt))
                assert [lead for page in paged for lead in page] == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    given_cases=st.lists(cases, min_size=3, max_size=8),
    wanted=filters,
    order=st.sampled_from(["newest", "oldest", "due"]),
)
def test_parts_of_a_list_come_to_the_whole_however_few_are_looked_through(
    store: Store, given_cases: list[Case], wanted: Filter, order: Order
) -> None:
    with undone(store), pytest.MonkeyPatch.context() as patched:
        patched.setattr(bot.store.leads, "LOOKED", 2)
        for case in given_cases:
            case.put(store)
        expected = store.leads.page(wanted, 100, order=order)
        part = store.leads.part(wanted, 2, None, order)
        found = [*part.leads]
        while part.next:
            part = store.leads.part(wanted, 2, part.next, order)
            found += part.leads
        assert found == expected
        number = store.leads.count(wanted)
        for most in (1, 100):
            counted = store.leads.count_some(wanted, most)
            assert counted.number <= min(most, number)
            assert not counted.all or counted.number == number
        patched.undo()
        assert store.leads.count_some(wanted, 100) == Counted(number, True)
        assert store.leads.part(wanted, 100, None, order) == Part(expected, None)


def test_a_part_after_what_is_not_there_is_empty(store: Store) -> None:
    assert store.leads.part(Filter(), 2, "123456782") == Part((), None)


@pytest.mark.parametrize(("query", "found"), [("1234-5678 2", True), ("１２３４５６７８２", True), ("12345678", False)])
def test_a_receipt_is_found_however_it_is_written(store: Store, query: str, found: bool) -> None:
    store.registrations.add("u", "123456782", registration(), AT, "chat")
    assert store.leads.count(Filter(query=query)) == found


def test_a_day_is_a_day_in_china() -> None:
    assert midnight(datetime.date(2026, 11, 22)) == "2026-11-21T16:00:00.000+00:00"


@pytest.mark.parametrize(("day", "since", "until"), [("0001-01-01", 1, 0), ("9999-12-31", 0, 1)])
def test_the_first_and_the_last_day_that_there_are_are_days_too(store: Store, day: str, since: int, until: int) -> None:
    add(store, "u", registration())
    assert store.leads.count(Filter(since=day)) == since and store.leads.count(Filter(until=day)) == until
