import pytest

from knowledge.places.gazetteer import Gazetteer, containing, contains, short_name
from knowledge.snapshot import load_gazetteer


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.mark.parametrize(
    ("text", "near", "codes"),
    [
        ("我在泉州", None, ("350500",)),
        ("甘谷的", None, ("620523",)),
        ("甘肃天水张川", None, ("620525",)),
        ("兰州到北京", None, ("620100", "110000")),
        ("阿坝州", None, ("513200",)),
        ("吉林", None, ("220000",)),
        ("城关区", None, ()),
        ("城关区", "620000", ("620102",)),
        ("鼓楼区", "350000", ("350102",)),
        ("吉林长春朝阳区", None, ("220104",)),
        ("合作社找活", None, ()),
        ("合作市", None, ("623001",)),
        ("新建报刊亭", None, ()),
    ],
)
def test_places_meant(gazetteer: Gazetteer, text: str, near: str | None, codes: tuple[str, ...]) -> None:
    assert gazetteer.chosen(list(gazetteer.mentions(text)), near) == codes


def test_all_counties_of_tianshui_are_there(gazetteer: Gazetteer) -> None:
    names = {name for code, name in gazetteer.names.items() if code.startswith("6205") and code != "620500"}
    assert names == {"秦州区", "麦积区", "清水县", "秦安县", "甘谷县", "武山县", "张家川回族自治县"}


def test_what_contains_what() -> None:
    assert containing("620523") == ("620523", "620500", "620000")
    assert contains("620000", "620523") and not contains("620523", "620500")


def test_names(gazetteer: Gazetteer) -> None:
    assert gazetteer.full_name("620523") == "甘肃省天水市甘谷县"
    assert gazetteer.full_name("110000") == "北京市"
    assert short_name("张家川回族自治县") == "张家川" and short_name("天水市") == "天水"


def test_every_alias_is_of_a_place_that_exists(gazetteer: Gazetteer) -> None:
    assert all(code in gazetteer.names for codes in gazetteer.codes.values() for code in codes)


def test_the_counties_of_a_city_and_of_a_city_that_is_a_province(gazetteer: Gazetteer) -> None:
    assert [gazetteer.names[code] for code in gazetteer.counties("620500")] == [
        *("秦州区", "麦积区", "清水县", "秦安县", "甘谷县", "武山县", "张家川回族自治县")
    ]
    assert "110105" in gazetteer.counties("110000")
    assert gazetteer.counties("110000") == gazetteer.counties("110100")
    for code in ("620000", "620502", "441900", "999900", ""):
        assert gazetteer.counties(code) == (), code


def test_whether_a_place_has_parts(gazetteer: Gazetteer) -> None:
    assert all(gazetteer.has_parts(code) for code in ("620000", "620500", "110000"))
    assert not any(gazetteer.has_parts(code) for code in ("620502", "441900"))
