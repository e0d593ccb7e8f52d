import msgspec
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.cases import Case
from bot.desk.names import load_names
from bot.desk.statistics import Count, Scope, count
from bot.desk.suppression import published

NAMES = load_names()
CATEGORIES = list(NAMES.terms.categories)
PLACES = ["620502", "620503", "620521", "620523"]
SCOPE = Scope("620500", None, None, "2026-11-22")


def shown(numbers: dict[tuple[str, str], int]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """What is published of so many people by place and category: by category, and by both."""
    cases = [
        Case(region=place, month="2026-01", status="registered", categories=(category,), number=number)
        for (place, category), number in numbers.items()
    ]
    statistics = published(count(cases, [], SCOPE, NAMES, ()), NAMES)
    crossing = {(row.key, c.key): c.shown for row in statistics.category_by_place for c in row.counts}
    return {row.key: row.shown for row in statistics.tables["category"]}, crossing


def test_a_small_number_is_hidden_and_one_more_by_which_it_could_be_worked_out() -> None:
    numbers = {("620502", "视力"): 3, ("620502", "听力"): 8, ("620502", "肢体"): 20}
    numbers |= {("620523", "视力"): 9, ("620523", "听力"): 6, ("620523", "肢体"): 30}
    table, crossing = shown(numbers)
    assert table["视力"] == "12" and table["肢体"] == "50"
    assert crossing["620502", "视力"] == "少于5" and crossing["620502", "听力"] == "不公布"
    assert crossing["620523", "视力"] == "不公布" and crossing["620523", "听力"] == "不公布"
    assert crossing["620502", "肢体"] == "20" and crossing["620523", "肢体"] == "30"


def test_numbers_of_five_and_more_and_of_none_are_told() -> None:
    table, crossing = shown({("620502", "视力"): 5, ("620523", "肢体"): 7})
    assert table["视力"] == "5" and table["言语"] == "0"
    assert crossing["620502", "视力"] == "5" and crossing["620502", "肢体"] == "0"


def test_a_small_category_of_the_whole_is_hidden_and_other_tables_are_not() -> None:
    cases = [Case(region="620502", month="2026-01", status="registered", categories=("视力",), level=1, needs=("job",))]
    statistics = published(count(cases, [], SCOPE, NAMES, ()), NAMES)
    assert statistics.tables["category"][0] == Count("视力", "视力残疾", None, "少于5")
    assert statistics.tables["level"][0].shown == "少于5"
    assert statistics.tables["need"][0].shown == "少于5"
    assert statistics.tables["status"][0].shown == "1" and statistics.tables["place"][0].shown == "1"
    assert statistics.total == 1
    assert b"\xe5\xb0\x91\xe4\xba\x8e5" in msgspec.json.encode(statistics)


@given(st.dictionaries(st.tuples(st.sampled_from(PLACES), st.sampled_from(CATEGORIES)), st.integers(1, 12), min_size=1))
def test_no_small_number_is_told_nor_can_be_worked_out_from_a_line(numbers: dict[tuple[str, str], int]) -> None:
    _, crossing = shown(numbers)
    for place in {place for place, _ in numbers}:
        for category in CATEGORIES:
            true = numbers.get((place, category), 0)
            told = crossing[place, category]
            assert told in (str(true), "少于5", "不公布")
            assert (told == "少于5") == (0 < true < 5)
    hidden = {cell for cell, text in crossing.items() if not text.isdigit()}
    places = {place for place, _ in crossing}
    for line in ({(p, c) for c in CATEGORIES} for p in places):
        assert len(line & hidden) != 1
    for line in ({(p, c) for p in places} for c in CATEGORIES):
        assert len(line & hidden) != 1 or len(line) == 1
