"""Regular expressions that name words: "{n}岁" with words.yaml's `n`."""

import re
from collections.abc import Mapping

from conversations.understanding.models import Words

NAMED = re.compile(r"\{([a-z_]+)\}")


class Patterns:
    """Compiles patterns, and reads the numbers they find.

    `^` and `$` are a clause's edges: the plain text has each clause on a line of its own.
    """

    def __init__(self, words: Words) -> None:
        self._digits = {**words.digits, **{str(digit): digit for digit in range(10)}}
        self._units = words.units
        self._words: dict[str, str] = {}
        self._add(words.words)

    def with_words(self, words: Mapping[str, str]) -> "Patterns":
        """These patterns with more words."""
        other = Patterns.__new__(Patterns)
        other._digits, other._units, other._words = self._digits, self._units, dict(self._words)
        other._add(words)
        return other

    def compile(self, pattern: str, *, across: bool = False) -> re.Pattern[str]:
        """A pattern, its named words filled in; `across` clauses or within one."""
        return re.compile(self.fill(pattern), re.MULTILINE | (re.DOTALL if across else 0))

    def fill(self, pattern: str) -> str:
        """`pattern` with the words that it names.

        Raises:
            KeyError: no such word.

        """
        return NAMED.sub(lambda match: f"(?:{self._words[match[1]]})", pattern)

    def number(self, text: str | None) -> int | None:
        """The number that `text` writes in any script ("45", "四十五", "二〇二四"); None where it is not clear."""
        if not text or len(text) > 9:
            return None
        if not any(char in self._units for char in text):
            return self._positional(text)
        return self._with_units(text)

    def _positional(self, text: str) -> int | None:
        if not all(char in self._digits for char in text):
            return None
        return int("".join(str(self._digits[char]) for char in text))

    def _with_units(self, text: str) -> int | None:
        """The number of "一百二十" (120), "一百二" (120), "四五十" (None)."""
        total, section, digits, last = 0, 0, "", 1
        for char in text:
            if char in self._digits:
                digits += str(self._digits[char])
                continue
            if char not in self._units or (len(digits.lstrip("0")) > 1 and not text[0].isdecimal()):
                return None
            unit = self._units[char]
            if unit == max(self._units.values()):
                total, section = (total + section + int(digits or "0")) * unit, 0
            else:
                section += (int(digits) if digits else 1) * unit
            digits, last = "", unit
        if digits:
            tenth = last // 10 if len(digits) == 1 and last > 10 else 1
            section += int(digits) * tenth
        return total + section

    def _add(self, words: Mapping[str, str]) -> None:
        for name, pattern in words.items():
            self._words[name] = self.fill(pattern)


def first_number(patterns: Patterns, match: re.Match[str]) -> int | None:
    """The number in the first group of `match` that took part."""
    return next((patterns.number(group) for group in match.groups() if group is not None), None)
