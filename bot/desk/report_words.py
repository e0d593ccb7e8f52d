"""What the yearly report says, as report.yaml has it."""

from collections.abc import Iterator, Mapping

import msgspec

from bot.desk.statistics import Statistics
from bot.desk.wording import load_words


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lines at the top."""

    region: str
    year: str
    period: str
    basis: str
    due: str
    made: str


class Sections(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The headings, in order."""

    total: str
    steps: str
    tables: str
    targets: str
    unanswered: str
    notes: str


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lines to be filled in by hand."""

    unit: str
    filled_by: str
    checked_by: str
    phone: str
    date: str


class ReportWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    body_font: str
    heading_font: str
    latin_font: str
    author: str
    title: str
    facts: Facts
    no_basis: str
    basis: str
    lapsed: str
    sections: Sections
    total: str
    waiting: str
    status: str
    four: str
    no_four: str
    steps: str
    unfinished: str
    no_targets: str
    wider: str
    target: str
    unanswered: str
    unanswered_headings: tuple[str, str]
    no_rows: str
    table_caption: str
    figure_caption: str
    table_titles: Mapping[str, str]
    headings: Mapping[str, str]
    notes: tuple[str, ...]
    signature: Signature

    def contacted(self, statistics: Statistics) -> Iterator[str]:
        """How many there are, and how soon they were contacted, a sentence each."""
        waiting = statistics.waiting
        yield self.total.format(
            total=statistics.total, contacted=waiting.contacted, not_contacted=waiting.not_contacted
        )
        if waiting.contacted:
            yield self.waiting.format(median=f"{waiting.median_days:g}", p90=f"{waiting.p90_days:g}")


def load_report_words() -> ReportWords:
    """The packaged words.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return load_words("report", ReportWords)
