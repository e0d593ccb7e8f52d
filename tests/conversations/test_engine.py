"""What must hold of any talk, and that a talk ends with the verdicts that the facts come to."""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.dialogs.guided import load_guided
from conversations.engine import advance
from conversations.forms.asking import DONT_KNOW
from conversations.materials import Materials
from conversations.messages import Ask, ForgetMessage, Incoming, Turn
from conversations.session import Draft, Session, dump_session, load_session
from knowledge.eligibility import judge
from knowledge.facts.models import FactValue
from knowledge.facts.validation import read_facts
from tests.conftest import ROOT

AT = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)
PERSONAS = yaml.safe_load((ROOT / "tests" / "households" / "personas.yaml").read_text("utf-8"))
STARTS = {
    "subsidy": "补贴 资格",
    "training": "培训补贴 资格",
    "massage": "盲人按摩 资格",
    "apply": "我能申请什么",
    "employer": "我们单位能享受什么",
}
COMMANDS = ["返回", "重听", "帮助", "取消", "人工", "为什么问", "跳过", "不知道", "重新开始", "我说过什么", "说简单点"]
SAID = [
    *STARTS.values(),
    *("菜单", "更多", "你好", "谢谢", "好的", "登记", "我的信息", "删除我的信息", "证挂公司给钱靠谱不", "你是机器吗"),
    *(
        "天水",
        "甘肃",
        "福建漳州",
        "山东",
        "成都",
        "北京",
        "视力",
        "腿不好",
        "1 3",
        "一级",
        "三",
        "2",
        "１",
        "99",
        "没有",
        "是",
    ),
    *("不对，是三级", "不对，我在四川", "替我弟问", "我们公司想招残疾人", "我是天水的，视力一级，想开个按摩店"),
    *("同意", "不同意", "自己", "我叫小王", "13812345678", "发送", "撤回", "进度", "修改", "替下一个人登记", "报名"),
    *("创业补贴有多少钱？", "低保多少钱", "35岁", "开了一年零三个月", "", "😀", "110101199003070038"),
]
MESSAGES = st.sampled_from([*SAID, *COMMANDS]) | st.text(max_size=30)
BUTTONS = st.sampled_from(
    [True, False, 1, 4, "true", DONT_KNOW, "视力", "subsidy", "employer", "menu", "620500", ("视力", "肢体"), ()]
)
INCOMING = st.builds(lambda text: Incoming(text=text), MESSAGES) | st.builds(lambda v: Incoming(choice=v), BUTTONS)
FACTS = st.dictionaries(
    st.sampled_from(["region", "disability", "levels", "age", "cert", "applicant", "subject", "biz_months", "no_such"]),
    st.booleans()
    | st.integers(-5, 200)
    | st.sampled_from(["620500", "999999", "self", "employer", "视力", ""])
    | st.just(("视力", "nothing"))
    | st.just({"视力": 1})
    | st.just({"无": 9}),
    max_size=4,
)
FIELDS = st.sampled_from(
    [None, "menu", "region", "levels", "disability", "age", "no_such", "phone", "review", "earlier", "which_amend"]
)
DRAFTS = st.none() | st.builds(
    Draft,
    said=st.dictionaries(
        st.sampled_from(["consent_sensitive", "call_name", "phone", "needs", "needs_words", "no_such"]),
        st.booleans() | st.text(max_size=3) | st.just(("job",)),
        max_size=3,
    ),
    skipped=st.sampled_from([(), ("region", "area"), ("no_such",)]),
    changing=st.booleans(),
    receipt=st.sampled_from([None, "100000001"]),
)
STORED = st.binary(max_size=20) | st.builds(
    lambda facts, dialog, asked, results, trail, at, draft: dump_session(
        Session(facts=facts, dialog=dialog, asked=asked, results=results, trail=trail, at=at, draft=draft)
    ),
    FACTS,
    st.sampled_from([None, "no_such", "registration", *STARTS]),
    FIELDS,
    st.sampled_from([(), ("TS-31",), ("no_such", "TS-31")]),
    st.sampled_from([(), ("region",), ("no_such",)]),
    st.sampled_from([None, "yesterday", "2026-11-01T00:00:00", "2026-11-01T00:00:00+00:00"]),
    DRAFTS,
)
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def held(turn: Turn) -> None:
    """What holds of every turn."""
    assert turn.replies
    assert all(reply.text.strip() for reply in turn.replies)
    assert all(reply.ask is None for reply in turn.replies[:-1]), "a question stands last"
    assert load_session(dump_session(turn.session)) == turn.session


@many
@given(st.lists(INCOMING, max_size=12))
def test_whatever_is_said_is_answered(materials: Materials, talk: list[Incoming]) -> None:
    session = Session()
    for incoming in talk:
        turn = advance(session, incoming, AT, materials)
        held(turn)
        session = turn.session
    held(menu_from(materials, session))


