"""The layouts in which texts reach us, each turned into blocks."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from knowledge.reading.blocks import SENTENCE_END, Block, headed
from knowledge.reading.traced import Ledger, Traced
from knowledge.reading.units import bracketed_units, parse_units

Layout = Callable[[Traced, Ledger], Iterator[Block]]

WHITE_SPACE = (r"\s+", "white space")
FURNITURE = re.compile(
    r"\s*(?:简体 繁体|登录|实名|注册|解读关联|主办单位|网站标识码"
    r"|发布日期: .*浏览次数|• *(?:索引号|组配分类|发文字号|标题))"
)
MARKS = re.compile(r"^#+\s*|\*\*|^-{3,}$")
TURN = re.compile(r"^([^，。：；\n]{2,16})：.*\n([^，。：；\n]{2,16})：", re.MULTILINE)


def plain(text: Traced, ledger: Ledger) -> Iterator[Block]:
    """Plain text, a paragraph a line."""
    yield from headed(_tidy(text.lines(), ledger))


def interview(text: Traced, ledger: Ledger) -> Iterator[Block]:
    """Questions and answers: what is asked is the heading of what is answered."""
    turns = TURN.findall(text.text)
    askers, answerers = {turn[0] for turn in turns}, {turn[1] for turn in turns}
    question: tuple[str, ...] = ()
    for line in _tidy(text.lines(), ledger):
        speaker, colon, said = line.text.partition("：")
        if colon and speaker in askers:
            question = (said,)
            yield Block(line, "heading", question)
            continue
        if colon and speaker in answerers:
            ledger.drop(line[: len(speaker) + 1], "name of the speaker")
            line = line[len(speaker) + 1 :]
        for block in headed([line]):
            yield Block(block.span, block.kind, (*question, *block.path))


def webpage(text: Traced, ledger: Ledger) -> Iterator[Block]:
    """A government web page: navigation, search fields and footer go; departments in brackets go to their paragraph."""
    kept = []
    for line in text.lines():
        if FURNITURE.match(line.text):
            ledger.drop(line, "furniture of the web page")
        else:
            kept.append(ledger.without(line, r"•", "furniture of the web page"))
    for block in headed(_tidy(kept, ledger)):
        yield from bracketed_units(block)


def pdf(text: Traced, ledger: Ledger) -> Iterator[Block]:
    """Text taken from a PDF with Markdown marks: what a page's end broke in mid-word is joined again."""
    lines: list[Traced] = []
    joinable = False
    for line in text.lines():
        marked = bool(MARKS.search(line.text))
        line = ledger.without(ledger.without(line, MARKS, "Markdown mark"), *WHITE_SPACE)
        if joinable and line and not marked:
            lines[-1] += line
        elif line:
            lines.append(line)
        joinable = not marked and (line or lines[-1]).text[-1] not in SENTENCE_END + "："
    yield from headed(lines)


def table(text: Traced, ledger: Ledger) -> Iterator[Block]:
    """A table of tasks (number, task, measure, units) below a letter; an empty task cell continues the row above."""
    task: tuple[str, ...] = ()
    letter: list[Traced] = []
    for line in text.lines():
        line = ledger.without(line, r"</?p>", "markup")
        cells = [ledger.without(cell, *WHITE_SPACE) for cell in line.cells()]
        ledger.drop_where(line, "\t", "rule of the table")
        if len(cells) != 4:
            letter = _joined_at_comma(letter, cells)
            continue
        yield from headed(letter)
        letter = []
        number, name, measure, named = cells
        if number.text == "序号":
            for cell in cells:
                ledger.drop(cell, "header of the table")
            continue
        if number:
            task = (f"{number.text}. {name.text}",)
            yield Block(number + name, "heading", task)
        units = parse_units(named.text)
        yield Block(measure, "body", task, units)
        yield Block(named, "units", task, units)
    yield from headed(letter)


def _tidy(lines: Iterable[Traced], ledger: Ledger) -> Iterator[Traced]:
    return (tidy for line in lines if (tidy := ledger.without(line, *WHITE_SPACE)))


def _joined_at_comma(lines: list[Traced], cells: Iterable[Traced]) -> list[Traced]:
    """`lines` and the non-empty `cells`, a cell joined to a line that stops at a comma."""
    joined = list(lines)
    for cell in filter(None, cells):
        if joined and joined[-1].text.endswith("，"):
            joined[-1] += cell
        else:
            joined.append(cell)
    return joined


LAYOUTS: Mapping[str, Layout] = {
    "plain": plain,
    "interview": interview,
    "webpage": webpage,
    "pdf": pdf,
    "table": table,
}
