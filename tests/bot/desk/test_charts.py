import io
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.ft2font import FT2Font
from matplotlib.image import imread
from matplotlib.text import Text

from bot.desk import drawing
from bot.desk.cases import Case, Job
from bot.desk.charts import Chart, charts
from bot.desk.names import Names, load_names
from bot.desk.statistics import Scope, Statistics, count
from bot.desk.suppression import published
from bot.desk.targets import load_targets
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"
FONT = ROOT / "bot" / "desk" / "fonts" / drawing.FONT
CASES = [
    Case(region="620523", month="2026-01", status="verified", reached="verified", categories=("视力",), number=12),
    Case(region="620502", month="2026-03", status="employed", reached="employed", number=6),
    Case(region="620525", month="2026-03", status="registered", categories=("听力",), needs=("job",), number=3),
]


@pytest.fixture(scope="module")
def names() -> Names:
    return load_names()


def counted(
    names: Names, cases: list[Case], region: str | None = "620500", since: str | None = "2026-01-01"
) -> Statistics:
    scope = Scope(region, since, "2026-11-22", "2026-11-22")
    jobs = [Job(case.region, number=case.number) for case in cases if case.reached == "employed"]
    return count(cases, jobs, scope, names, load_targets())


@pytest.fixture(scope="module")
def drawn(names: Names) -> dict[str, Chart]:
    return {chart.key: chart for chart in charts(counted(names, CASES), names)}


def test_each_chart_has_a_sentence_and_a_table(drawn: dict[str, Chart]) -> None:
    assert list(drawn) == ["place", "need", "category", "age_band", "month", "step", "progress"]
    assert drawn["place"].alt == (
        "甘肃省天水市（2026年1月1日至2026年11月22日）各地登记数：最多的是甘谷县，12份；共21份登记，分3类。"
    )
    assert drawn["place"].table == (("甘谷县", "12"), ("秦州区", "6"), ("张家川回族自治县", "3"))
    assert drawn["month"].table == (("2026-01", "12"), ("2026-02", "0"), ("2026-03", "9"))
    assert "从2026-01到2026-03，最多的是2026-01，12份" in drawn["month"].alt
    assert drawn["step"].table[1] == ("基础信息核对", "18", "86%")
    assert "就业需求登记21份（100%）、基础信息核对18份（86%）、" in drawn["step"].alt
    assert drawn["progress"].alt.endswith("天水市已就业6人，目标年平均1000人，完成0.6%（方案已到期）。")
    assert drawn["progress"].table == (("甘肃省天水市", "2022—2024年", "3000", "1000", "6", "0.6%"),)
    for chart in drawn.values():
        assert all(len(row) == len(chart.headings) for row in chart.table)


def test_a_county_is_not_measured_by_the_target_of_its_city(names: Names) -> None:
    *_, progress = charts(counted(names, CASES[:1], "620523"), names)
    assert progress.alt.endswith("：甘谷县已就业0人，天水市的目标年平均1000人（方案已到期）。")
    assert progress.table == (("甘肃省天水市", "2022—2024年", "3000", "1000", "0", "不能直接比"),)


def test_more_than_a_year_is_not_measured_by_the_target_of_one(names: Names) -> None:
    *_, progress = charts(counted(names, CASES, since=None), names)
    assert progress.alt.endswith(
        "：天水市已就业6人，目标年平均1000人（方案已到期）。没有选定一年以内的时间，不说完成多少。"
    )
    assert progress.table == (("甘肃省天水市", "2022—2024年", "3000", "1000", "6", "不能直接比"),)
    assert "100%" not in progress.axis and progress.marks[0].value is None and "完成" not in progress.marks[0].shown


def test_who_registered_before_and_came_to_work_is_not_called_no_registration(names: Names) -> None:
    scope = Scope("620500", "2026-01-01", None, "2026-11-22")
    *_, step, progress = charts(count([], [Job("620523")], scope, names, load_targets()), names)
    assert step.note == "还没有登记" and progress.note == "" and "天水市已就业1人" in progress.alt


