import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from benchmarks import __main__ as command
from benchmarks.comparing import read_figures, worse
from benchmarks.figures import Figure, write_figures
from benchmarks.report import PAGE, by_part, chart, page
from tests.conftest import ROOT

FIGURES = ROOT / "docs" / "figures"
SPEED = Figure(name="turns_engine", value=300, unit="turns/s", peer="echo", peer_value=200)
TIME = Figure(name="cold_answer", value=30, unit="ms", peer="jieba", peer_value=60)
ALONE = Figure(name="cold_size", value=7, unit="bytes")


def beside(figure: Figure, ratio: float) -> Figure:
    """The figure where it was so many times its peer's."""
    return msgspec.structs.replace(figure, peer_value=figure.value / ratio)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (beside(SPEED, 1.6), []),
        (beside(SPEED, 3.1), ["turns_engine: 1.5 of echo, was 3.1: 2.1 times worse"]),
        (beside(SPEED, 0.1), []),
        (beside(TIME, 0.2), ["cold_answer: 0.5 of jieba, was 0.2: 2.5 times worse"]),
        (beside(TIME, 5), []),
        (msgspec.structs.replace(SPEED, peer="other", peer_value=1.0), []),
        (ALONE, []),
    ],
)
def test_only_what_is_much_worse_beside_the_same_peer_is_told(before: Figure, told: list[str]) -> None:
    assert list(worse([SPEED, TIME, ALONE], [before], 2)) == told


def test_the_command_ends_with_one_where_a_ratio_is_much_worse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    monkeypatch.setattr(command, "PARTS", {"turns": lambda smoke: iter([SPEED])})
    monkeypatch.setattr(command, "RESULTS", tmp_path / "bench.json")
    monkeypatch.setattr("sys.argv", ["benchmarks", "--against", str(before)])
    write_figures([SPEED], before)
    command.main()
    write_figures([beside(SPEED, 12)], before)
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == "turns_engine: 1.5 of echo, was 12: 8.0 times worse"
    assert read_figures(command.RESULTS) == [SPEED]


def test_a_chart_says_each_figure_in_words_and_is_the_same_each_time() -> None:
    svg = chart([SPEED, TIME])
    words = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"turns_engine : echo", "cold_answer : jieba"} <= set(words)
    assert any("1.5 (300 turns/s)" in str(word) for word in words)
    assert chart([SPEED, TIME]) == svg


def test_the_page_has_a_table_of_each_part_and_no_chart_where_there_is_no_peer() -> None:
    text = page([ALONE])
    assert "| cold_size | 7 | bytes | - | - |" in text and ".svg" not in text


def test_the_published_page_and_charts_are_those_of_the_published_figures() -> None:
    figures = read_figures(FIGURES / "bench.json")
    assert (FIGURES / PAGE).read_text("utf-8") == page(figures)
    assert set(by_part(figures)) == set(command.PARTS) == {file.stem for file in FIGURES.glob("*.svg")}
