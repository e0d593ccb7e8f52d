"""A Word document in Chinese: headings, paragraphs, tables that say what they are, pictures with their description."""

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bot.desk.defusing import UNSAFE_CHARACTERS
from bot.desk.report_words import ReportWords

BODY, CAPTION = 12, 10.5
"""Points: 小四 and 五号."""
WIDEST, HIGHEST = Cm(15.5), Cm(22)
HEADINGS = {"Title": 20, "Heading 1": 15}


class Pages:
    """A document that grows from top to bottom. Tables and pictures are numbered."""

    def __init__(self, words: ReportWords, title: str, made: datetime.date) -> None:
        self._words = words
        self._tables = 0
        self._figures = 0
        self._document: Any = Document()
        self._set_up(title, made)

    def heading(self, text: str) -> None:
        """A section."""
        self._document.add_heading(text, level=1)

    def paragraph(self, text: str) -> None:
        """A paragraph."""
        self._document.add_paragraph(_clean(text))

    def points(self, texts: Sequence[str]) -> None:
        """A numbered list."""
        for text in texts:
            self._document.add_paragraph(_clean(text), style="List Number")

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """What and its value, a line each."""
        for name, value in rows:
            paragraph = self._document.add_paragraph()
            paragraph.add_run(f"{name}　").bold = True
            paragraph.add_run(_clean(value))

    def table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table under its caption; its headings are repeated on every page."""
        self._tables += 1
        caption = self._words.table_caption.format(number=self._tables, title=title)
        self._caption(caption, keep_with_next=True)
        table = self._document.add_table(rows=1, cols=len(headings), style="Table Grid")
        _fill(table.rows[0], headings, bold=True)
        _mark(table.rows[0], "w:tblHeader")
        for row in rows or [[self._words.no_rows, *[""] * (len(headings) - 1)]]:
            added = table.add_row()
            _fill(added, row)
            _mark(added, "w:cantSplit")
        self._document.add_paragraph()

    def picture(self, title: str, png: bytes, alt: str) -> None:
        """A picture above its caption, with its description for who does not see it."""
        self._figures += 1
        shape = self._document.add_picture(io.BytesIO(png), width=WIDEST)
        if shape.height > HIGHEST:
            shape.width, shape.height = int(shape.width * HIGHEST / shape.height), HIGHEST
        properties = shape._inline.docPr
        properties.set("descr", alt)
        properties.set("title", title)
        self._document.paragraphs[-1].paragraph_format.keep_with_next = True
        self._caption(self._words.figure_caption.format(number=self._figures, title=title))

    def save(self, file: Path) -> None:
        """Write it to `file`."""
        self._document.save(str(file))

    def _set_up(self, title: str, made: datetime.date) -> None:
        styles = self._document.styles
        self._font(styles["Normal"], self._words.body_font, BODY)
        self._font(styles["Caption"], self._words.body_font, CAPTION)
        for name, size in HEADINGS.items():
            self._font(styles[name], self._words.heading_font, size)
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.6)
        properties = self._document.core_properties
        properties.title, properties.author, properties.language = title, self._words.author, "zh-CN"
        properties.comments = ""
        properties.created = properties.modified = datetime.datetime.combine(made, datetime.time())
        self._document.add_heading(title, level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _font(self, style: Any, font: str, size: float) -> None:
        """Word chooses East Asian letters by an attribute of their own, and themes would go before it."""
        style.font.name = self._words.latin_font
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)
        fonts.set(qn("w:eastAsia"), font)
        for language in properties.findall(qn("w:lang")):
            properties.remove(language)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
        properties.append(language)

    def _caption(self, text: str, *, keep_with_next: bool = False) -> None:
        paragraph = self._document.add_paragraph(text, style="Caption")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = keep_with_next


def _fill(row: Any, texts: Sequence[str], *, bold: bool = False) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        cell.paragraphs[0].add_run(_clean(text)).bold = bold


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _clean(text: str) -> str:
    return UNSAFE_CHARACTERS.sub("", text)
