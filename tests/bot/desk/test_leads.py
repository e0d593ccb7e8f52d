"""The desk's operations: by whoever may, on what is theirs, and recorded."""

import datetime
from collections.abc import Callable, Mapping
from typing import get_args

import pytest

from bot.desk.accounts import Accounts
from bot.desk.leads import Desk
from bot.desk.models import Caseworker, Filter, Role
from bot.desk.permissions import NATION, Refused
from bot.store.store import Store
from conversations.registrations import Status
from tests.bot.desk.conftest import AT, SOMEBODY, Register

WORKER = Caseworker("王芳", "worker", "620500")
OTHER = Caseworker("李强", "worker", "620500")
HERE, PARENT, BESIDE, ABROAD = "620503", "620000", "620502", "350500"
DAY = datetime.date(2026, 12, 1)

Do = Callable[[Desk, Caseworker, str, str], object]
ON_ONE: Mapping[str, Do] = {
    "show": lambda desk, who, receipt, _: desk.show(who, receipt),
    "linked": lambda desk, who, receipt, _: desk.linked(who, receipt),
    "reveal": lambda desk, who, receipt, _: desk.reveal(who, receipt, "联系本人"),
    "claim": lambda desk, who, receipt, _: desk.claim(who, receipt),
    "note": lambda desk, who, receipt, _: desk.note(who, receipt, "已通话"),
    "status": lambda desk, who, receipt, _: desk.set_status(who, receipt, "verified"),
    "due": lambda desk, who, receipt, _: desk.set_due(who, receipt, DAY),
    "transfer": lambda desk, who, receipt, _: desk.transfer(who, receipt, "620102"),
    "link": lambda desk, who, receipt, other: desk.link(who, receipt, other),
}
ON_MANY: Mapping[str, Callable[[Desk, Caseworker, Filter], object]] = {
    "list": lambda desk, who, wanted: desk.page(who, wanted, 10),
    "count": lambda desk, who, wanted: desk.count(who, wanted),
    "stats": lambda desk, who, wanted: desk.statistics(who, wanted).total,
    "export": lambda desk, who, wanted: list(desk.export(who, wanted)),
}
VIEWERS = {"show", "linked", "list", "count", "stats"}
PLACES = {"own": HERE, "parent": PARENT, "nation": NATION, "sibling": BESIDE, "other": ABROAD}
MAY_SEE = {"own", "parent", "nation"}


def refusal(act: Callable[[], object]) -> str | None:
    try:
        act()
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_who_may_do_what_to_a_registration(
    desk: Desk, register: Register, store: Store, role: Role, place: str
) -> None:
    who = Caseworker("somebody", role, PLACES[place])
    for operation, do in ON_ONE.items():
        receipt, other = register(), register(phone="13900000000")
        before = store.leads.get(receipt), store.leads.events(receipt), list(store.access_log.entries())
        refused = refusal(lambda: do(desk, who, receipt, other))  # noqa: B023
        if role == "viewer" and operation not in VIEWERS:
            assert refused == "role", operation
        else:
            assert refused == (None if place in MAY_SEE else "not_found"), operation
        if refused:
            assert (store.leads.get(receipt), store.leads.events(receipt), list(store.access_log.entries())) == before
        gone = Caseworker("somebody", role, PLACES[place], active=False)
        assert refusal(lambda: do(desk, gone, receipt, other)) == "disabled"  # noqa: B023


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_who_may_do_what_to_the_registrations_of_a_place(
    desk: Desk, register: Register, role: Role, place: str
) -> None:
    register()
    who = Caseworker("somebody", role, PLACES[place])
    for operation, do in ON_MANY.items():
        refused = refusal(lambda: do(desk, who, Filter(region=HERE)))  # noqa: B023
        if role == "viewer" and operation not in VIEWERS:
            assert refused == "role", operation
            continue
        assert refused == (None if place in MAY_SEE else "other_place"), operation
        found = do(desk, who, Filter())
        assert (found if isinstance(found, int) else len(found)) == (place in MAY_SEE)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_who_may_manage_accounts(accounts: Accounts, role: Role, place: str) -> None:
    accounts.add(Caseworker("root", "admin", NATION), "张三", "worker", HERE)
    who = Caseworker("somebody", role, PLACES[place])
    expected = "role" if role != "admin" else None if place in MAY_SEE else "no_account"
    assert refusal(lambda: accounts.new_code(who, "张三")) == expected
    assert refusal(lambda: accounts.disable(who, "张三")) == expected
    expected = "role" if role != "admin" else None if place in MAY_SEE else "other_place"
    assert refusal(lambda: accounts.add(who, "李四", "viewer", HERE)) == expected
    names = {one.name for one in accounts.all(who)} if role == "admin" else set()
    assert ("张三" in names) == (role == "admin" and place in MAY_SEE)


