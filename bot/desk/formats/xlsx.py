"""Excel: a sheet of registrations with their present state, and one of every change. Rows go to the disk at once."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from bot.desk.columns import Cell, Layout
from bot.desk.defusing import examine
from bot.desk.models import Lead, LeadEvent

LAST_ROW = 1_048_575
"""Excel's, counted from 0. What does not fit goes on in a further sheet."""
LONGEST = 32_767
"""Characters of a cell."""
WIDTH = 20


def write(rows: Iterable[tuple[Lead, Sequence[LeadEvent]]], file: Path, layout: Layout) -> None:
    """Write `rows` to `file`; what Excel needs meanwhile is written beside it."""
    book = Workbook(file, {"constant_memory": True, "tmpdir": str(file.parent), "use_zip64": True})
    try:
        words = layout.words
        receipt = words.columns["receipt"]
        registrations = Sheet(book, words.sheets.registrations, [*words.columns.values()], layout)
        changes = Sheet(book, words.sheets.changes, [receipt, *words.changes.values()], layout)
        for lead, events in rows:
            registrations.add(layout.registration(lead))
            for change in layout.changes(events):
                changes.add([lead.receipt, *change])
        registrations.end()
        changes.end()
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error
    finally:
        for sheet in book.worksheets():  # its file would stay open where the book was not closed
            if sheet.row_data_fh is not None:
                sheet.row_data_fh.close()


class Sheet:
    """Rows below headings that stay in view; text is always text, whatever it looks like."""

    def __init__(self, book: Any, name: str, headings: Sequence[str], layout: Layout) -> None:
        self._book = book
        self._name = name
        self._headings = headings
        self._words = layout.words
        self._heading = book.add_format({"bold": True, "text_wrap": True})
        self._text = book.add_format({"num_format": "@"})
        self._risky = book.add_format({"num_format": "@", "quote_prefix": True})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._number = 0
        self._begin(name)

    def add(self, cells: Sequence[Cell]) -> None:
        """The next row."""
        if self._row == LAST_ROW:
            self.end()
            self._begin(self._words.next_sheet.format(name=self._name, number=self._number + 1))
        self._row += 1
        for column, cell in enumerate(cells):
            self._write(column, cell)

    def end(self) -> None:
        """Let the rows so far be filtered."""
        self._sheet.autofilter(0, 0, self._row, len(self._headings) - 1)

    def _begin(self, name: str) -> None:
        self._number += 1
        self._row = 0
        self._sheet = self._book.add_worksheet(name)
        self._sheet.set_column(0, len(self._headings) - 1, WIDTH)
        self._sheet.freeze_panes(1, 1)
        for column, heading in enumerate(self._headings):
            self._sheet.write_string(0, column, heading, self._heading)

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            safe = examine(cell)
            self._sheet.write_string(
                self._row, column, self._fitting(safe.text), self._risky if safe.risky else self._text
            )
        elif isinstance(cell, datetime.datetime):
            self._sheet.write_datetime(self._row, column, cell, self._time)
        elif isinstance(cell, datetime.date):
            self._sheet.write_datetime(self._row, column, cell, self._day)
        elif cell is not None:
            self._sheet.write_number(self._row, column, cell)

    def _fitting(self, text: str) -> str:
        return text if len(text) <= LONGEST else text[: LONGEST - len(self._words.cut)] + self._words.cut
