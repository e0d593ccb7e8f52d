import datetime
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.dialogs.question import answer
from conversations.materials import Materials
from conversations.wording import Wording
from knowledge.normalise import letters_and_digits
from knowledge.search import LONGEST_QUESTION, Knowledge
from tests.conftest import ROOT

LONGEST_EASY = 20
CASES = yaml.safe_load((ROOT / "tests" / "conversations" / "questions.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["asks"])
def test_replies(knowledge: Knowledge, say: Wording, today: datetime.date, case: dict[str, Any]) -> None:
    reply = answer(knowledge, case["asks"], case.get("in"), today, say).reply
    for words in case["says"]:
        assert words in reply
    for words in case.get("not", ()):
        assert words not in reply


def test_a_plan_that_is_in_force_has_no_notice(knowledge: Knowledge, say: Wording) -> None:
    reply = answer(knowledge, "开店补贴多少钱", "620500", datetime.date(2023, 5, 1), say).reply
    assert "过期" not in reply and "5000元" in reply


def test_a_plan_that_is_not_yet_in_force_says_when(knowledge: Knowledge, say: Wording) -> None:
    assert (
        "从2022年10月12日起才施行"
        in answer(knowledge, "开店补贴多少钱", "620500", datetime.date(2022, 1, 1), say).reply
    )


def test_an_easy_answer_says_what_it_comes_to_and_leaves_out_the_rest(
    materials: Materials, say: Wording, today: datetime.date
) -> None:
    programmes = materials.catalogue.programmes
    asked = materials.knowledge, "头一回开小店给多少钱", "620500", today
    long, easy = answer(*asked, say).reply, answer(*asked, say.simpler(), programmes).reply
    assert easy.splitlines()[:2] == [
        "简单说：第一次开小店、办小企业，登记后正常开满1年，给一次钱。",
        "金额5000元。",
    ]
    assert "“对残疾人首次创办小微企业" in easy, "what is said can still be checked"
    assert "这些规定过期了" in easy and "请先问县区残联。" in easy
    assert "负责的单位" in long and "负责的单位" not in easy
    own = [line for line in easy.splitlines()[1:] if not line.startswith("“")]
    assert all(len(sentence) <= LONGEST_EASY for line in own for sentence in re.findall("[^。：]+[。：]", line))


def test_in_mid_form_no_steps_are_told(knowledge: Knowledge, say: Wording, today: datetime.date) -> None:
    assert "接下来您可以" not in answer(knowledge, "开店补贴多少钱", "620500", today, say, steps=False).reply


def test_all_units_are_told_where_nobody_can_ask_for_the_others(
    knowledge: Knowledge, say: Wording, today: datetime.date
) -> None:
    asked = knowledge, "头一回开小店给多少钱", "620500", today, say
    some, whole = answer(*asked).reply, answer(*asked, whole=True).reply
    units = answer(*asked).found.passages[0].clause.responsible
    assert "想听全部，写“单位”" in some and units[-1] not in some
    assert "写“单位”" not in whole and all(unit in whole for unit in units)


def test_what_is_not_read_is_said(knowledge: Knowledge, say: Wording, today: datetime.date) -> None:
    reply = answer(knowledge, "残疾人开店给补贴吗" + "，说来话长" * 800, "620500", today, say).reply
    assert reply.startswith(f"您写得比较长，我只读了前面{LONGEST_QUESTION}个字。")


def test_every_number_of_an_answer_stands_in_a_text_or_is_a_hotline(
    knowledge: Knowledge, say: Wording, today: datetime.date
) -> None:
    cards = [document.card for document in knowledge.snapshot.documents]
    sourced = "".join(
        letters_and_digits(f"{d.text}{d.card.successor}{d.card.number}{d.card.describes}")
        for d in knowledge.snapshot.documents
    )
    sourced += "".join(
        f"{day.year}年{day.month}月{day.day}日" for card in cards for day in (card.in_force_to, card.in_force_from)
    )
    for question in (
        "开店补贴多少钱",
        "至少安排几名残疾人",
        "报刊亭",
        "烟草证间距",
        "培训吃住车费",
        "三年新增多少人就业",
    ):
        for region in ("620500", "620000", "350000", "370000", "510000", None):
            reply = answer(knowledge, question, region, today, say).reply
            reply = re.sub(r"^(\d\. |[\d ]+$)", "", reply, flags=re.MULTILINE)
            for number in re.findall(r"\d+(?:\.\d+)?", reply):
                assert letters_and_digits(number) in sourced, (question, number)


@settings(max_examples=100, deadline=None)
@given(question=st.text(max_size=200), region=st.sampled_from([None, "620500", "440300"]))
def test_any_text_gets_a_reply_that_can_be_read_aloud(
    knowledge: Knowledge, say: Wording, question: str, region: str | None
) -> None:
    reply = answer(knowledge, question, region, datetime.date(2026, 11, 22), say).reply
    assert reply.strip() and "{" not in reply and "|" not in reply
    assert not re.search("[\U0001f000-\U0001ffff]", reply)
