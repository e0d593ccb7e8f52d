"""Cutting a paragraph into clauses: one sentence each, and none too long to be heard in one go.

A sentence that only announces what follows ("…以下几项工作。", "一是抓好落实。") is one clause with it.
"""

import re
from collections.abc import Iterator

from knowledge.models import MAX_CLAUSE

SENTENCE = re.compile(r".+?(?:[。！？；](?:[”’」』）)]*)|$)", re.DOTALL)
PAUSES = ("；", ";", "，", ",", "、")
ANNOUNCES = re.compile(r".*以下[^，。]{2,8}。$|[一二三四五六七八九十]是[^，；]{2,20}。$", re.DOTALL)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each clause; together they cover `text` without gap or overlap."""
    start = 0
    for match in SENTENCE.finditer(text):
        if match.end() == len(text) or not ANNOUNCES.match(match[0]):
            yield from _cut(text, start, match.end())
            start = match.end()


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in as few, as even parts as the limit allows, each ending at a pause if there is one."""
    parts = -(-(end - start) // MAX_CLAUSE)
    while parts > 1:
        ideal = start + (end - start) // parts
        cut = _nearest_pause(text, start, min(start + MAX_CLAUSE, end - 1), ideal)
        yield start, cut
        start = cut
        parts = -(-(end - start) // MAX_CLAUSE)
    yield start, end


def _nearest_pause(text: str, start: int, limit: int, ideal: int) -> int:
    """The place after the pause nearest to `ideal`, preferring the stronger marks; else the limit itself."""
    for pause in PAUSES:
        places = [i + 1 for i in range(start, limit) if text[i] == pause]
        near = [place for place in places if abs(place - ideal) <= MAX_CLAUSE // 3]
        if near:
            return min(near, key=lambda place: abs(place - ideal))
    return limit
