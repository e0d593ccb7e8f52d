"""The yearly report (年底报送落实情况) that the texts ask of each place, as a Word document.

It leaves the desk, so small sensitive numbers are hidden in it (`bot.desk.suppression`), and it names nobody.
"""

import datetime
from collections.abc import Sequence
from pathlib import Path

from bot.desk.chart_words import load_chart_words
from bot.desk.charts import Chart, charts, scope_words
from bot.desk.duties import duty_of
from bot.desk.names import Names
from bot.desk.pages import Pages
from bot.desk.report_words import ReportWords, load_report_words
from bot.desk.statistics import Statistics
from bot.desk.suppression import published
from bot.desk.whole import CannotWrite, whole
from conversations.periods import after
from conversations.wording import load_wording

SUFFIX = ".docx"


def report(
    statistics: Statistics, year: int, file: Path, names: Names, unanswered: Sequence[tuple[str, int]] = ()
) -> None:
    """Write the report of a `year` to `file` (.docx), whole or not at all.

    `unanswered`: questions that the texts do not answer, stripped of anything personal, and how often they were asked.

    Raises:
        CannotWrite: `file` does not end with .docx, is a folder, or cannot be written.

    """
    if file.suffix.lower() != SUFFIX:
        raise CannotWrite("report_form", suffix=SUFFIX, example=str(file.with_suffix(SUFFIX)))
    writer = _Writer(published(statistics, names), year, names)
    writer.write(unanswered)
    with whole(file) as draft:
        writer.pages.save(draft)


class _Writer:
    """Writes the sections one after the other."""

    def __init__(self, statistics: Statistics, year: int, names: Names) -> None:
        self.statistics = statistics
        self.year = year
        self.names = names
        self.words: ReportWords = load_report_words()
        self.charts = {chart.key: chart for chart in charts(statistics, names)}
        self.made = datetime.date.fromisoformat(statistics.today)
        self.duty = duty_of(statistics.region)
        title = self.words.title.format(region=statistics.region_name, year=year)
        self.pages = Pages(self.words, title, self.made)

    def write(self, unanswered: Sequence[tuple[str, int]]) -> None:
        """All sections."""
        sections = self.words.sections
        self.top()
        for heading, section in (
            (sections.total, self.total),
            (sections.steps, self.steps),
            (sections.tables, self.tables),
            (sections.targets, self.targets),
        ):
            self.pages.heading(heading)
            section()
        if unanswered:
            self.pages.heading(sections.unanswered)
            self.pages.paragraph(self.words.unanswered)
            rows = [(question, str(number)) for question, number in unanswered]
            self.pages.table(sections.unanswered, self.words.unanswered_headings, rows)
        self.pages.heading(sections.notes)
        self.pages.points(self.words.notes)
        signature = self.words.signature
        for line in (signature.unit, signature.filled_by, signature.checked_by, signature.phone, signature.date):
            self.pages.paragraph(line)

    def top(self) -> None:
        """What it is about, and by which text it is owed."""
        say, facts = load_wording(), self.words.facts
        rows = [
            (facts.region, self.statistics.region_name or load_chart_words().everywhere),
            (facts.period, scope_words(self.statistics)),
            (facts.year, str(self.year)),
        ]
        if self.duty:
            duty, card = self.duty
            rows.append((facts.basis, self.words.basis.format(document=card.label, quotation=duty.report)))
            rows.append((facts.due, duty.due))
        else:
            rows.append((facts.basis, self.words.no_basis))
        self.pages.facts([*rows, (facts.made, say.day(self.made))])
        if self.duty and not self.duty[1].in_force(self.made):
            self._lapsed(self.duty[1].label, say.day(self.duty[1].in_force_to), "".join(after(self.duty[1], say)))

    def total(self) -> None:
        """How many there are, and how soon they were contacted."""
        for sentence in self.words.contacted(self.statistics):
            self.pages.paragraph(sentence)
        self.pages.paragraph(self.words.status)
        self._table("status")
        self._chart(self.charts["month"])

    def steps(self) -> None:
        """How the measures stand: the text's words, then how many came to each step."""
        if self.duty and self.duty[0].four:
            self.pages.paragraph(self.words.four.format(document=self.duty[1].label, quotation=self.duty[0].four))
        else:
            self.pages.paragraph(self.words.no_four)
        self.pages.paragraph(self.words.steps)
        self._chart(self.charts["step"])
        registered = next((row.count or 0 for row in self.statistics.tables["status"] if row.key == "registered"), 0)
        self.pages.paragraph(self.words.unfinished.format(number=registered))

    def tables(self) -> None:
        """The counts by place, need, category, level, age and programme."""
        for key in ("place", "need", "category"):
            self._chart(self.charts[key])
        self._table("level")
        self._chart(self.charts["age_band"])
        if self.statistics.tables["programme"]:
            self._table("programme")
        rows = self.statistics.category_by_place
        if len(rows) > 1:
            headings = (self.words.headings["place"], *(count.name for count in rows[0].counts))
            cells = [(row.name, *(count.shown for count in row.counts)) for row in rows]
            self.pages.table(self.words.table_titles["category_by_place"], headings, cells)

    def targets(self) -> None:
        """The targets in the words of the texts, which of them are over, and how far the place is."""
        say, progress = load_wording(), self.statistics.progress
        if not progress:
            self.pages.paragraph(self.words.no_targets)
            return
        for row in progress:
            if row.wider:
                here = self.statistics.region_name
                self.pages.paragraph(self.words.wider.format(region=here, wider=row.region_name))
            years = self.names.years(row.years)
            self.pages.paragraph(
                self.words.target.format(document=row.document, quotation=row.quotation, counts=row.counts, years=years)
            )
            if row.lapsed:
                self._lapsed(row.document, say.day(datetime.date.fromisoformat(row.until)), row.since)
        self._chart(self.charts["progress"])

    def _lapsed(self, document: str, until: str, since: str) -> None:
        self.pages.paragraph(self.words.lapsed.format(document=document, until=until, since=since))

    def _table(self, key: str) -> None:
        headings = (self.words.headings[key], self.words.headings["count"])
        rows = [(count.name, count.shown) for count in self.statistics.tables[key]]
        self.pages.table(self.words.table_titles[key], headings, rows)

    def _chart(self, chart: Chart) -> None:
        self.pages.picture(chart.title, chart.draw("png"), chart.alt)
        self.pages.table(chart.title, chart.headings, chart.table)
