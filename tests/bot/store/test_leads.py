import datetime
from collections.abc import Callable

import pytest

import bot.store.leads
from bot.desk.models import Filter, Lead
from bot.settings import Settings
from bot.store.registrations import KEPT_AFTER_END
from bot.store.store import Store, open_store
from tests.bot.store.madeup import AT, NAMES, Failing, add, registration

LATER = AT + datetime.timedelta(hours=3)
DAY = datetime.date(2026, 12, 1)


def lead_of(store: Store, receipt: str) -> Lead:
    lead = store.leads.get(receipt)
    assert lead
    return lead


@pytest.fixture
def receipt(store: Store) -> str:
    return add(store, "u", registration())


def test_one_claims_it_until_it_is_released(store: Store, receipt: str) -> None:
    assert store.leads.claim(receipt, "张", AT)
    assert not store.leads.claim(receipt, "李", AT) and not store.leads.claim(receipt, "张", AT)
    assert not store.leads.release(receipt, "李", LATER, "李")
    assert store.leads.release(receipt, "张", LATER, "admin") and lead_of(store, receipt).claimed_by is None
    assert store.leads.claim(receipt, "李", LATER)
    assert [(event.actor, event.kind) for event in store.leads.events(receipt)] == [
        *(("person", "registered"), ("张", "claimed"), ("admin", "released"), ("李", "claimed"))
    ]


@pytest.mark.parametrize("status", ["closed", "withdrawn"])
def test_what_has_ended_is_not_claimed(store: Store, receipt: str, status: str) -> None:
    assert store.leads.set_status(receipt, "registered", status, "张", AT)  # type: ignore[arg-type]
    assert not store.leads.claim(receipt, "张", AT)
    assert store.leads.set_status(receipt, status, "registered", "张", AT)  # type: ignore[arg-type]
    assert store.leads.claim(receipt, "张", AT)


def test_two_processes_that_claim_at_once_are_one(store: Store, place: Settings, receipt: str) -> None:
    with open_store(place) as other:
        assert [store.leads.claim(receipt, "a", AT), other.leads.claim(receipt, "b", AT)] == [True, False]


def test_a_status_moves_from_where_it_was_seen(store: Store, receipt: str) -> None:
    assert store.leads.set_status(receipt, "registered", "verified", "张", AT)
    assert not store.leads.set_status(receipt, "registered", "assessed", "李", LATER)
    lead = lead_of(store, receipt)
    assert lead.status == "verified" and lead.contacted == lead.updated
    assert [event.status for event in store.leads.events(receipt)] == ["registered", "verified"]


def test_what_has_ended_expires_unless_it_is_opened_again(store: Store, receipt: str) -> None:
    def expires() -> str | None:
        (row,) = store.database.query("SELECT expires FROM registrations")
        expiry: str | None = row["expires"]
        return expiry

    store.leads.set_due(receipt, DAY, "张", AT)
    store.leads.set_status(receipt, "registered", "closed", "张", AT)
    assert datetime.datetime.fromisoformat(expires() or "") == AT + KEPT_AFTER_END
    assert lead_of(store, receipt).due is None
    store.leads.set_status(receipt, "closed", "registered", "张", LATER)
    assert expires() is None


def test_the_first_step_counts_as_contact(store: Store, receipt: str) -> None:
    assert store.leads.note(receipt, "张", "打过电话", AT)
    first = lead_of(store, receipt).contacted
    store.leads.note(receipt, "张", "又打了", LATER)
    assert lead_of(store, receipt).contacted == first is not None
    assert [event.text for event in store.leads.events(receipt)] == ["", "打过电话", "又打了"]


def test_follow_ups(store: Store, receipt: str) -> None:
    assert store.leads.set_due(receipt, DAY, "张", AT) and lead_of(store, receipt).due == "2026-12-01"
    assert store.leads.set_due(receipt, None, "张", AT) and lead_of(store, receipt).due is None
    assert [event.text for event in store.leads.events(receipt)] == ["", "2026-12-01", ""]


def test_a_transfer_lets_go_and_moves_every_column(store: Store, receipt: str) -> None:
    store.leads.claim(receipt, "张", AT)
    assert store.leads.transfer(receipt, "510104", "张", LATER, "搬家了")
    lead = lead_of(store, receipt)
    assert lead.claimed_by is None and lead.said.region == "510104"
    assert store.leads.count(Filter(region="510000")) == 1 and store.leads.count(Filter(region="620000")) == 0
    assert store.registrations.of("u")[0].said.region == "510104"


def test_links_join_groups(store: Store) -> None:
    phones = ("13800000001", "13800000001", "13800000002", "13800000002", "13800000003")
    one, two, three, four, alone = (add(store, "u", registration(phone=phone)) for phone in phones)
    assert store.leads.link(two, three, "张", AT)
    linked = {lead.receipt for lead in store.leads.linked(lead_of(store, four))}
    assert linked == {one, two, three} and store.leads.linked(lead_of(store, alone)) == []
    assert store.leads.link(alone, one, "张", AT) and len(store.leads.linked(lead_of(store, alone))) == 4
    assert store.leads.events(two)[-1].text == three and store.leads.events(three)[-1].text == two


def test_nothing_is_linked_with_itself_or_with_nothing(store: Store, receipt: str) -> None:
    assert not store.leads.link(receipt, receipt, "张", AT)
    assert not store.leads.link(receipt, "000000000", "张", AT) and not store.leads.link("000000000", receipt, "张", AT)
    assert len(store.leads.events(receipt)) == 1 and lead_of(store, receipt).linked is None


CHANGES: list[Callable[[Store, str], bool]] = [
    lambda store, receipt: store.leads.claim(receipt, "张", LATER),
    lambda store, receipt: store.leads.note(receipt, "张", "x", LATER),
    lambda store, receipt: store.leads.set_status(receipt, "registered", "verified", "张", LATER),
    lambda store, receipt: store.leads.set_due(receipt, DAY, "张", LATER),
    lambda store, receipt: store.leads.transfer(receipt, "510104", "张", LATER, "x"),
    lambda store, receipt: store.leads.link(receipt, store.registrations.of("other")[0].receipt, "张", LATER),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_event_are_one(store: Store, change: Callable[[Store, str], bool]) -> None:
    """Whichever statement fails, nothing is changed; and an unknown receipt changes nothing."""
    receipt, _ = add(store, "u", registration()), add(store, "other", registration(phone="13900000000"))
    assert not change(store, "000000000")
    before = list(store.leads.all(Filter()))
    database = Failing(store)
    for number in range(1, 10):
        database.fails = number
        try:
            assert change(store, receipt)
        except ZeroDivisionError:
            assert list(store.leads.all(Filter())) == before
        else:
            break
    assert number > 2, "each changes a row and adds an event"
    assert list(store.leads.all(Filter())) != before


def test_all_goes_on_where_the_last_of_a_batch_was_erased(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.store.leads, "BATCH", 2)
    receipts = [add(store, f"u{number}", registration(call_name=NAMES[0])) for number in range(6)]
    seen = []
    for lead, events in store.leads.all(Filter()):
        seen.append(lead.receipt)
        assert [event.kind for event in events] == ["registered"]
        if lead.receipt == receipts[4]:
            store.registrations.erase("u4", LATER)
    assert seen == receipts[::-1]