def test_lists_are_masked_and_a_reason_reveals(desk: Desk, register: Register, store: Store) -> None:
    receipt = register()
    for lead in (desk.page(WORKER, Filter(), 10)[0], desk.show(WORKER, receipt)[0]):
        text = str(lead)
        assert "小明" not in text and "13812345678" not in text and "想学电脑" not in text
        assert lead.said.call_name == "王**" and lead.said.phone == "138****5678"
    assert refusal(lambda: desk.reveal(WORKER, receipt, " ")) == "reason"
    assert desk.reveal(WORKER, receipt, "联系本人").said == SOMEBODY
    recorded = [(one.caseworker, one.operation, one.subject, one.reason) for one in store.access_log.entries()]
    assert recorded == [("王芳", "show", receipt, ""), ("王芳", "reveal", receipt, "联系本人")]


def test_one_of_two_who_claim_has_it(desk: Desk, register: Register) -> None:
    receipt = register()
    desk.claim(WORKER, receipt)
    assert refusal(lambda: desk.claim(OTHER, receipt)) == "claimed"
    assert refusal(lambda: desk.release(OTHER, receipt)) == "not_yours"
    desk.release(WORKER, receipt)
    desk.claim(OTHER, receipt)
    desk.release(Caseworker("头", "admin", "620500"), receipt)
    lead, events = desk.show(WORKER, receipt)
    assert lead.claimed_by is None
    assert [(event.kind, event.actor) for event in events] == [
        ("registered", "person"),
        ("claimed", "王芳"),
        ("released", "王芳"),
        ("claimed", "李强"),
        ("released", "头"),
    ]


def test_the_steps_follow_one_another(desk: Desk, register: Register) -> None:
    receipt = register()
    steps: tuple[Status, ...] = ("verified", "assessed", "served", "employed", "closed", "registered")
    for status in steps:
        assert refusal(lambda: desk.set_status(WORKER, receipt, "withdrawn")) == "step"
        desk.set_status(WORKER, receipt, status)
    lead, events = desk.show(WORKER, receipt)
    assert lead.status == "registered" and lead.contacted
    assert [event.status for event in events] == ["registered", *steps]
    assert refusal(lambda: desk.set_status(WORKER, receipt, "served")) == "step"


def test_what_has_ended_is_left_alone(desk: Desk, register: Register) -> None:
    receipt = register()
    desk.set_due(WORKER, receipt, DAY)
    desk.set_status(WORKER, receipt, "closed")
    for act in ("claim", "due", "transfer"):
        assert refusal(lambda act=act: ON_ONE[act](desk, WORKER, receipt, "")) == "ended"  # type: ignore[misc]
    assert desk.show(WORKER, receipt)[0].due is None


def test_a_transfer_hands_it_over(desk: Desk, register: Register) -> None:
    receipt = register()
    desk.claim(WORKER, receipt)
    assert refusal(lambda: desk.transfer(WORKER, receipt, "999999")) == "no_place"
    assert refusal(lambda: desk.transfer(WORKER, receipt, HERE)) == "same_place"
    desk.transfer(WORKER, receipt, "620102", "户口在那里")
    assert refusal(lambda: desk.show(WORKER, receipt)) == "not_found"
    lead, events = desk.show(Caseworker("兰", "worker", "620102"), receipt)
    assert (
        lead.said.region == "620102" and lead.claimed_by is None and events[-1].text == "甘肃省兰州市城关区 户口在那里"
    )
    assert (
        refusal(lambda: desk.transfer(Caseworker("root", "admin", NATION), receipt, HERE, "长" * 201))
        == "transfer_reason"
    )


