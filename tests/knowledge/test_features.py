import pytest

from knowledge.features import Featurizer
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
    rows = {"w补贴": 0, "b补贴": 1, "sbutie": 2}
    assert set(features.of_question("补贴", rows).rows) == {0, 1}
    assert set(features.of_question("捕帖", rows).rows) == {2}
    assert features.of_question("补贴", rows).unseen == 0 < features.of_question("捕帖", rows).unseen
