"""Short answers: yes, no, don't know, and words read in the sense of what was asked."""

import functools
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from conversations.understanding.models import AnswerWords, Value
from conversations.understanding.patterns import Patterns

LEVEL_OF = "level:"
"""How the level of one category is asked for: "level:肢体"."""
CATEGORIES_TO_LEVELS = range(1, 5)


class Answer(msgspec.Struct, frozen=True):
    """What a short answer says, whatever was asked."""

    yes: bool | None
    dont_know: bool
    correction: bool


class Answers:
    """Reads short answers."""

    def __init__(self, words: AnswerWords, patterns: Patterns) -> None:
        self._patterns = patterns
        self._yes = self._whole(words.yes)
        self._no = self._whole(words.no)
        self._not_yes = patterns.compile(words.not_yes)
        self._refusal = patterns.compile(words.refusal)
        beside = f"(?:{words.dont_know_beside}|{{filler}})"
        self._dont_know = patterns.compile(f"^{beside}{{0,6}}(?:{words.dont_know}){beside}{{0,6}}$")
        self._correction = patterns.compile(words.correction)
        self._correction_more = patterns.compile(words.correction_more)
        self._bool = frozenset(words.bool)
        self._level = self._whole(words.level)
        self._year = self._whole(words.year)
        self._words = words
        # Compiling all that a fact's answers may be takes longer than a turn, and most facts are never asked.
        self._values = functools.cache(self._values_of)
        self._number = functools.cache(self._number_of)

    def read(self, text: str) -> Answer:
        """Yes or no by the first clause; a correction needs what is right beside what was wrong."""
        first, _, rest = text.partition("\n")
        no = bool(self._no.search(first))
        yes = not no and bool(self._yes.search(first)) and not self._not_yes.match(text)
        corrected = bool(self._correction.search(text) and (not no or rest) and self._correction_more.search(text))
        return Answer(True if yes else False if no else None, bool(self._dont_know.search(first)), corrected)

    def refuses(self, text: str) -> bool:
        """Whether plain `text` says of agreeing or sending, in any clause, that it shall not be, or not yet."""
        return bool(self._refusal.search(text))

    def value(self, text: str, asked: str, answer: Answer) -> Any:
        """What plain `text` says of the fact `asked` when it is a short answer; None where it is not."""
        first = text.partition("\n")[0]
        for pattern, value in self._values(asked):
            if pattern.search(first) and not (value is True and self._doubted(text)):
                return value
        if asked in self._words.numbers:
            number = self._words.numbers[asked]
            match = self._number(number.unit).search(first)
            found = self._patterns.number(match["n"]) if match else None
            return found if found is not None and number.least <= found <= number.most else None
        if asked == "levels" or asked.startswith(LEVEL_OF):
            match = self._level.search(first)
            found = self._patterns.number(match["n"]) if match else None
            return found if found in CATEGORIES_TO_LEVELS else None
        return answer.yes if asked in self._bool else None

    def year(self, text: str) -> str | None:
        """A year alone ("85年", "一九八五"), as typed."""
        match = self._year.search(text)
        return match["year"] if match else None

    def _doubted(self, text: str) -> bool:
        """Whether a yes in `text` is none: it begins as a no does, or a no follows it."""
        return bool(self._not_yes.match(text) or self._no.search(text))

    def _values_of(self, fact: str) -> Sequence[tuple[re.Pattern[str], Value]]:
        """What short answers to the question for `fact` stand for."""
        short = {"no": f"(?:{self._words.no})", "yes": f"(?:{self._words.yes})"}
        return [
            (self._whole(re.sub(r"(?<![a-z])(no|yes)(?![a-z])", lambda m: short[m[1]], meaning.when)), meaning.value)
            for meaning in self._words.values.get(fact, ())
        ]

    def _number_of(self, unit: str) -> re.Pattern[str]:
        return self._whole(f"(?P<n>{{n}})(?:{unit})?")

    def _whole(self, pattern: str) -> re.Pattern[str]:
        return self._patterns.compile(f"^{{filler}}{{0,3}}(?:{pattern}){{filler}}{{0,3}}$")