@many
@given(STORED, st.lists(INCOMING, min_size=1, max_size=3))
def test_whatever_is_stored_the_talk_goes_on(materials: Materials, stored: bytes, talk: list[Incoming]) -> None:
    session: Session | bytes = stored
    for incoming in talk:
        turn = advance(session, incoming, AT, materials)
        held(turn)
        session = dump_session(turn.session)
    held(menu_from(materials, session))


def menu_from(materials: Materials, session: Session | bytes) -> Turn:
    turn = advance(session, Incoming(text="菜单"), AT, materials)
    ask = turn.replies[-1].ask
    assert ask is not None and ask.fact == "menu"
    assert [choice.value for choice in ask.options] == [*STARTS, "registration"]
    assert turn.session.dialog is None
    return turn


@many
@given(st.lists(INCOMING, min_size=1, max_size=6))
def test_the_same_message_in_the_same_session_gives_the_same_turn(materials: Materials, talk: list[Incoming]) -> None:
    session = Session()
    for incoming in talk:
        turn = advance(session, incoming, AT, materials)
        assert advance(load_session(dump_session(session)), incoming, AT, materials) == turn
        session = turn.session


@many
@given(st.sampled_from(list(STARTS)), st.lists(MESSAGES, max_size=8))
def test_what_is_known_is_not_asked(materials: Materials, dialog: str, talk: list[str]) -> None:
    turn = advance(Session(), Incoming(text=STARTS[dialog]), AT, materials)
    for text in talk:
        turn = advance(turn.session, Incoming(text=text), AT, materials)
        ask = turn.replies[-1].ask
        # Where only the province is known, the county is still asked for.
        if ask and ask.fact not in ("menu", "region"):
            assert ask.fact not in turn.session.facts


@many
@given(st.sampled_from(list(STARTS)), st.lists(BUTTONS, max_size=4), BUTTONS)
def test_an_old_button_changes_nothing(materials: Materials, dialog: str, pressed: list[Any], old: Any) -> None:
    turn = advance(Session(), Incoming(text=STARTS[dialog]), AT, materials)
    for value in pressed:
        turn = advance(turn.session, Incoming(choice=value), AT, materials)
    ask = turn.replies[-1].ask
    offered = {str(choice.value).lower() for choice in ask.options} if ask else set()
    if ask and ask.fact == "levels":
        # Half an answer where the category is asked for together with it.
        offered |= {"1", "2", "3", "4"}
    values = old if isinstance(old, tuple) else (old,)
    if not values or not {str(value).lower() for value in values} <= offered:
        after = advance(turn.session, Incoming(choice=old), AT, materials)
        same = {"last": (), "at": None}
        assert msgspec.structs.replace(after.session, **same) == msgspec.structs.replace(turn.session, **same)
        assert after.replies[-1].ask == ask


@pytest.mark.parametrize("level", [Incoming(choice=2), Incoming(text="二级"), Incoming(text="2")])
def test_a_level_without_its_category_leads_to_the_question_for_the_category(
    materials: Materials, level: Incoming
) -> None:
    session = advance(Session(), Incoming(text="我是天水的，我能申请什么"), AT, materials).session
    assert session.asked == "levels"
    turn = advance(session, level, AT, materials)
    ask = turn.replies[-1].ask
    assert ask and ask.fact == "disability" and ask.options[0].value == "肢体"
    turn = advance(turn.session, Incoming(choice=("肢体",)), AT, materials)
    while (ask := turn.replies[-1].ask) and ask.fact != "levels":
        turn = advance(turn.session, Incoming(text="不知道"), AT, materials)
    assert ask and ask.options[0].value == 1


@pytest.mark.parametrize(
    "away", ["重听", "帮助", "人工", "为什么问", "我说过什么", "说简单点", "创业补贴有多少钱？", "谢谢"]
)
@pytest.mark.parametrize("dialog", STARTS)
def test_the_question_stands_again_once(materials: Materials, dialog: str, away: str) -> None:
    asked = advance(Session(), Incoming(text=STARTS[dialog]), AT, materials)
    turn = advance(asked.session, Incoming(text=away), AT, materials)
    ask = turn.replies[-1].ask
    assert ask == asked.replies[-1].ask
    assert ask
    question = materials.questions[ask.fact]
    wordings = [
        text.format(who=who) for text in (question.ask, question.easy) for who in ("您", "您的单位", "您帮助的人")
    ]
    text = "\n".join(reply.text for reply in turn.replies).splitlines()
    assert sum(line in wordings for line in text) == 1


