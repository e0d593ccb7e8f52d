"""The responsible units that a text names beside a measure."""

import re

from knowledge.models import MAX_CLAUSE
from knowledge.reading.blocks import Block

DIVISION_OF_LABOUR = re.compile(r"[（(](?P<units>[^（()）]*?)(?:按职责分工)?负责(?:[,，][^（()）]*)?[）)]$")
REMARK = re.compile(r"[（(][^（()）]*分工负责[^（()）]*[）)]")


def parse_units(text: str) -> tuple[str, ...]:
    """The units in "甲、乙、丙按职责分工负责", verbatim and in order."""
    return tuple(unit for unit in re.split("[、，,]", REMARK.sub("", text)) if unit)


def bracketed_units(block: Block) -> list[Block]:
    """A paragraph that ends with "(甲、乙负责)" as its body, with those units, and the bracket itself."""
    match = DIVISION_OF_LABOUR.search(block.span.text)
    if block.kind != "body" or not match or match.end() - match.start() > MAX_CLAUSE:
        return [block]
    units = parse_units(match["units"])
    body = Block(block.span[: match.start()], "body", block.path, units)
    return [body, Block(block.span[match.start() :], "units", block.path, units)]
