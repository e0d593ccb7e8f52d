import pytest

from knowledge.features import KIND_WEIGHTS, Featurizer, Postings
from knowledge.lexicon.models import Lexicon, Term
from knowledge.pinyin import folded_sounds
from knowledge.tokens import segmenter

LEXICON = Lexicon(
    terms=(Term("肢体残疾", everyday=("腿脚不好",)),),
    spoken={"咋": "怎么"},
    stopwords=("怎么", "的", "我想问一下"),
    not_held=(),
    details=(),
    card_questions=(),
)


@pytest.fixture
def features() -> Featurizer:
    words = {"腿脚不好": 9, "肢体残疾": 9, "怎么": 9, "补贴": 9, "开店": 9}
    return Featurizer(LEXICON, folded_sounds("腿脚不好肢体残疾补贴捕帖怎么咋开店"), segmenter(words))


def test_an_everyday_word_and_its_term_share_a_feature(features: Featurizer) -> None:
    assert features.of_text("腿脚不好") & features.of_text("肢体残疾") == {"t0": 1}


def test_stopwords_and_fillers_say_nothing(features: Featurizer) -> None:
    assert "w怎么" not in features.of_text("咋开店")
    assert features.of_text("我想问一下，开店")["b下开"] == 0
    assert "u开" in features.of_text("开的店") and "u的" not in features.of_text("开的店")
    assert "b一下" not in features.of_text("我想问一下，开店")


def test_a_homophone_slip_has_the_sound_of_what_was_meant(features: Featurizer) -> None:
    assert features.of_text("捕帖")["s" + "butie"] == features.of_text("补贴")["s" + "butie"] == 1


def test_a_question_hears_sounds_only_where_its_characters_are_unknown(features: Featurizer) -> None:
    postings = {"w": {"补贴": b"word"}, "t": {}, "b": {"补贴": b"pair"}, "s": {"butie": b"sound"}, "u": {}}
    assert set(features.of_question("补贴", postings).lists) == {b"word", b"pair"}
    assert set(features.of_question("捕帖", postings).lists) == {b"sound"}
    assert features.of_question("补贴", postings).unseen == 0 < features.of_question("捕帖", postings).unseen


def test_what_a_question_says_twice_counts_once(features: Featurizer) -> None:
    postings = {"w": {"补贴": b"word"}, "t": {}, "b": {}, "s": {}, "u": {"补": b"character"}}
    once, twice = features.of_question("补贴", postings), features.of_question("补贴，补贴", postings)
    assert once == twice and once.unseen == KIND_WEIGHTS["b"]


def test_pairs_do_not_reach_across_punctuation(features: Featurizer) -> None:
    nothing: Postings = {kind: {} for kind in KIND_WEIGHTS}
    alone = features.of_question("开店", nothing).unseen
    assert features.of_question("开店，补贴", nothing).unseen == 2 * alone
