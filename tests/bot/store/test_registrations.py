import datetime
import secrets
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.desk.models import Filter
from bot.store.base import StaleSession
from bot.store.registrations import KEPT_AFTER_END, check_digit, erase_where, new_receipt
from bot.store.store import Store
from conversations.registrations import Registration
from tests.bot.store.madeup import AT, PHONES, add, registration, registrations, undone

LATER = AT + datetime.timedelta(days=1)
digits = st.text("0123456789", min_size=8, max_size=8)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("7992739871") == "3"  # ISO/IEC 7812-1, the usual example


@given(digits, st.integers(0, 8), st.integers(1, 9))
def test_one_digit_heard_wrong_is_noticed(number: str, place: int, by: int) -> None:
    receipt = number + check_digit(number)
    wrong = receipt[:place] + str((int(receipt[place]) + by) % 10) + receipt[place + 1 :]
    assert check_digit(wrong[:-1]) != wrong[-1]


@given(digits, st.integers(0, 7))
def test_neighbours_that_change_places_are_noticed(number: str, place: int) -> None:
    receipt = number + check_digit(number)
    swapped = receipt[:place] + receipt[place + 1] + receipt[place] + receipt[place + 2 :]
    unnoticed = swapped == receipt or {receipt[place], receipt[place + 1]} == {"0", "9"}  # Luhn's one gap
    assert (check_digit(swapped[:-1]) == swapped[-1]) == unnoticed


def test_receipts_have_nine_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda _: 7)
    assert new_receipt() == "00000007" + check_digit("00000007")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(first=registrations, second=registrations)
def test_what_is_left_is_there_as_it_was_said(store: Store, first: Registration, second: Registration) -> None:
    with undone(store):
        receipt = add(store, "u", first)
        (own,) = store.registrations.of("u")
        assert (own.receipt, own.status, own.said) == (receipt, "registered", first)
        store.registrations.amend("u", receipt, second, LATER)
        (own,) = store.registrations.of("u")
        assert own.said == second and own.at < own.changed
        assert [said for _, said in store.leads.submissions(receipt)] == [first, second]
        assert store.registrations.of("other") == ()


def test_its_days_are_those_in_china(store: Store) -> None:
    sent = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.UTC)
    receipt = add(store, "u", registration(), sent)
    store.registrations.withdraw("u", receipt, sent + datetime.timedelta(days=1, hours=9))
    (own,) = store.registrations.of("u")
    assert (own.at, own.changed) == ("2026-11-22", "2026-11-23")


def test_a_receipt_is_given_once(store: Store) -> None:
    receipt = add(store, "u", registration())
    with pytest.raises(StaleSession):
        store.registrations.add("other", receipt, registration(), AT, "chat")
    store.registrations.erase("u", LATER)
    with pytest.raises(StaleSession):
        store.registrations.add("other", receipt, registration(), LATER, "chat")
    assert store.leads.count(Filter()) == 0


def test_only_its_sender_changes_a_registration_and_only_while_it_is_open(store: Store) -> None:
    receipt = add(store, "u", registration())
    for sender, number in (("other", receipt), ("u", "000000000")):
        with pytest.raises(StaleSession):
            store.registrations.amend(sender, number, registration(age=30), AT)
        with pytest.raises(StaleSession):
            store.registrations.withdraw(sender, number, AT)
    store.registrations.withdraw("u", receipt, AT)
    changes: list[Callable[[], None]] = [
        lambda: store.registrations.withdraw("u", receipt, AT),
        lambda: store.registrations.amend("u", receipt, registration(age=30), AT),
    ]
    for change in changes:
        with pytest.raises(StaleSession):
            change()
    (own,) = store.registrations.of("u")
    assert own.status == "withdrawn" and own.said == registration()
    assert [event.kind for event in store.leads.events(receipt)] == ["registered", "withdrawn"]


def test_a_withdrawn_one_expires(store: Store) -> None:
    receipt = add(store, "u", registration())
    store.leads.set_due(receipt, datetime.date(2026, 12, 1), "w", AT)
    store.registrations.withdraw("u", receipt, AT)
    (row,) = store.database.query("SELECT expires, due FROM registrations")
    assert datetime.datetime.fromisoformat(row["expires"]) == AT + KEPT_AFTER_END and row["due"] is None


def links(store: Store) -> dict[str, str | None]:
    return {lead.receipt: lead.linked for lead, _ in store.leads.all(Filter())}


def test_one_phone_number_in_one_place_links_whoever_left_it(store: Store) -> None:
    first = add(store, "mother", registration())
    assert links(store) == {first: None}
    second = add(store, "uncle", registration(call_name="小明"))
    elsewhere = add(store, "stranger", registration(region="510104"))
    other = add(store, "neighbour", registration(phone=PHONES[1]))
    assert links(store) == {first: first, second: first, elsewhere: None, other: None}
    # A number that is put right later links too.
    store.registrations.amend("neighbour", other, registration(), LATER)
    assert links(store) == {first: first, second: first, elsewhere: None, other: first}
    lead = store.leads.get(second)
    assert lead and [found.receipt for found in store.leads.linked(lead)] == [first, other]


def test_whoever_follows_it_up_does_so_until_it_is_of_another_place(store: Store) -> None:
    receipt = add(store, "u", registration())
    store.leads.claim(receipt, "worker", AT)
    store.registrations.amend("u", receipt, registration(age=40), LATER)
    lead = store.leads.get(receipt)
    assert lead and lead.claimed_by == "worker"
    store.registrations.amend("u", receipt, registration(region="620503"), LATER)
    lead = store.leads.get(receipt)
    assert lead and lead.claimed_by is None and store.leads.claim(receipt, "neighbour", LATER)


def test_what_is_erased_is_gone_with_its_events_and_others_stay(store: Store) -> None:
    mine = [add(store, "u", registration()), add(store, "u", registration(region="510104"))]
    theirs = add(store, "other", registration())
    store.registrations.erase("u", LATER)
    assert store.registrations.of("u") == () and [own.receipt for own in store.registrations.of("other")] == [theirs]
    (left,) = store.database.query("SELECT count(*) AS n FROM registration_events")
    assert left["n"] == 1
    erased = store.database.query("SELECT receipt, sender FROM erasures ORDER BY receipt")
    assert [(row["receipt"], row["sender"]) for row in erased] == [("", "u"), *((one, "") for one in sorted(mine))]


def test_the_last_erasure_of_a_sender_counts(store: Store) -> None:
    """What they left between the first and the second must not come back from a backup either."""
    store.registrations.erase("u", AT)
    store.registrations.erase("u", LATER)
    (row,) = store.database.query("SELECT at FROM erasures")
    assert datetime.datetime.fromisoformat(row["at"]) == LATER


def test_erasing_says_how_many(store: Store) -> None:
    receipts = [add(store, "u", registration()) for _ in range(3)]
    assert erase_where(store.database, "receipt <> ?", (receipts[0],), AT.isoformat()) == 2
    assert [own.receipt for own in store.registrations.of("u")] == receipts[:1]
