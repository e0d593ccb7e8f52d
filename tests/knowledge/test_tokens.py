import tempfile
from pathlib import Path

from knowledge.tokens import jieba_dictionary, segmenter


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