def test_an_id_number_is_kept_nowhere_and_the_question_stands(materials: Materials) -> None:
    number = "110101199003070038"
    before = advance(Session(facts={"region": "620500"}), Incoming(text=STARTS["subsidy"]), AT, materials)
    turn = advance(before.session, Incoming(text=f"我的身份证号是{number}，听力二级"), AT, materials)
    assert turn.events == (ForgetMessage(),)
    assert turn.session.facts == before.session.facts
    assert number[-6:] not in dump_session(turn.session).decode() + "".join(reply.text for reply in turn.replies)
    assert turn.replies[-1].ask == before.replies[-1].ask


def test_who_asks_for_somebody_else_is_not_taken_for_them(materials: Materials) -> None:
    session = Session(facts={"applicant": "self", "region": "620500", "disability": ("听力",)})
    turn = advance(session, Incoming(text="替我弟问"), AT, materials)
    assert turn.session.facts == {"applicant": "family", "subject": "disabled_person", "region": "620500"}


def test_a_correction_does_not_answer_what_was_asked(materials: Materials) -> None:
    facts: dict[str, FactValue] = {"region": "620500", "disability": ("肢体",), "levels": {"肢体": 2}}
    turn = advance(
        Session(facts=facts, dialog="apply", asked="employment"), Incoming(text="不对，是三级"), AT, materials
    )
    assert turn.session.facts == {**facts, "levels": {"肢体": 3}}
    assert turn.replies[-1].ask is not None and turn.replies[-1].ask.fact == "employment"


def test_a_number_is_the_answer_to_an_open_question(materials: Materials) -> None:
    session = Session(facts={"region": "370000", "applicant": "employer"}, dialog="employer", asked="disabled_staff")
    assert advance(session, Incoming(text="1"), AT, materials).session.facts["disabled_staff"] == 1


def test_a_number_after_the_result_tells_that_programme(materials: Materials) -> None:
    session = Session(facts={"region": "620500"}, dialog="apply", results=("TS-31", "TS-10"))
    for text in ("2", "２", "二", "第二个"):
        (reply,) = advance(session, Incoming(text=text), AT, materials).replies
        assert reply.verdicts is not None
        assert [verdict.programme.id for verdict in reply.verdicts] == ["TS-10"]


def test_more_tells_every_programme_once(materials: Materials) -> None:
    turn = advance(Session(facts={"region": "620500"}), Incoming(text=STARTS["apply"]), AT, materials)
    while turn.replies[-1].ask is not None:
        turn = advance(turn.session, Incoming(text="不知道"), AT, materials)
    all_of_them = turn.replies[-1].verdicts
    assert all_of_them is not None
    told: tuple[str, ...] = ()
    while turn.session.results != told:
        told = turn.session.results
        turn = advance(turn.session, Incoming(text="更多"), AT, materials)
    assert len(set(told)) == len(told)
    unfit = {v.programme.id for v in all_of_them if any(c.fact == "subject" for c in v.criteria)}
    assert set(told) == {verdict.programme.id for verdict in all_of_them} - unfit


def talk(materials: Materials, *said: str) -> Turn:
    """The turn that the last of the messages `said` makes."""
    turn = Turn(Session(), ())
    for text in said:
        turn = advance(turn.session, Incoming(text=text), AT, materials)
    return turn


def test_what_was_just_told_is_told_again_more_simply_and_nothing_before_it(materials: Materials) -> None:
    asked = "在天水，头一回开小店给多少钱"
    assert "简单说：第一次开小店" in talk(materials, asked, "听不懂").replies[0].text
    assert "简单说" in talk(materials, asked, "重听", "听不懂").replies[0].text
    for between in ("帮助", "你好", "低保多少钱", "110101199003070038"):
        assert "简单说" not in talk(materials, asked, between, "听不懂").replies[0].text, between


def test_without_a_place_the_result_says_that_it_decides_and_goes_place_by_place(materials: Materials) -> None:
    turn = talk(materials, "盲人按摩 资格")
    while turn.replies[-1].ask is not None:
        turn = advance(turn.session, Incoming(text="不知道"), AT, materials)
    first, *groups, last = [reply.text for reply in turn.replies]
    assert first.startswith("各地的政策不一样。")
    assert all(re.match("如果在.+，还说不准的，有\\d+项：\n\\d+\\. ", group) for group in groups)
    assert "写您在哪个县、哪个区，我重新看。" in last
    known = advance(turn.session, Incoming(text="我在天水"), AT, materials)
    assert not any("如果在" in reply.text for reply in known.replies)


