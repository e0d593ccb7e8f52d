import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from knowledge.search import Knowledge
from knowledge.tokens import jieba_dictionary, quick_segmenter, segmenter

WORDS = st.dictionaries(st.text("残疾人盲a1+", min_size=1, max_size=5), st.integers(0, 30), min_size=1).filter(
    lambda words: sum(words.values())
)


@st.composite
def dictionary_and_text(draw: st.DrawFn) -> tuple[Mapping[str, int], str]:
    """A dictionary, and a text of its words, parts of them and anything else."""
    words = draw(WORDS)
    pieces = st.sampled_from(sorted(words)) | st.text("残疾人盲a1+ ，\r\n", max_size=5) | st.text(max_size=5)
    return words, "".join(draw(st.lists(pieces, max_size=8)))


@given(dictionary_and_text())
def test_the_quick_cut_is_jieba_s_own(drawn: tuple[Mapping[str, int], str]) -> None:
    words, text = drawn
    assert quick_segmenter(words)(text) == segmenter(words)(text)


def test_the_quick_cut_is_jieba_s_own_on_all_texts(knowledge: Knowledge) -> None:
    words = knowledge.snapshot.words
    texts = [clause.text for clause in knowledge.clauses.values()]
    texts += [question for questions in knowledge.snapshot.asked.values() for question in questions]
    quick, jieba_s = quick_segmenter(words), segmenter(words)
    assert [text for text in texts if quick(text) != jieba_s(text)] == []


def test_terms_of_ours_stay_in_one_piece_and_names_break_no_words() -> None:
    words = jieba_dictionary(["医保定点机构", "辅助性就业劳动项目"], ["辅助性就业"], ["保定", "甘谷"])
    cut = segmenter(words)
    assert "辅助性就业" in cut("辅助性就业劳动项目")
    assert "保定" not in cut("医保定点机构")
    assert cut("甘谷的") == ["甘谷", "的"]


def test_the_dictionary_holds_no_rare_word_that_no_text_has() -> None:
    words = jieba_dictionary(["盲人按摩"], [], [])
    assert "盲人" in words and "饕餮" not in words


def test_jieba_leaves_no_cache_in_the_temporary_folder() -> None:
    before = set(Path(tempfile.gettempdir()).glob("jieba*"))
    segmenter({"盲人": 5, "按摩": 5})("盲人按摩")
    assert set(Path(tempfile.gettempdir()).glob("jieba*")) == before
