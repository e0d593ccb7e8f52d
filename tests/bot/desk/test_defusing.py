from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.defusing import defuse, examine

CASES = yaml.safe_load(Path(__file__).with_name("injections.yaml").read_text("utf-8"))
STARTERS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("text", CASES["risky"])
def test_what_a_sheet_would_take_for_something_else_is_marked(text: str) -> None:
    assert examine(text).risky
    assert defuse(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize("text", CASES["plain"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert not examine(text).risky and defuse(text) == text


@given(st.text())
def test_nothing_begins_like_a_formula(text: str) -> None:
    safe = defuse(text)
    assert not safe.lstrip(" \u3000\u200b\ufeff").startswith(tuple(STARTERS))
    safe.encode()


@given(st.sampled_from(STARTERS), st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_what_was_written_is_still_there(starter: str, text: str) -> None:
    text = text.replace("\ufffe", "").replace("\uffff", "")
    assert defuse(starter + text) == f"'{starter}{text}"
