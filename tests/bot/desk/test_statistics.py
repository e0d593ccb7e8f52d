from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from bot.desk.cases import Case, Job, case_of
from bot.desk.names import Names, load_names
from bot.desk.statistics import TABLES, Count, Scope, Statistics, count
from bot.desk.targets import load_targets
from knowledge.corpus.folders import clauses_quoted, load_folder, packaged

CASES = yaml.safe_load(Path(__file__).with_name("statistics.yaml").read_text("utf-8"))
MONTHS = "month"


@pytest.fixture(scope="module")
def names() -> Names:
    return load_names()


def counted(case: dict[str, Any], names: Names, today: str = "2026-11-22") -> Statistics:
    scope = Scope(case["region"], case.get("since", "2026-01-01"), case.get("until"), today)
    cases, jobs = msgspec.convert(case["cases"], list[Case]), msgspec.convert(case.get("jobs", []), list[Job])
    return count(cases, jobs, scope, names, load_targets())


def told(table: tuple[Count, ...], *, noughts: bool) -> list[tuple[str, int | None]]:
    return [(row.key, row.count) for row in table if row.count or noughts]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_counted_by_hand(case: dict[str, Any], names: Names) -> None:
    statistics = counted(case, names)
    expect = case["expect"]
    assert statistics.total == expect["total"]
    for key in TABLES:
        table = told(statistics.tables[key], noughts=key == MONTHS)
        assert table == list(expect.get(key, {}).items()), key
    crossing = {f"{row.key} {c.key}": c.count for row in statistics.category_by_place for c in row.counts if c.count}
    assert crossing == expect.get("crossing", {})
    waiting = msgspec.to_builtins(statistics.waiting)
    assert waiting == {"median_days": None, "p90_days": None} | expect["waiting"]
    progress = [
        {key: getattr(row, key) for key in ("region", "people", "yearly", "employed", "share", "lapsed", "wider")}
        for row in statistics.progress
    ]
    assert progress == expect["progress"]


def test_every_count_has_its_name(names: Names) -> None:
    statistics = counted(CASES[0], names)
    assert [row.name for row in statistics.tables["place"]] == ["秦州区", "甘谷县", "天水市"]
    assert [row.name for row in statistics.tables["category"]][:2] == ["视力残疾", "听力残疾"]
    assert statistics.tables["category"][-1].name == "没有说"
    assert [row.name for row in statistics.tables["step"]] == [
        *("就业需求登记", "基础信息核对", "职业能力评估", "就业服务", "已就业"),
    ]
    assert statistics.tables["programme"][0].name == "天水·一次性创业补贴（TS-31）"
    assert statistics.region_name == "甘肃省天水市"


def test_as_json_and_back(names: Names) -> None:
    statistics = counted(CASES[0], names)
    assert msgspec.json.decode(msgspec.json.encode(statistics), type=Statistics) == statistics


def test_a_plan_in_its_time_has_not_lapsed(names: Names) -> None:
    (progress,) = counted({"region": "620500", "cases": []}, names, today="2024-12-31").progress
    assert not progress.lapsed and progress.until == "2024-12-31" and "甘政办发〔2025〕67号" in progress.since


def test_every_target_is_quoted_and_its_number_is_in_the_quotation() -> None:
    written = {3000: "3000人", 30000: "3万人", 35000: "3.5万人", 100000: "10万名"}
    targets = load_targets()
    assert sorted(target.region for target, _ in targets) == ["350000", "370000", "510000", "620000", "620500"]
    for target, card in targets:
        document = load_folder(packaged("corpus", target.document)).document
        assert next(clauses_quoted(document, "".join(target.quotation.split())), None), target.quotation
        assert written[target.people] in target.quotation.replace("三万", "3万")
        assert card.region == target.region and target.years == (2022, 2024)


def row(**columns: object) -> dict[str, object]:
    return {
        "region": "620523",
        "status": "verified",
        "reached": "verified",
        "categories": ",视力,听力,",
        "level": 1,
        "age_band": "35-44",
        "needs": ",business,massage,",
        "programmes": ",TS-31,",
        "created": "2026-01-01T00:00:00.000+00:00",
        "contacted": "2026-01-02T09:30:00.000+00:00",
        **columns,
    }


def test_what_is_counted_of_a_registration() -> None:
    assert case_of(row()) == Case(
        region="620523",
        month="2026-01",
        status="verified",
        reached="verified",
        categories=("视力", "听力"),
        level=1,
        age_band="35-44",
        needs=("business", "massage"),
        programmes=("TS-31",),
        waited=33.5 / 24,
    )
    bare = case_of(row(categories="", needs="", programmes="", contacted=None))
    assert not (bare.categories or bare.needs or bare.programmes) and bare.waited is None


def test_a_month_is_that_of_china() -> None:
    assert case_of(row(created="2025-12-31T16:00:00+00:00")).month == "2026-01"
    assert case_of(row(created="2025-12-31T15:59:59+00:00")).month == "2025-12"