@pytest.mark.parametrize("said", ["不是残疾人", "我没有残疾", "都不是"])
def test_who_is_not_disabled_is_asked_for_whom_they_ask(materials: Materials, said: str) -> None:
    turn = talk(materials, "补贴 资格", "天水", said)
    ask = turn.replies[-1].ask
    assert ask is not None and ask.fact == "applicant"
    for_whom = advance(turn.session, Incoming(choice="family"), AT, materials)
    assert "disabled" not in for_whom.session.facts
    assert for_whom.replies[-1].ask is not None and for_whom.replies[-1].ask.fact == "disability"


# ---- the same verdicts, whether the facts come as facts or are asked for one by one ----


def households() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each persona with each dialog that is for such as them."""
    for persona in PERSONAS:
        facts = {name: value for name, value in persona["facts"].items() if value is not None}
        for dialog in load_guided().values():
            if facts.get("applicant", "self") in dialog.applicants:
                yield persona["id"], dialog.id, facts


DRIVES = [pytest.param(dialog, facts, id=f"{name}-{dialog}") for name, dialog, facts in households()]
SAID_FIRST = ("applicant", "subject")
"""Who asks for whom is said in a first sentence or by the menu; it is not asked for."""


def pressed(materials: Materials, ask: Ask, value: Any) -> Incoming:
    """The answer by button, where there is one for it."""
    offered = [choice.value for choice in ask.options]
    if isinstance(value, list):
        return Incoming(choice=tuple(value))
    if isinstance(value, dict):
        return typed(materials, ask, value)
    return Incoming(choice=value) if value in offered else typed(materials, ask, value)


def typed(materials: Materials, ask: Ask, value: Any) -> Incoming:
    """The answer in words, as a person types it."""
    if ask.fact == "region":
        return Incoming(text=materials.knowledge.snapshot.gazetteer.full_name(value))
    if isinstance(value, list):
        return Incoming(text="和".join(value))
    if isinstance(value, dict):
        return Incoming(text="，".join(f"{category}{level}级" for category, level in value.items()))
    numbers = {choice.value: str(number) for number, choice in enumerate(ask.options, 1)}
    return Incoming(text=numbers.get(value, str(value)) if ask.options[0].value != DONT_KNOW else str(value))


FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
OTHERWISE = str.maketrans(
    {"视": "势", "听": "聽", "级": "級", "体": "體", "语": "語", "力": "力", "无": "無", "农": "農"}
)
"""A slip of sound, and traditional characters."""


def mistyped(materials: Materials, ask: Ask, value: Any) -> Incoming:
    """The answer in words, with full-width digits, traditional characters and slips."""
    return Incoming(text=typed(materials, ask, value).text.translate(FULL_WIDTH).translate(OTHERWISE))


def driven(materials: Materials, dialog: str, facts: Mapping[str, Any], answer: Any) -> Mapping[str, str]:
    """The verdicts that a talk ends with, in which each question is answered from `facts`."""
    known = {name: facts[name] for name in SAID_FIRST if name in facts}
    turn = advance(Session(facts=known), Incoming(text=STARTS[dialog]), AT, materials)
    asked = []
    while (ask := turn.replies[-1].ask) is not None:
        assert ask.fact not in asked
        asked.append(ask.fact)
        value = facts.get(ask.fact)
        incoming = Incoming(text="不知道") if value in (None, [], {}) else answer(materials, ask, value)
        turn = advance(turn.session, incoming, AT, materials)
    verdicts = turn.replies[-1].verdicts
    assert verdicts is not None
    return {verdict.programme.id: verdict.verdict for verdict in verdicts}


@pytest.mark.parametrize("answer", [pressed, typed, mistyped])
@pytest.mark.parametrize(("dialog", "facts"), DRIVES)
def test_a_talk_ends_with_the_verdicts_of_the_facts(
    materials: Materials, dialog: str, facts: Mapping[str, Any], answer: Any
) -> None:
    catalogue = materials.catalogue
    known = read_facts(facts, catalogue.vocabulary, catalogue.is_place)
    programmes = load_guided()[dialog].programmes(catalogue.programmes)
    expected = {v.programme.id: v.verdict for v in judge(known, programmes, catalogue.vocabulary)}
    assert driven(materials, dialog, facts, answer) == expected


def test_a_reply_names_the_programmes_that_it_numbers(materials: Materials) -> None:
    session, told = Session(), list[str]()
    for text in ("我是天水的，视力一级，想开个按摩店", "是第一次"):
        turn = advance(session, Incoming(text=text), AT, materials)
        session = turn.session
    for reply in turn.replies:
        lines = [line for line in reply.text.splitlines() if re.match(r"\d+\. ", line)]
        assert len(reply.programmes) == len(lines)
        assert all(line.startswith(f"{len(told) + number}. ") for number, line in enumerate(lines, 1))
        told += reply.programmes
    assert tuple(told) == session.results and told
