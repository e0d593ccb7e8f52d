"""What must hold of any registration; how one goes is in tests/transcripts/registration_*.yaml."""

import datetime
import re
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import (
    Amended,
    ConsentGiven,
    Erased,
    Incoming,
    Registered,
    Turn,
    Unanswered,
    Withdrawn,
)
from conversations.registrations import Account, Registration
from conversations.session import Draft, Session, dump_session, load_session
from knowledge.facts.models import FactValue
from tests.conversations.records import Records

AT = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)
RIGHT = {
    "consent": ["同意", "1"],
    "applicant": ["替自己登记", "替别人登记"],
    "relation": ["妈妈", "邻居"],
    "agreed": ["同意"],
    "age": ["45", "不知道"],
    "call_name": ["小王", "我叫老李"],
    "phone": ["13812345678", "0938-8212345"],
    "region": ["天水市秦州区", "天水"],
    "disability": ["视力", "听力残疾", "不知道"],
    "levels": ["一级", "不知道"],
    "area": ["城里", "跳过"],
    "needs": ["1 2", "找工作，学修手机", "不知道"],
    "contact_when": ["短信", "下午三点以后"],
    "review": ["发送", "发送", "1", "修改", "停下"],
    "menu": ["登记"],
}
"""What answers each question."""
BESIDE = [
    *("登记", "报名", "返回", "重听", "取消", "重新开始", "帮助", "为什么问", "不知道", "人工", "菜单", "说简单点"),
    *("我的信息", "进度", "修改", "撤回", "删除我的信息"),
    *("电话错了", "电话换成13700000000", "替下一个人登记", "不登记了"),
    *(
        "替我弟登记",
        "我12岁",
        "我叫小张，电话13900001111，在麦积区",
        "我们公司想招残疾人",
        "补贴 资格",
        "创业补贴有多少钱？",
    ),
    *(
        "不同意",
        "不",
        "是",
        "好",
        "2",
        "99",
        "<b>",
        "110101199003070038",
        "",
        "😀",
        "停下",
        "发送",
        "改这一份",
        "不用了",
    ),
]
PRESSED = st.sampled_from(
    [True, False, "self", "family", "send", "change", "stop", "phone", "amend", "another", "no", 1]
)
STEPS = st.one_of(
    st.tuples(st.just("right"), st.integers(0, 4)),
    st.tuples(st.just("right"), st.integers(0, 4)),
    st.tuples(st.just("right"), st.integers(0, 4)),
    st.tuples(st.just("says"), st.sampled_from(BESIDE) | st.text(max_size=20)),
    st.tuples(st.just("presses"), PRESSED),
    st.tuples(st.just("desk"), st.sampled_from(["closed", "verified", "employed"])),
)
many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def incoming(step: tuple[str, Any], last: Turn | None) -> Incoming:
    kind, value = step
    if kind == "says":
        return Incoming(text=value)
    if kind == "presses":
        return Incoming(choice=value)
    ask = last.replies[-1].ask if last else None
    answers = RIGHT.get(ask.fact, ["登记"]) if ask else ["登记"]
    return Incoming(text=answers[value % len(answers)])


def asked(turn: Turn | None) -> str | None:
    ask = turn.replies[-1].ask if turn else None
    return ask.fact if ask else None


