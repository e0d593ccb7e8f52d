"""Terms of the policies that few people know: explained in a short bracket where a message first uses them."""

import functools
import re
from collections.abc import Mapping

import msgspec

from conversations.packaged import load_data

QUOTES = {"“": 1, "「": 1, "《": 1, "”": -1, "」": -1, "》": -1}
BRACKETS = {"（": 1, "）": -1}
"""What opens and closes, counted: quotations are left alone, a bracket explains what stands before it."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term, and what stands in the bracket after it."""

    term: str
    means: str


class Terms:
    """Explains terms."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._meanings = meanings
        longest_first = sorted(meanings, key=len, reverse=True)
        self._mark = re.compile("|".join(map(re.escape, [*QUOTES, *BRACKETS, "\n", *longest_first])))

    def explained(self, text: str) -> str:
        """`text` with each term explained at its first use outside quotations; explained text stays as it is."""
        parts, end, quoted, beside = list[str](), 0, 0, 0
        met: set[str] = set()
        for match in self._mark.finditer(text):
            mark = match[0]
            if mark == "\n":
                quoted = beside = 0
            elif mark not in self._meanings:
                quoted = max(0, quoted + QUOTES.get(mark, 0))
                beside = max(0, beside + BRACKETS.get(mark, 0))
            elif not quoted and mark not in met:
                met.add(mark)
                if not beside and not text.startswith("（", match.end()):
                    parts += [text[end : match.end()], f"（{self._meanings[mark]}）"]
                    end = match.end()
        return "".join([*parts, text[end:]])


@functools.cache
def load_terms() -> Terms:
    """The packaged terms.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return Terms({term.term: term.means for term in load_data("terms.yaml", tuple[Term, ...])})
