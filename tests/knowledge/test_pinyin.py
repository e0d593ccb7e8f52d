import pytest

from knowledge.pinyin import common_characters, fold, folded_sounds


@pytest.mark.parametrize(
    ("one", "other"), [("zhang", "zan"), ("chi", "ci"), ("shang", "san"), ("nian", "lian"), ("jing", "jin")]
)
def test_sounds_that_dialects_confuse_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("bu", "pu"), ("da", "ta"), ("zi", "ci"), ("ge", "ke")])
def test_other_sounds_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_typical_slips_sound_alike() -> None:
    sounds = folded_sounds("残惨补捕贴帖登灯计记旧就业")
    assert sounds["残"] == sounds["惨"] and sounds["贴"] == sounds["帖"] and sounds["旧"] == sounds["就"]


def test_common_characters_are_those_of_gb2312() -> None:
    assert len(set(common_characters())) == 6763