@many
@given(st.lists(STEPS, max_size=45))
def test_nothing_is_sent_without_two_consents_and_a_look_over_it(
    materials: Materials, steps: list[tuple[str, Any]]
) -> None:
    session, last, records = Session(), None, Records()
    consents: dict[str, bool] = {}
    for step in steps:
        if step[0] == "desk":
            if records.account.registrations:
                records.step(step[1], AT.date())
            continue
        message = incoming(step, last)
        reviewing = session.asked == "review"
        turn = advance(dump_session(session), message, AT, materials, records.account)
        assert turn.replies and all(reply.text.strip() for reply in turn.replies)
        assert all(reply.ask is None for reply in turn.replies[:-1])
        assert load_session(dump_session(turn.session)) == turn.session
        sent = [event for event in turn.events if isinstance(event, Registered | Amended)]
        assert len(sent) <= 1
        for event in turn.events:
            if isinstance(event, ConsentGiven):
                consents[event.consent] = event.given
            if isinstance(event, Erased):
                assert not turn.session.facts and turn.session.draft is None
        if sent:
            assert reviewing, "only what was looked over is sent"
            assert turn.replies[-1].receipt == sent[0].receipt
            assert turn.session.draft is None and turn.session.dialog is None
        if sent and isinstance(sent[0], Registered):
            assert consents == {"sensitive": True, "handover": True}
            assert of_age(sent[0].said)
            consents = {}
        if reviewing and message.text == "发送" and session.draft and not session.draft.receipt:
            assert len(sent) == 1, "one registration for one send"
        if turn.session.draft is None:
            consents = {}
        records.apply(turn.events, AT.date())
        session, last = turn.session, turn


def of_age(said: Registration) -> bool:
    return said.age is None or said.age >= 14 or said.relation in ("parent", "guardian")


@many
@given(st.lists(st.integers(0, 3), min_size=16, max_size=16))
def test_the_number_of_questions_that_is_told_is_true(materials: Materials, picks: list[int]) -> None:
    turn = advance(Session(), Incoming(text="登记"), AT, materials)
    told: list[tuple[int, int]] = []
    for pick in picks:
        fact = asked(turn)
        if fact in ("review", "menu"):
            break
        number = re.search(r"第(\d+)题，共(\d+)题", turn.replies[-1].text)
        if number:
            told.append((int(number[1]), int(number[2])))
        counties_offered = fact == "region" and "1. " in turn.replies[-1].text
        answers = ["2", "不知道"] if counties_offered else RIGHT[str(fact)]
        turn = advance(turn.session, Incoming(text=answers[pick % len(answers)]), AT, materials)
    assert asked(turn) == "review"
    assert told
    assert {count for _, count in told} == {told[0][1]}
    numbers = [number for number, _ in told]
    # A county is asked for again where only the city was said: the same question.
    assert sorted(set(numbers)) == list(range(numbers[0], told[0][1] + 1))
    assert numbers == sorted(numbers)


def registered(materials: Materials, *said: str, facts: dict[str, Any] | None = None) -> tuple[Session, Records]:
    """After a whole registration."""
    records, session = Records(), Session(facts=facts or {})
    for text in ["登记", "同意", "同意", *said]:
        turn = advance(session, Incoming(text=text), AT, materials, records.account)
        records.apply(turn.events, AT.date())
        session = turn.session
    assert len(records.account.registrations) == 1, turn.replies[-1].text
    return session, records


WHOLE = ("自己", "45", "小王", "13812345678", "秦州区", "视力", "一级", "城里", "找工作", "短信", "发送")


def test_a_consents_button_pressed_twice_gives_one_consent(materials: Materials) -> None:
    first = advance(Session(), Incoming(text="登记"), AT, materials)
    ask = first.replies[-1].ask
    assert ask is not None
    pressed = Incoming(choice=True, fact=ask.question)
    second = advance(first.session, pressed, AT, materials)
    assert second.events == (ConsentGiven("sensitive", "sensitive-1", True),)
    again = advance(second.session, pressed, AT, materials)
    assert again.events == ()
    assert again.session.asked == "consent_handover"


@pytest.mark.parametrize(
    "text", ["可以吗", "同意吗？", "好吗", "不知道", "谢谢", "我想想", "13812345678", "你好", "有"]
)
def test_only_a_yes_is_a_consent(materials: Materials, text: str) -> None:
    session = advance(Session(), Incoming(text="登记"), AT, materials).session
    turn = advance(session, Incoming(text=text), AT, materials)
    assert not any(isinstance(event, ConsentGiven) for event in turn.events)
    assert turn.session.asked == "consent_sensitive"


