"""Nothing that is kept of somebody is lost by words that only speak of deleting or of calling."""

import datetime

import pytest

from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Amended, Erased, HandoverSaid, Incoming, Turn, Withdrawn
from conversations.session import Session
from tests.conversations.records import Records

AT = datetime.datetime(2026, 11, 23, 2, 0, tzinfo=datetime.UTC)
"""A Monday morning: caseworkers are there."""
WHOLE = (
    "登记",
    "同意",
    "同意",
    "自己",
    "45",
    "小王",
    "13812345678",
    "秦州区",
    "视力",
    "一级",
    "城里",
    "找工作",
    "短信",
)
TO_PHONE, TO_CONTACT = WHOLE[:6], WHOLE[:12]


def after(materials: Materials, *said: str) -> tuple[Turn, Records]:
    """The turn of the last of `said`, and what is on record then."""
    session, records = Session(), Records()
    records.offices = ("620500",)
    for text in said:
        turn = advance(session, Incoming(text=text), AT, materials, records.account)
        records.apply(turn.events, AT.date())
        session = turn.session
    return turn, records


@pytest.mark.parametrize(
    "text",
    [
        *("别删我的信息", "你们会删我的信息吗", "删除我的信息以后还能再登记吗", "怎么删除我的登记", "不要撤回"),
        *("登记能撤回吗", "别打电话给我，发短信", "别打电话给我", "电话不对，删掉电话"),
    ],
)
@pytest.mark.parametrize("sent", [True, False])
def test_nothing_is_lost(materials: Materials, text: str, sent: bool) -> None:
    turn, records = after(materials, *WHOLE, *(["发送"] if sent else []), text)
    assert not [event for event in turn.events if isinstance(event, Erased | Withdrawn)]
    assert len(records.account.registrations) == sent
    assert sent or turn.session.draft is not None


@pytest.mark.parametrize("text", ["别删我的信息", "怎么删除我的信息", "能不能撤回登记"])
def test_who_asks_how_to_delete_is_told_the_words_for_it(materials: Materials, text: str) -> None:
    turn, _ = after(materials, *WHOLE, "发送", text)
    said = "".join(reply.text for reply in turn.replies)
    assert "删除我的信息" in said and "撤回" in said


@pytest.mark.parametrize("text", ["把信息都删了", "全部删掉", "我要注销", "请把我的登记删掉"])
def test_who_wants_all_deleted_has_it_deleted_at_once(materials: Materials, text: str) -> None:
    turn, _ = after(materials, *WHOLE, "发送", text)
    assert turn.events == (Erased(),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("13812345678，不要打电话给我，发短信", "不要打电话给我"),
        ("13812345678，别打电话给我", "别打电话给我"),
    ],
)
def test_a_number_not_to_be_called_is_taken_down_with_how_to_be_reached(
    materials: Materials, text: str, words: str
) -> None:
    turn, _ = after(materials, *TO_PHONE, text)
    assert turn.session.draft is not None
    assert turn.session.draft.said["phone"] == "13812345678"
    assert turn.session.draft.said["contact_when_words"] == words
    assert "day_call" not in turn.session.draft.said["contact_when"]


def test_how_not_to_be_reached_answers_how_to_be(materials: Materials) -> None:
    turn, _ = after(materials, *TO_CONTACT, "别打电话给我")
    assert turn.session.asked == "review"
    assert turn.session.draft is not None
    assert turn.session.draft.said["contact_when_words"] == "别打电话给我"


@pytest.mark.parametrize("text", ["删掉电话", "把电话删了"])
@pytest.mark.parametrize("said", [TO_CONTACT[:-1], WHOLE, (*WHOLE, "发送")])
def test_a_field_to_be_deleted_is_asked_for_anew(materials: Materials, text: str, said: tuple[str, ...]) -> None:
    turn, _ = after(materials, *said, text)
    assert turn.session.asked == "phone"


@pytest.mark.parametrize(
    ("text", "contacts", "words"),
    [
        ("别打电话给我，发微信", ("wechat",), "别打电话给我"),
        ("不要再打电话给我", (), "不要再打电话给我"),
        ("以后发微信给我", ("wechat",), "以后发微信给我"),
    ],
)
def test_another_way_to_be_reached_changes_what_was_sent(
    materials: Materials, text: str, contacts: tuple[str, ...], words: str
) -> None:
    turn, records = after(materials, *WHOLE, "发送", text, "发送")
    (event,) = turn.events
    assert isinstance(event, Amended)
    assert (event.said.contacts, event.said.contacts_words) == (contacts, words)
    assert len(records.account.registrations) == 1


def test_another_way_to_be_reached_is_no_refusal(materials: Materials) -> None:
    turn, _ = after(materials, "登记", "同意，别打电话给我")
    assert turn.session.asked == "consent_handover"


def test_what_caseworkers_are_told_of_it_goes_to_them(materials: Materials) -> None:
    turn, _ = after(materials, *WHOLE, "发送", "人工", "我想问一下", "别打电话给我，发短信")
    assert turn.events == (HandoverSaid("别打电话给我，发短信"),)
