"""A text that repeats itself in a damaged encoding: GBK bytes that were shown as Latin-1.

Such a copy also loses every byte 0xAD (the invisible soft hyphen of Latin-1). In GBK, 经济 is BE AD BC C3, so a
lost 0xAD shows as BE BC C3; restored there, the bytes decode clean.
"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from knowledge.reading.traced import Ledger, Traced

REPEATS = "the text again, in a damaged encoding"
MOJIBAKE_LINE = re.compile(r"[\x80-\xff]{2}")
LOST_SOFT_HYPHEN = (b"\xbe\xbc\xc3", b"\xbe\xad\xbc\xc3")
ALIKE = 97.0
"""How alike (rapidfuzz ratio, 0–100) a tail must be to what stands before it to count as a repetition."""


def decode_gbk_shown_as_latin1(text: str) -> str | None:
    """The Chinese behind `text`, or None where it is not such a text."""
    if not MOJIBAKE_LINE.search(text):
        return None
    try:
        return text.encode("latin-1").replace(*LOST_SOFT_HYPHEN).decode("gbk")
    except UnicodeError:
        return None


def drop_repeated_tail(whole: Traced, ledger: Ledger) -> Traced:
    """`whole` less a damaged repetition of itself at its end; unchanged if there is none, or it says anything new."""
    lines = list(whole.lines())
    decoded = [decode_gbk_shown_as_latin1(line.text) for line in lines]
    damaged = [i for i, line in enumerate(decoded) if line is not None]
    if not damaged:
        return whole
    readable = [_bare(said if said is not None else line.text) for line, said in zip(lines, decoded, strict=True)]
    likeness = {first: _likeness(readable, first) for first in range(damaged[0] + 1)}
    first = max(likeness, key=likeness.__getitem__)
    if likeness[first] >= ALIKE:
        start = lines[first].origin[0]
        ledger.drop(whole[start:], REPEATS)
        ledger.notes.append(
            f"{len(whole.text) - start} characters from place {start} on are GBK shown as Latin-1; "
            f"decoded, they repeat the first {len(''.join(readable[first:]))} characters of the text, and are dropped"
        )
        return whole[:start]
    ledger.notes.append(
        f"{len(damaged)} lines from place {lines[damaged[0]].origin[0]} on are in a damaged encoding "
        "and say something that the rest does not: read them by hand"
    )
    return whole


def _likeness(lines: Sequence[str], first: int) -> float:
    """How like the lines from `first` on are to the beginning of those before them."""
    head, tail = "".join(lines[:first]), "".join(lines[first:])
    return fuzz.ratio(head[: len(tail)], tail) if tail else 0.0


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