@pytest.mark.parametrize("given", [True, False])
def test_a_consent_is_said_in_everyday_words(materials: Materials, given: bool) -> None:
    yes = ["同意", "好的", "行", "嗯嗯", "可以", "是的", "要得", "OK", "1", "１", "一", "我同意", "好，登记吧"]
    no = ["不同意", "不", "不行", "不要", "不可以", "不登记", "不愿意", "2", "二"]
    for text in yes if given else no:
        session = advance(Session(), Incoming(text="登记"), AT, materials).session
        turn = advance(session, Incoming(text=text), AT, materials)
        assert turn.events == (ConsentGiven("sensitive", "sensitive-1", given),), text


@pytest.mark.parametrize(
    "text", ["可以发送吗？", "发送了吗", "不发送", "先不发", "我想想", "有", "你好", "发送以后谁看得到？", "不对"]
)
def test_only_a_yes_sends(materials: Materials, text: str) -> None:
    session = Session()
    for said in ["登记", "同意", "同意", *WHOLE[:-1]]:
        session = advance(session, Incoming(text=said), AT, materials, Account((), "123456789")).session
    assert session.asked == "review"
    turn = advance(session, Incoming(text=text), AT, materials, Account((), "123456789"))
    assert not any(isinstance(event, Registered) for event in turn.events)


def test_who_works_for_a_village_registers_somebody_else(materials: Materials) -> None:
    session = Session()
    for said in ["登记", "同意", "同意", "我是村委会的，替村民登记"]:
        turn = advance(session, Incoming(text=said), AT, materials)
        session = turn.session
    assert session.facts["applicant"] == "family"
    assert asked(turn) == "relation"


def test_another_account_with_the_same_phone_is_shown_nothing_of_the_first(materials: Materials) -> None:
    registered(materials, *WHOLE)
    session, said = Session(), []
    for text in ["登记", "同意", "同意", *WHOLE[:3], "13812345678", "我的信息", "进度"]:
        turn = advance(session, Incoming(text=text), AT, materials, Account((), "200000002"))
        session = turn.session
        said += [reply.text for reply in turn.replies]
    assert "100 000 001" not in "".join(said)
    assert asked(turn) == "region"


@pytest.mark.parametrize(
    "session",
    [
        Session(),
        Session(asked="menu"),
        Session(dialog="subsidy", asked="region"),
        Session(dialog="subsidy", asked="age", facts={"region": "620500"}),
        Session(dialog="apply", results=("TS-31",), facts={"region": "620500"}),
    ],
    ids=lambda session: f"{session.dialog}-{session.asked}",
)
@pytest.mark.parametrize("text", ["我的电话是13812345678", "13812345678", "我叫小王，电话138-1234-5678，有补贴吗？"])
def test_a_phone_number_in_another_dialog_is_not_kept(materials: Materials, session: Session, text: str) -> None:
    turn = advance(session, Incoming(text=text), AT, materials)
    kept = dump_session(turn.session).decode() + str(turn.events)
    assert "13812345678" not in kept and "1234" not in kept and "小王" not in kept


def test_what_could_be_applied_for_is_carried_over(materials: Materials) -> None:
    facts = {
        "applicant": "self",
        "region": "620502",
        "disability": ("肢体",),
        "levels": {"肢体": 3},
        "area": "urban",
        "biz_registered": True,
        "biz_first": True,
        "biz_type": "个体工商户",
        "biz_months": 14,
    }
    _, records = registered(materials, "45", "小王", "13812345678", "创业", "短信", "发送", facts=facts)
    said = records.account.registrations[0].said
    assert "TS-31" in said.programmes
    assert said.levels == {"肢体": 3}
    benefits = {p.id for p in materials.catalogue.programmes if p.entry.kind == "benefit"}
    assert set(said.programmes) <= benefits


def test_what_is_kept_of_a_person_is_deleted_in_the_middle_of_a_form_too(materials: Materials) -> None:
    session, records = registered(materials, *WHOLE)
    for text in ("改我的登记", "电话"):
        session = advance(session, Incoming(text=text), AT, materials, records.account).session
    assert session.draft is not None
    turn = advance(session, Incoming(text="删除我的信息"), AT, materials, records.account)
    assert turn.events == (Erased(),)
    fresh = msgspec.structs.replace(turn.session, last=(), at=None)
    assert fresh == Session(asked="menu")
    assert "13812345678" not in dump_session(turn.session).decode()


