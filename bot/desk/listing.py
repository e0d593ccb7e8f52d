"""Statistics as lines of text: every table, under its title and headings."""

from collections.abc import Iterator, Sequence

from bot.desk.charts import Chart
from bot.desk.report_words import load_report_words
from bot.desk.statistics import Statistics

SPACE = "　"
BESIDES = ("level", "programme", "status")
"""The tables of which there is no chart."""


def listing(statistics: Statistics, charts: Sequence[Chart]) -> Iterator[str]:
    """Each table as one text of several lines: those of the charts, the others, and how long people waited."""
    words = load_report_words()
    for chart in charts:
        yield _lines(chart.title, [(chart.alt,), chart.headings, *chart.table])
    for key in BESIDES:
        counts = [(count.name, count.shown) for count in statistics.tables[key]]
        if counts:
            yield _lines(words.table_titles[key], [(words.headings[key], words.headings["count"]), *counts])
    rows = statistics.category_by_place
    if rows:
        headings = (words.headings["place"], *(count.name for count in rows[0].counts))
        cells = [(row.name, *(count.shown for count in row.counts)) for row in rows]
        yield _lines(words.table_titles["category_by_place"], [headings, *cells])
    yield from words.contacted(statistics)


def _lines(title: str, rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([title, *(SPACE.join(row) for row in rows), ""])
