"""Registrations with all that happened to them as a file: .xlsx, .csv or .jsonl, in memory that does not grow.

The file holds names and phone numbers in clear. Who calls `export` has checked that they may, and records it.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path

from bot.desk.columns import Layout
from bot.desk.models import Lead, LeadEvent
from bot.desk.names import Names
from bot.desk.whole import CannotWrite, whole

Row = tuple[Lead, Sequence[LeadEvent]]
Writer = Callable[[Iterable[Row], Path, Layout], None]
"""Writes all rows to a file that is not there yet."""
WRITERS: Mapping[str, str] = {".xlsx": "xlsx", ".csv": "csv", ".jsonl": "jsonl"}
"""Modules of `bot.desk.formats` by suffix; one is imported when it is used."""


def export(rows: Iterable[Row], file: Path, names: Names, *, progress: bool = False, total: int | None = None) -> int:
    """Write each registration and its events, oldest first, to `file`; how many registrations there were.

    `file` is there whole or not at all, for its owner only. With `progress` a bar runs on stderr, towards `total`
    where that is known.

    Raises:
        CannotWrite: the suffix is unknown, `file` is a folder, or it cannot be written.

    """
    writer = _writer(file, names)
    layout = Layout(names)
    counted = _Counted(rows)
    with whole(file) as draft, _bar(counted, layout.words.progress, total, shown=progress) as shown:
        writer(shown, draft, layout)
    return counted.number


class _Counted:
    """Rows on their way, and how many have gone by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.number += 1
            yield row


def _writer(file: Path, names: Names) -> Writer:
    module = WRITERS.get(file.suffix.lower())
    if module is None:
        raise CannotWrite(
            "export_form", file=str(file), forms=names.joined(WRITERS), example=str(file.with_suffix(".xlsx"))
        )
    write: Writer = import_module(f"bot.desk.formats.{module}").write
    return write


def _bar(rows: Iterable[Row], label: str, total: int | None, *, shown: bool) -> AbstractContextManager[Iterable[Row]]:
    if not shown:
        return nullcontext(rows)
    from tqdm import tqdm

    bar: AbstractContextManager[Iterable[Row]] = tqdm(rows, desc=label, total=total, file=sys.stderr)
    return bar