def test_a_withdrawn_or_changed_registration_is_named_by_its_receipt(materials: Materials) -> None:
    session, records = registered(materials, *WHOLE)
    before = records.account.registrations[0]
    assert advance(session, Incoming(text="撤回"), AT, materials, records.account).events == (
        Withdrawn(before.receipt),
    )
    for text in ("电话换成13900000000", "发送"):
        turn = advance(session, Incoming(text=text), AT, materials, records.account)
        session = turn.session
    changed = msgspec.structs.replace(before.said, phone="13900000000")
    assert turn.events == (Amended(before.receipt, changed),)


def test_whom_it_is_about_changes_and_what_was_said_of_the_other_goes(materials: Materials) -> None:
    draft = Draft(
        said={"consent_sensitive": True, "consent_handover": True, "call_name": "小王", "phone": "13812345678"}
    )
    facts: dict[str, FactValue] = {"applicant": "self", "region": "620502", "disability": ("视力",), "age": 45}
    session = Session(facts=facts, dialog="registration", asked="needs", draft=draft)
    turn = advance(session, Incoming(text="替我弟登记"), AT, materials)
    assert turn.session.facts == {"applicant": "family", "subject": "disabled_person", "region": "620502"}
    assert turn.session.draft and turn.session.draft.said == {"consent_sensitive": True, "consent_handover": True}
    assert asked(turn) == "relation"


def test_without_a_receipt_nothing_is_sent_and_nothing_is_lost(materials: Materials) -> None:
    session = Session()
    for text in ["登记", "同意", "同意", *WHOLE]:
        turn = advance(session, Incoming(text=text), AT, materials)
        session = turn.session
    assert not turn.events
    assert asked(turn) == "review"
    assert (
        advance(session, Incoming(text="发送"), AT, materials, Account((), "123456789")).replies[-1].receipt
        == "123456789"
    )


@pytest.mark.parametrize(
    ("question", "kept", "not_kept"),
    [
        ("低保多少钱？", "低保", ()),
        ("我叫王建国，电话13812345678，低保能领多少钱？", "低保", ("建国", "1381", "王")),
        ("一三八一二三四五六七八，低保怎么办", "低保", ("一三", "三八")),
        ("王建国能领低保吗", "低保", ("建国", "王")),
        ("住在和平里3号楼502，低保怎么办", "低保", ("3", "502", "里")),
    ],
)
def test_a_question_nobody_answers_is_kept_without_anything_personal(
    materials: Materials, question: str, kept: str, not_kept: tuple[str, ...]
) -> None:
    turn = advance(Session(), Incoming(text=question), AT, materials)
    (event,) = turn.events
    assert isinstance(event, Unanswered)
    assert kept in event.words.split()
    assert not any(word in event.words for word in not_kept)
    assert all(len(word) > 1 for word in event.words.split())


@pytest.mark.parametrize(
    ("text", "contacts", "words"),
    [
        ("发短信，下午别打", ("text",), "下午别打"),
        ("下午三点以后", ("day_call",), "下午三点以后"),
        ("2 3", ("evening_call", "text"), ""),
        ("微信", ("wechat",), ""),
        ("不要打电话", (), "不要打电话"),
    ],
)
def test_how_to_be_reached_keeps_what_no_option_says(
    materials: Materials, text: str, contacts: tuple[str, ...], words: str
) -> None:
    session, account = Session(), Account(receipt="123456782")
    for said in (
        "登记",
        "1",
        "1",
        "替自己登记",
        "45",
        "小王",
        "13812345678",
        "天水市秦州区",
        *["不知道"] * 2,
        "1",
        text,
    ):
        session = advance(session, Incoming(text=said), AT, materials, account).session
    (event,) = advance(session, Incoming(choice="send"), AT, materials, account).events
    assert isinstance(event, Registered)
    assert (event.said.contacts, event.said.contacts_words) == (contacts, words)
