"""Figures as a page with a table and a chart for each part: `python -m benchmarks.report FIGURES.json FOLDER`."""

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter

from benchmarks.comparing import read_figures
from benchmarks.figures import NO_PEER, Figure

PAGE = "figures.md"
TITLE = """# Figures

Written by `python -m benchmarks.report`. What each figure is: [benchmarks](../benchmarks.md).
"""
PAPER, INK, GOOD, LESS_GOOD = "#ffffff", "#1a1a1a", "#1f4e79", "#8a8a8a"
WIDTH, BAR, MARGIN = 10.0, 0.3, 1.1
"""Inches."""
FIXED: Any = {"svg.hashsalt": "zhuye", "svg.fonttype": "none"}
"""The same figures make the same bytes."""


def main() -> None:
    """Write the page and its charts."""
    source, folder = map(Path, sys.argv[1:])
    figures = read_figures(source)
    (folder / PAGE).write_text(page(figures), "utf-8")
    for part, members in by_part(figures).items():
        if beside_peers(members):
            (folder / f"{part}.svg").write_bytes(chart(beside_peers(members)))


def by_part(figures: Iterable[Figure]) -> Mapping[str, Sequence[Figure]]:
    """The figures by the first word of their names, in their order."""
    return {part: list(members) for part, members in groupby(figures, lambda figure: figure.name.split("_")[0])}


def beside_peers(figures: Iterable[Figure]) -> list[Figure]:
    """Those that have a ratio."""
    return [figure for figure in figures if figure.ratio]


def page(figures: Sequence[Figure]) -> str:
    """The page in Markdown."""
    lines = [TITLE]
    for part, members in by_part(figures).items():
        lines += [f"## {part}", ""]
        if beside_peers(members):
            lines += [f"![{part}: each figure in units of its peer's; the table has the same numbers]({part}.svg)", ""]
        lines += ["| figure | value | unit | peer | times the peer's |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(figure.line.split())} |" for figure in members]
        lines.append("")
    return "\n".join(lines)


def chart(figures: Sequence[Figure]) -> bytes:
    """Bars from the peer's 1 on a logarithmic scale, as SVG; the dark ones are no worse than the peer."""
    drawing = Drawing(
        figsize=(WIDTH, MARGIN + BAR * len(figures)), facecolor=PAPER, layout=ConstrainedLayoutEngine(w_pad=0.15)
    )
    axes = drawing.add_subplot()
    for row, figure in enumerate(figures):
        ratio = figure.ratio or 1.0
        good = ratio <= 1 if figure.less_is_better else ratio >= 1
        axes.barh(row, ratio - 1, left=1, color=GOOD if good else LESS_GOOD, height=0.7)
        told = f" {ratio:.3g} ({figure.value:.4g} {figure.unit}) "
        axes.text(max(ratio, 1), row, told, va="center", ha="left", color=INK, fontsize=9)
    axes.set_xscale("log")
    left, right = axes.get_xlim()
    axes.set_xlim(left, right * (right / left) ** 0.35)  # room for the words
    names = [f"{figure.name} : {figure.peer or NO_PEER}" for figure in figures]
    axes.set_yticks(range(len(figures)), names, fontsize=9, color=INK)
    axes.set_ylim(len(figures) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}"))
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xlabel("times the peer's", color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return _svg(drawing)


def _svg(drawing: Drawing) -> bytes:
    target, canvas = io.BytesIO(), cast(Any, FigureCanvasSVG(drawing))
    with rc_context(FIXED):
        canvas.print_svg(target, metadata={"Date": None})
    return target.getvalue()


if __name__ == "__main__":
    main()
