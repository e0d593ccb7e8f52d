import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.normalise import letters_and_digits, normalise


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("５０００元ＡＢ", "5000元ab"),
        ("殘疾人就業補貼", "残疾人就业补贴"),
        ("开\u200b店\u202e补\ufeff贴", "开店补贴"),
        ("开店\x00\x07\n\t补贴", "开店 补贴"),
        ("残 疾 人 补 贴，多 少 钱", "残疾人补贴,多少钱"),
        ("补贴 培训 5 0 元", "补贴 培训 5 0 元"),
        ("一 三", "一 三"),
        ("", ""),
    ],
)
def test_one_spelling(typed: str, read: str) -> None:
    assert normalise(typed) == read


@given(st.text(max_size=200))
def test_any_text_is_read_and_reading_it_again_changes_nothing_visible(text: str) -> None:
    once = normalise(text)
    assert once.isprintable()
    assert normalise(once) == once or not once.isascii()


def test_quotations_are_compared_by_letters_and_digits() -> None:
    assert letters_and_digits("（含）50 人，Ａ") == "含50人A"