def test_a_place_without_a_target_has_no_chart_of_it(names: Names) -> None:
    assert [chart.key for chart in charts(counted(names, [], "110000"), names)][-1] == "step"


def test_what_is_hidden_is_drawn_as_hidden(names: Names) -> None:
    by_key = {chart.key: chart for chart in charts(published(counted(names, CASES), names), names)}
    marks = {mark.label: mark for mark in by_key["category"].marks}
    assert marks["听力残疾"].value is None and marks["听力残疾"].shown == "少于5"
    only = published(counted(names, CASES[2:]), names)
    (category,) = [chart for chart in charts(only, names) if chart.key == "category"]
    assert category.alt.endswith("共3份登记，每一类都太少，不公布。")


@pytest.mark.parametrize("since", ["2026-01-01", None])
@pytest.mark.parametrize("cases", [CASES, []], ids=["some", "none"])
def test_every_chart_is_a_picture_with_all_its_words(names: Names, cases: list[Case], since: str | None) -> None:
    for chart in charts(counted(names, cases, since=since), names):
        png = chart.draw("png")
        assert png.startswith(b"\x89PNG") and chart.title.encode("utf-8") in png
        assert (imread(io.BytesIO(png))[..., :3] < 0.5).any(axis=2).sum() > 1000
        svg = chart.draw("svg").decode("utf-8")
        root = ElementTree.fromstring(svg)
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title") == chart.title and root.findtext(f"{SVG}desc") == chart.alt
        written = set(re.findall(r"<!-- (.+?) -->", svg, re.DOTALL))
        words = {chart.title, chart.scope, chart.axis}
        for mark in chart.marks:
            words |= {*mark.label.split("\n"), *mark.shown.split("\n")}
        assert {word for word in words if "\n" not in word} <= {line for text in written for line in text.split("\n")}
        assert ("还没有登记" in written) == (not cases)


def test_nothing_is_cut_off(names: Names) -> None:
    cases = [
        Case(region=region, month=f"2026-{month:02}", status="employed", reached="employed", number=n)
        for n, region in enumerate(["620525", "620502", "350100", "650100", "450100", "150100"], 7000)
        for month in range(1, 13)
    ]
    for region in (None, "620000", "620500", "620525"):
        for chart in charts(counted(names, cases, region), names):
            figure = drawing.figure_of(chart)
            figure.draw_without_rendering()
            width, height = figure.bbox.size
            for text in figure.findobj(Text):
                if text.get_text() and text.get_visible():
                    box = text.get_window_extent()
                    assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, (chart.key, text)


def test_several_can_be_drawn_at_once(drawn: dict[str, Chart]) -> None:
    alone = [chart.draw("png") for chart in drawn.values()]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda chart: chart.draw("png"), drawn.values()))
    assert together == alone


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [drawing.INK, drawing.FILL])
def test_contrast(colour: str) -> None:
    assert (luminance(drawing.PAPER) + 0.05) / (luminance(colour) + 0.05) >= 7


def test_the_font_has_every_letter_that_may_be_written(names: Names) -> None:
    letters = set(FT2Font(str(FONT)).get_charmap())
    texts = [*names.gazetteer.names.values(), *names.programmes.values()]
    texts += [path.read_text("utf-8") for path in Path(str(files("bot.desk"))).rglob("*.yaml")]
    assert {char for text in texts for char in text if char != "\n" and ord(char) not in letters} == set()
    gb2312 = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    assert all(ord(char) in letters for code in gb2312 for char in code.decode("gb2312", "ignore"))


def test_the_font_is_small_and_has_its_licence() -> None:
    assert FONT.stat().st_size < 3_000_000
    assert "SIL OPEN FONT LICENSE" in FONT.with_name("OFL.txt").read_text("utf-8")
