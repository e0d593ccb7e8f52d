"""Unexplained jargon is in no message, no sentence and no question."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conversations.forms.models import FactQuestion, load_fact_questions
from conversations.terms import Terms, load_terms
from conversations.wording import Wording
from tests.conftest import ROOT

TERMS = Terms({"残保金": "要交的钱", "辅助性就业": "做简单的活", "辅助性就业机构": "做简单活的地方"})
TRANSCRIPTS = sorted((ROOT / "tests" / "transcripts").glob("*.yaml"))
QUESTIONS = load_fact_questions()


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        ("交残保金。", "交残保金（要交的钱）。"),
        ("残保金和残保金", "残保金（要交的钱）和残保金"),
        ("残保金（单位交的）和残保金", "残保金（单位交的）和残保金"),
        ("辅助性就业机构", "辅助性就业机构（做简单活的地方）"),
        ("“交残保金”\n残保金", "“交残保金”\n残保金（要交的钱）"),
        ("“说“残保金”的残保金”残保金", "“说“残保金”的残保金”残保金（要交的钱）"),
        ("《残保金办法》", "《残保金办法》"),
        ("没有术语", "没有术语"),
    ],
)
def test_a_term_is_explained_once_where_it_is_first_said_outside_quotations(said: str, explained: str) -> None:
    assert TERMS.explained(said) == explained


@given(
    st.lists(st.sampled_from(["残保金", "辅助性就业", "机构", "“", "”", "（", "\n", "。"]), max_size=12).map("".join)
)
def test_what_is_explained_is_not_explained_again(text: str) -> None:
    once = TERMS.explained(text)
    assert TERMS.explained(once) == once


def unexplained(text: str) -> bool:
    return load_terms().explained(text) != text


def test_no_sentence_has_an_unexplained_term(say: Wording) -> None:
    assert [key for key in say if unexplained(say(key, **dict.fromkeys(say.blanks(key), "")))] == []


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_no_question_has_an_unexplained_term(question: FactQuestion) -> None:
    # A question is shown with its choices; what says it back, and the reason for it, stand alone.
    for asked in (question.ask, question.easy):
        labels = [option.label for option in question.options]
        assert not unexplained("\n".join([asked, *labels])), question.fact
    assert not unexplained(question.why) and not unexplained(question.said), question.fact


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_the_bot_says_no_unexplained_term(file: Path) -> None:
    turns = yaml.load(file.read_bytes(), yaml.CSafeLoader)["turns"]
    assert [text for turn in turns for text in turn["bot"] if unexplained(text)] == []
