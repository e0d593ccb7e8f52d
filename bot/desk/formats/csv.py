"""CSV for Excel: UTF-8 with a byte order mark, one row a change, the registration's columns repeated in each.

One file, so that it can be used alone. One row a change, so that every time is a cell of its own that Excel can sort,
filter and count, which a list of changes in one cell could not be; filtered to the first change, the rows are the
registrations. A registration without changes has one row, without a change.
"""

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.desk.columns import Cell, Layout
from bot.desk.defusing import defuse
from bot.desk.models import Lead, LeadEvent

BOM = "\ufeff"


def write(rows: Iterable[tuple[Lead, Sequence[LeadEvent]]], file: Path, layout: Layout) -> None:
    """Write `rows` to `file`."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write(BOM)
        writer = csv.writer(stream)
        writer.writerow([*layout.words.columns.values(), *layout.words.changes.values()])
        for lead, events in rows:
            registration = [_text(cell) for cell in layout.registration(lead)]
            writer.writerows([*registration, *change] for change in _changes(events, layout))


def _changes(events: Sequence[LeadEvent], layout: Layout) -> Iterator[list[str]]:
    for change in layout.changes(events):
        yield [_text(cell) for cell in change]
    if not events:
        yield [""] * len(layout.words.changes)


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return defuse(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)
