"""Blocks: the stretches of a text that a layout finds, before they are cut into clauses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.models import ClauseKind
from knowledge.reading.traced import Traced

SENTENCE_END = "。！？；"


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, table cell or line about the document itself."""

    span: Traced
    kind: ClauseKind = "body"
    path: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()


TOP_HEADING = re.compile(r"[一二三四五六七八九十]+、[^。；]{2,30}$")
SECTION_HEADING = re.compile(r"[（(][一二三四五六七八九十]+[）)][^。；]{2,40}。")
ORDINAL_HEADING = re.compile(r"[一二三四五六七八九十]是[^。；]{2,40}。")


def headed(paragraphs: Iterable[Traced]) -> Iterator[Block]:
    """Paragraphs with "一、", "（一）…。" and "一是…。" headings made into blocks with their paths.

    A top heading stands alone on its line; the others open a paragraph, whose remainder is their body.
    """
    top: tuple[str, ...] = ()
    for paragraph in paragraphs:
        if TOP_HEADING.match(paragraph.text):
            top = (paragraph.text,)
            yield Block(paragraph, "heading", top)
            continue
        opening = SECTION_HEADING.match(paragraph.text) or ORDINAL_HEADING.match(paragraph.text)
        path = top
        if opening:
            heading = paragraph[: opening.end()]
            path = (*top, heading.text.rstrip("。"))
            yield Block(heading, "heading", path)
            paragraph = paragraph[opening.end() :]
        if paragraph:
            yield Block(paragraph, "body", path)
