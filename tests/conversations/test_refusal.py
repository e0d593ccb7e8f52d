"""A refusal, however it is worded, is no consent and sends nothing."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import ConsentGiven, Incoming, Registered
from conversations.registrations import Account
from conversations.session import Draft, Session
from knowledge.facts.models import FactValue

AT = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)
ACCOUNT = Account((), "123456789")
BEGUN = {"consent_sensitive": True, "consent_handover": True}
SAID: dict[str, FactValue] = {
    **BEGUN,
    "call_name": "小王",
    "phone": "13812345678",
    "needs": ("job",),
    "contact_when": ("text",),
}
FACTS: dict[str, FactValue] = {
    "applicant": "self",
    "region": "620502",
    "age": 45,
    "disability": ("视力",),
    "levels": {"视力": 1},
    "area": "urban",
}
AT_QUESTION = {
    "consent_sensitive": Session(dialog="registration", asked="consent_sensitive", draft=Draft()),
    "agreed": Session(
        facts={"applicant": "family"},
        dialog="registration",
        asked="agreed",
        draft=Draft(said={**BEGUN, "relation": "parent"}),
    ),
    "review": Session(facts=FACTS, dialog="registration", asked="review", draft=Draft(said=SAID)),
}
"""A session at each question that only a clear yes may answer."""
WHO = ["", "我", "他", "她还", "我们", "先", "现在", "我先", "嗯，", "那就"]
NOT = [
    *("不", "不能", "不想", "不太", "不会", "不要", "不敢", "不肯", "不打算", "不大", "不怎么", "不是很", "不太想"),
    *("没", "没有", "没说", "没让你", "不让你", "不同意", "不愿意", "不用", "未"),
    *("别", "先别", "别给我", "千万别", "甭"),
]
YES = ["好", "行", "可以", "对", "是", "成", "中", "ok", "同意", "愿意", "提交", "发送", "都对", "确认发送"]
AFTER = ["", "的", "了", "吧", "啊", "呢", "。", "，谢谢"]


def consented(materials: Materials, question: str, text: str) -> bool:
    """Whether `text` is taken for a yes to `question`."""
    turn = advance(AT_QUESTION[question], Incoming(text=text), AT, materials, ACCOUNT)
    said = turn.session.draft.said if turn.session.draft else {}
    return bool(
        any(isinstance(event, Registered) for event in turn.events)
        or any(isinstance(event, ConsentGiven) and event.given for event in turn.events)
        or (question == "agreed" and said.get("agreed"))
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(AT_QUESTION)),
    st.sampled_from(WHO),
    st.sampled_from(NOT),
    st.sampled_from(YES),
    st.sampled_from(AFTER),
)
def test_a_negation_before_a_word_for_yes_is_never_a_yes(
    materials: Materials, question: str, who: str, negation: str, yes: str, after: str
) -> None:
    assert not consented(materials, question, f"{who}{negation}{yes}{after}")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        *(("consent_sensitive", text) for text in ["我不能同意", "不太同意", "不成", "不OK", "不对头", "等会再同意"]),
        *(("agreed", text) for text in ["没同意", "他不太愿意", "他没说同意", "行不"]),
        *(("review", text) for text in ["不要发送", "先不要提交", "别把我的登记发送", "不同意你们提交"]),
        *(("review", text) for text in ["等会再发送", "明天再提交", "我再看看再发送"]),
    ],
)
def test_a_refusal_is_no_yes(materials: Materials, question: str, text: str) -> None:
    assert not consented(materials, question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        *(("consent_sensitive", text) for text in ["不错，同意", "特别愿意", "没问题", "没意见，同意", "不识字，同意"]),
        *(("agreed", text) for text in ["没问题", "她同意", "都同意", "他同意，他想学按摩"]),
        *(("review", text) for text in ["没有错，发送", "没什么要改的，发送吧", "发送，别发短信"]),
    ],
)
def test_a_yes_beside_a_word_for_no_is_a_yes(materials: Materials, question: str, text: str) -> None:
    assert consented(materials, question, text)


@pytest.mark.parametrize("text", ["不要发送", "先不要提交", "别发送", "先别发", "不想发送"])
def test_what_shall_not_be_sent_is_put_aside(materials: Materials, text: str) -> None:
    turn = advance(AT_QUESTION["review"], Incoming(text=text), AT, materials, ACCOUNT)
    assert turn.session.asked == "menu"
    assert turn.session.draft is not None


@pytest.mark.parametrize("text", ["我不能同意", "我不想同意", "不太愿意", "还没同意", "不成"])
def test_a_refusal_is_recorded_as_one(materials: Materials, text: str) -> None:
    turn = advance(AT_QUESTION["consent_sensitive"], Incoming(text=text), AT, materials, ACCOUNT)
    assert [event.given for event in turn.events if isinstance(event, ConsentGiven)] == [False]
