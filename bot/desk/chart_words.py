"""What the charts say, as charts.yaml has it."""

from collections.abc import Mapping

import msgspec

from bot.desk.wording import load_words


class AltWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences for who does not see the picture."""

    most: str
    months: str
    steps: str
    step: str
    progress: str
    longer_progress: str
    target: str
    wider: str
    longer: str
    empty: str
    hidden: str
    between: str


class MarkWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written at a bar, or below a point."""

    step: str
    target: str
    wider: str
    longer: str
    month: str


class ChartWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What charts say."""

    scope: str
    everywhere: str
    period: str
    since: str
    until: str
    titles: Mapping[str, str]
    headings: Mapping[str, str]
    alt: AltWords
    marks: MarkWords
    lapsed: str
    progress_headings: tuple[str, ...]
    axis_progress: str
    axis_apart: str
    apart: str
    note: str
    axis_count: str
    axis_step: str


def load_chart_words() -> ChartWords:
    """The packaged words.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return load_words("charts", ChartWords)
