"""Charts drawn with matplotlib: its objects only, so that several can be drawn at once, and a font of our own.

Dark on white (contrast at least 7:1), every number written at its mark, nothing told by colour alone.
"""

import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bot.desk.charts import Chart, Form, Mark

FONT = "NotoSansCJKsc-Regular-subset.otf"
PAPER, INK, FILL = "#ffffff", "#1a1a1a", "#1f4e79"
WIDTH, DOTS = 8.0, 150
"""Inches, and dots an inch."""
BAR, FRAMED_BAR, MARGIN, FEWEST_ROWS = 0.42, 0.62, 1.8, 2
LINE_HEIGHT = 4.6
MOST_MONTHS = 16
"""Months whose names and numbers fit beside each other; of more, some are left to the table."""
TITLE, LABEL, SMALL = 16, 12, 11
SPACING = 1.4


def draw(chart: Chart, form: Form) -> bytes:
    """The picture of `chart`."""
    figure = figure_of(chart)
    return _as_png(figure, chart) if form == "png" else _as_svg(figure, chart)


def figure_of(chart: Chart) -> Figure:
    """The figure of `chart`, to be drawn on any canvas."""
    rows = max(len(chart.marks), FEWEST_ROWS)
    height = {"bars": MARGIN + BAR * rows, "shares": MARGIN + FRAMED_BAR * rows, "line": LINE_HEIGHT}[chart.kind]
    figure = Figure(figsize=(WIDTH, height), facecolor=PAPER, layout=ConstrainedLayoutEngine(w_pad=0.2, h_pad=0.15))
    axes = figure.add_subplot()
    pen = _Pen(_font())
    pen.headings(axes, chart)
    if chart.kind == "line":
        pen.line(axes, chart.marks)
    else:
        told = any(mark.value is not None for mark in chart.marks)
        pen.bars(axes, chart.marks, framed=chart.kind == "shares" and told)
    return figure


@functools.cache
def _font() -> FontProperties:
    return FontProperties(fname=str(Path(__file__).with_name("fonts") / FONT))


def _as_png(figure: Figure, chart: Chart) -> bytes:
    FigureCanvasAgg(figure)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DOTS, metadata={"Title": chart.title, "Description": chart.alt})
    return stream.getvalue()


def _as_svg(figure: Figure, chart: Chart) -> bytes:
    """Letters become outlines: it looks the same wherever it is opened. Its description is for screen readers."""
    FigureCanvasSVG(figure)
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Title": chart.title, "Date": None})
    described = f"</title>\n <desc>{escape(chart.alt)}</desc>".encode()
    return stream.getvalue().replace(b"</title>", described, 1).replace(b"<svg ", b'<svg role="img" ', 1)


class _Pen:
    """Draws marks in one font."""

    def __init__(self, font: FontProperties) -> None:
        self._font = font

    def font(self, size: int) -> FontProperties:
        font = self._font.copy()
        font.set_size(size)
        return font

    def headings(self, axes: Any, chart: Chart) -> None:
        """What it shows, of whom, and what its numbers are."""
        axes.set_title(chart.title, fontproperties=self.font(TITLE), color=INK, pad=30, loc="left")
        self._write(axes, chart.scope, (0, 1), (0, 10), SMALL, xycoords="axes fraction")
        axes.set_xlabel(chart.axis, fontproperties=self.font(SMALL), color=INK, loc="left", labelpad=8)
        self._write(axes, chart.note, (0.5, 0.5), (0, 0), TITLE, xycoords="axes fraction", ha="center")

    def bars(self, axes: Any, marks: Sequence[Mark], *, framed: bool) -> None:
        """Bars from left to right, the first on top; `framed`: each within an outline that means 1."""
        rows = range(len(marks))
        longest = max([mark.value or 0 for mark in marks], default=0)
        longest = max(longest, 1.0 if framed else 0) or 1
        if framed:
            axes.barh(rows, [1] * len(marks), height=0.62, facecolor=PAPER, edgecolor=INK, linewidth=1)
        axes.barh(rows, [mark.value or 0 for mark in marks], height=0.62, color=FILL)
        for row, mark in enumerate(marks):
            end = max(mark.value or 0, 1) if framed else mark.value or 0
            self._write(axes, mark.shown, (end, row), (6, 0), LABEL, va="center")
        axes.set_yticks(rows, [mark.label for mark in marks], fontproperties=self.font(LABEL), color=INK)
        axes.set_ylim(max(len(marks), FEWEST_ROWS) - 0.5, -0.5)
        axes.set_xlim(0, longest * (1.9 if framed else 1.22))
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)

    def line(self, axes: Any, marks: Sequence[Mark]) -> None:
        """A line through the marks, left to right."""
        values = [mark.value or 0 for mark in marks]
        axes.plot(range(len(marks)), values, color=FILL, linewidth=2, marker="o", markersize=7, clip_on=False)
        step = -(-len(marks) // MOST_MONTHS) or 1
        for column in range(0, len(marks), step):
            falling = column > 0 and values[column - 1] > values[column]
            beside: dict[str, Any] = {"offset": (5, 6), "ha": "left"} if falling else {"offset": (0, 9), "ha": "center"}
            apart = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}  # a steep line would cross the number
            self._write(axes, marks[column].shown, (column, values[column]), size=LABEL, bbox=apart, **beside)
        ticks = range(0, len(marks), step)
        names = [marks[tick].label for tick in ticks]
        axes.set_xticks(ticks, names, fontproperties=self.font(SMALL), color=INK, linespacing=SPACING)
        axes.set_ylim(0, (max(values, default=0) or 1) * 1.2)
        axes.set_yticks([])
        axes.tick_params(length=0, pad=9)
        axes.spines[["top", "right", "left"]].set_visible(False)

    def _write(
        self, axes: Any, text: str, at: tuple[float, float], offset: tuple[float, float], size: int, **how: Any
    ) -> None:
        """Text at a point, so many points aside."""
        axes.annotate(
            text,
            at,
            xytext=offset,
            textcoords="offset points",
            color=INK,
            fontproperties=self.font(size),
            parse_math=False,
            linespacing=SPACING,
            **how,
        )
