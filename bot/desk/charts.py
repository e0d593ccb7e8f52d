"""Statistics as charts, each with a sentence and a table that say the same to who does not see it."""

import datetime
from collections.abc import Sequence
from typing import Literal

import msgspec

from bot.desk.chart_words import AltWords, MarkWords, load_chart_words
from bot.desk.names import Names
from bot.desk.progress import Progress
from bot.desk.statistics import Count, Statistics
from conversations.wording import load_wording

Kind = Literal["bars", "line", "shares"]
Form = Literal["png", "svg"]
BARS = ("place", "need", "category", "age_band")


class Mark(msgspec.Struct, frozen=True):
    """A bar or a point: how large (None is not told), what stands below or beside it, and what is written at it."""

    label: str
    value: float | None
    shown: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A chart as plain data. `alt` says in a sentence what it shows; `table` holds all its numbers as text.

    `kind`: bars count from the top, a line goes through months, shares are bars against a frame of 1. `note` is
    written where there is nothing to draw.
    """

    key: str
    kind: Kind
    title: str
    scope: str
    alt: str
    axis: str
    note: str
    headings: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    marks: tuple[Mark, ...]

    def draw(self, form: Form) -> bytes:
        """The picture, as the bytes of a file."""
        from bot.desk.drawing import draw  # matplotlib takes its time, and who wants the table does not need it

        return draw(self, form)


def charts(statistics: Statistics, names: Names) -> tuple[Chart, ...]:
    """Every chart: bars by place, need, category and age, the months, the 四个一, and the targets if there are any."""
    maker = _Maker(statistics, names)
    found = [*(maker.bars(key) for key in BARS), maker.months(), maker.steps()]
    return (*found, maker.progress()) if statistics.progress else tuple(found)


def scope_words(statistics: Statistics) -> str:
    """The place and the period of the counts."""
    words = load_chart_words()
    since, until = _day(statistics.since), _day(statistics.until)
    form = words.period if since and until else words.since if since else words.until if until else ""
    return words.scope.format(
        region=statistics.region_name or words.everywhere, period=form.format(since=since, until=until)
    )


def _day(day: str | None) -> str:
    return load_wording().day(datetime.date.fromisoformat(day)) if day else ""


class _Maker:
    """Makes the charts of one set of counts."""

    def __init__(self, statistics: Statistics, names: Names) -> None:
        self.statistics = statistics
        self.names = names
        self.words = load_chart_words()
        self.scope = scope_words(statistics)
        self.note = "" if statistics.total else self.words.note

    def bars(self, key: str) -> Chart:
        counts = self.statistics.tables[key]
        return self._counts(
            key, "bars", counts, self.words.alt.most, rows=str(len([c for c in counts if c.count != 0]))
        )

    def months(self) -> Chart:
        counts = self.statistics.tables["month"]
        ends = {"from_month": counts[0].name, "to_month": counts[-1].name} if counts else {}
        return self._counts("month", "line", counts, self.words.alt.months, **ends)

    def steps(self) -> Chart:
        counts = self.statistics.tables["step"]
        alt, total = self.words.alt, self.statistics.total
        shares = [percent((count.count or 0) / total) if total else "" for count in counts]
        steps = [
            alt.step.format(name=count.name, count=count.shown, share=share)
            for count, share in zip(counts, shares, strict=True)
        ]
        title = self.words.titles["step"]
        return Chart(
            key="step",
            kind="bars",
            title=title,
            scope=self.scope,
            note=self.note,
            alt=(alt.steps if total else alt.empty).format(
                scope=self.scope, title=title, steps=self.names.joined(steps)
            ),
            axis=self.words.axis_step,
            headings=tuple(self.words.headings[key] for key in ("step", "count", "share")),
            table=tuple((c.name, c.shown, share) for c, share in zip(counts, shares, strict=True)),
            marks=tuple(
                Mark(c.name, c.count, self.words.marks.step.format(count=c.shown, share=share) if total else c.shown)
                for c, share in zip(counts, shares, strict=True)
            ),
        )

    def progress(self) -> Chart:
        rows = self.statistics.progress
        told = self.words.alt.between.join(self._progress_words(row, self.words.alt) for row in rows)
        title = self.words.titles["progress"]
        longer = any(row.share is None and not row.wider for row in rows)
        alt = self.words.alt.longer_progress if longer else self.words.alt.progress
        return Chart(
            key="progress",
            kind="shares",
            title=title,
            scope=self.scope,
            note="" if any(row.employed for row in rows) else self.note,
            alt=alt.format(scope=self.scope, title=title, targets=told),
            axis=self.words.axis_apart if all(row.share is None for row in rows) else self.words.axis_progress,
            headings=self.words.progress_headings,
            table=tuple(self._progress_row(row) for row in rows),
            marks=tuple(
                Mark(self.names.short_place(row.region), row.share, self._progress_words(row, self.words.marks))
                for row in rows
            ),
        )

    def _counts(self, key: str, kind: Kind, counts: Sequence[Count], alt: str, **values: str) -> Chart:
        title = self.words.titles[key]
        label = self._month if kind == "line" else _name
        most = max(counts, key=lambda count: count.count or 0, default=None)
        first, number = (most.name, most.shown) if most else ("", "")
        if not self.statistics.total:
            alt = self.words.alt.empty
        elif most is None or not most.count:
            alt = self.words.alt.hidden
        total = str(self.statistics.total)
        return Chart(
            key=key,
            kind=kind,
            title=title,
            scope=self.scope,
            note=self.note,
            alt=alt.format(scope=self.scope, title=title, first=first, count=number, total=total, **values),
            axis=self.words.axis_count,
            headings=(self.words.headings[key], self.words.headings["count"]),
            table=tuple((count.name, count.shown) for count in counts),
            marks=tuple(Mark(label(count), count.count, count.shown) for count in counts),
        )

    def _progress_words(self, row: Progress, words: AltWords | MarkWords) -> str:
        form = words.wider if row.wider else words.longer if row.share is None else words.target
        return form.format(
            here=self.names.short_place(self.statistics.region or ""),
            region=self.names.short_place(row.region),
            employed=row.employed,
            yearly=row.yearly,
            share=self._share(row),
            lapsed=self.words.lapsed if row.lapsed else "",
        )

    def _month(self, count: Count) -> str:
        return self.words.marks.month.format(year=count.key[:4], month=int(count.key[5:]))

    def _progress_row(self, row: Progress) -> tuple[str, ...]:
        years = self.names.years(row.years)
        return (row.region_name, years, str(row.people), str(row.yearly), str(row.employed), self._share(row))

    def _share(self, row: Progress) -> str:
        return self.words.apart if row.share is None else percent(row.share)


def percent(share: float) -> str:
    """A share as it is read, to a tenth of a percent where it is small."""
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def _name(count: Count) -> str:
    return count.name
