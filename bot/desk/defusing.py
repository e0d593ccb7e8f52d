"""Text that a spreadsheet program would take for something else: a formula, or a number (OWASP, CSV injection)."""

import re

import msgspec

FORMULA = re.compile(r"[\s\u200b-\u200f\ufeff]*[=+\-@\t\r\n＝＋－＠]")
"""How a formula begins, also after white space, which some programs skip; programs of East Asia read full width too."""
AS_NUMBER = re.compile(r"0\d+|\d{11,}|\d+[eE]\d+|\d+[-/]\d+(?:[-/]\d+)?")
"""What would lose its first noughts or its last digits, or become a power or a day."""
UNSAFE_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that no sheet may hold (XML 1.0)."""


class Safe(msgspec.Struct, frozen=True):
    """A cell's text; `risky` where it must be marked as text, for else it would not be read as one."""

    text: str
    risky: bool


def examine(text: str) -> Safe:
    """`text` without what no sheet may hold."""
    text = UNSAFE_CHARACTERS.sub("", text)
    return Safe(text, bool(FORMULA.match(text) or AS_NUMBER.fullmatch(text.strip())))


def defuse(text: str) -> str:
    """`text` for a CSV file: marked with an apostrophe where a spreadsheet program would not take it for text."""
    safe = examine(text)
    return f"'{safe.text}" if safe.risky else safe.text