def test_those_of_one_phone_are_linked_and_others_can_be(desk: Desk, register: Register) -> None:
    first, second, third = register(), register(), register(phone="13900000000")
    assert [lead.receipt for lead in desk.linked(WORKER, first)] == [second]
    desk.link(WORKER, third, second)
    assert {lead.receipt for lead in desk.linked(WORKER, third)} == {first, second}
    assert refusal(lambda: desk.link(WORKER, third, third)) == "same_receipt"


@pytest.mark.parametrize("text", ["", "  ", "长" * 2001])
def test_a_note_says_something(desk: Desk, register: Register, text: str) -> None:
    receipt = register()
    assert refusal(lambda: desk.note(WORKER, receipt, text)) == "note"
    assert refusal(lambda: desk.set_due(WORKER, receipt, AT.date() - datetime.timedelta(days=1))) == "past"


def test_an_export_is_recorded_before_anything_is_seen(desk: Desk, register: Register, store: Store) -> None:
    register()
    desk.export(WORKER, Filter(status="registered", query="13812345678"))
    (entry,) = store.access_log.entries()
    assert entry.operation == "export" and entry.subject == "620500"
    assert "registered" in entry.reason and "138" not in entry.reason


def test_questions_that_no_text_answers_go_to_their_place(desk: Desk, store: Store) -> None:
    from conversations.messages import Unanswered

    for region in (HERE, ABROAD, None, HERE):
        store.ledger.unanswered(Unanswered("nothing", region, "医保 报销"), AT.date())
    found = desk.questions(WORKER, AT.date())
    assert [(row["region"], row["times"]) for row in found] == [(HERE, 2), (None, 1)]
    nation = Caseworker("root", "admin", NATION)
    assert {row["region"] for row in desk.questions(nation, AT.date())} == {HERE, ABROAD, None}
    assert {row["region"] for row in desk.questions(nation, AT.date(), region=ABROAD)} == {ABROAD, None}
    assert desk.questions(nation, datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)) == []
    assert refusal(lambda: desk.questions(WORKER, AT.date(), region=ABROAD)) == "other_place"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Filter(category="听力残疾"), "no_category"),
        (Filter(need="work"), "no_need"),
        (Filter(programme="TS-310"), "no_programme"),
        (Filter(since="2026-11-02", until="2026-11-01"), "period"),
    ],
)
def test_what_nothing_could_fit_is_refused_instead_of_finding_nothing(desk: Desk, wanted: Filter, code: str) -> None:
    assert refusal(lambda: desk.check(WORKER, wanted)) == code


def test_a_page_after_one_that_is_gone_is_refused(desk: Desk, register: Register) -> None:
    wanted = Filter(category="视力", need="job", programme="TS-31", since="2026-11-01")
    desk.check(WORKER, wanted, register())
    elsewhere = register(region="350500")
    assert refusal(lambda: desk.check(WORKER, Filter(), "123456782")) == "no_page"
    assert refusal(lambda: desk.check(WORKER, Filter(), elsewhere)) == "no_page"


@pytest.mark.parametrize("name", ["", "a", "x" * 21, "a b", "<b>", "operator", "person", "a\n"])
def test_a_name_that_cannot_be_one(accounts: Accounts, name: str) -> None:
    root = Caseworker("root", "admin", NATION)
    assert refusal(lambda: accounts.add(root, name, "worker", HERE)) == "bad_name"


def test_an_account_has_one_code_at_a_time_and_it_works_once(accounts: Accounts, store: Store) -> None:
    root = Caseworker("root", "admin", NATION)
    first = accounts.add(root, "王芳", "worker", HERE)
    assert refusal(lambda: accounts.add(root, "王芳", "admin", HERE)) == "name_taken"
    second = accounts.new_code(root, "王芳")
    assert store.staff.redeem(first, AT) is None
    assert store.staff.redeem(second, AT + datetime.timedelta(days=4)) is None
    redeemed = store.staff.redeem(second, AT)
    assert redeemed and redeemed.name == "王芳" and store.staff.redeem(second, AT) is None
    third = accounts.new_code(root, "王芳")
    accounts.disable(root, "王芳")
    assert store.staff.redeem(third, AT) is None and refusal(lambda: accounts.get("王芳")) == "disabled"
    assert refusal(lambda: accounts.get("没有")) == "no_account"
    assert refusal(lambda: accounts.add(root, "赵六", "worker", "999999")) == "no_place"
