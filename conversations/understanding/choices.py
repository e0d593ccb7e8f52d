"""Which of the options now offered a message chooses: by number, by words, by nearly its words."""

import functools
import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from conversations.understanding.hearing import Hearing
from conversations.understanding.models import ChoiceWords, Option
from conversations.understanding.patterns import Patterns

CLOSE = 72.0
"""The likeness (0 to 100) that words typed nearly right have."""
CLEARLY = 12.0
"""How much liker than every other option the one meant must be."""
LONGEST_BESIDE = 4
"""Characters that may stand beside an option's words."""
ONE_DIGIT = 9
OPTIONS_REMEMBERED = 2_000
BRACKETS = re.compile(r"[（(].*?[)）]")


class Choices:
    """Finds the options chosen."""

    def __init__(self, words: ChoiceWords, patterns: Patterns, hearing: Hearing) -> None:
        self._patterns = patterns
        self._hearing = hearing
        self._number = patterns.compile(words.number)
        self._separator = patterns.compile(words.separator)
        self._beside = patterns.compile(words.beside)
        self._last = patterns.compile(f"^(?:{words.last})$")
        self._all = patterns.compile(f"^(?:{words.all})$")
        self._asking = patterns.compile("{asking}")
        self._negated = patterns.compile(words.negated)
        self._negative = patterns.compile("{negative}")
        # The options are the forms' own, a few hundred: nothing that a person wrote is remembered here.
        self._words_of = functools.lru_cache(OPTIONS_REMEMBERED)(self._words_as_heard)
        self._sound_of = functools.lru_cache(OPTIONS_REMEMBERED)(hearing.sound)
        self._denies = functools.lru_cache(OPTIONS_REMEMBERED)(self._has_negative)

    def chosen(self, text: str, options: Sequence[Option], *, many: bool) -> tuple[str, ...]:
        """The values of the options that plain `text` chooses, in the options' order; none where it is not clear."""
        if not options or not text:
            return ()
        words = {option.value: self._words_of(option) for option in options}
        said = set(self._by_exact_words(text, words) or self._by_number(text, options, many=many))
        if not said and many and self._all.search(text):
            said = set(words)
        if not said:
            said = set(self._by_words_in(text, words))
        if not said:
            said = set(self._by_likeness(text, words))
        if len(said) > 1 and not many:
            return ()
        return tuple(option.value for option in options if option.value in said)

    def _words_as_heard(self, option: Option) -> tuple[str, ...]:
        written = dict.fromkeys((option.label, BRACKETS.sub("", option.label), option.value, *option.also))
        return tuple(plain for word in written if (plain := self._hearing.plain(word)))

    def _by_exact_words(self, text: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
        return [value for value, own in words.items() if text in own]

    def _by_number(self, text: str, options: Sequence[Option], *, many: bool) -> list[str]:
        parts = [part for part in self._separator.split(text) if part] if many else [text.replace("\n", "")]
        chosen: list[str] = []
        for part in parts:
            match = self._number.search(part)
            number = self._patterns.number(match["n"]) if match else None
            if self._last.search(part):
                number = len(options)
            if number is None:
                return []
            numbers = [number]
            if many and number > len(options) and len(options) <= ONE_DIGIT:
                numbers = [int(digit) for digit in str(number)]
            if not all(1 <= each <= len(options) for each in numbers):
                return []
            chosen += [options[each - 1].value for each in numbers]
        return chosen

    def _by_words_in(self, text: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Options whose words stand in `text` with little beside them; longer words go before those within them."""
        spans = sorted(
            ((text.find(word), word, value) for value, own in words.items() for word in own if word in text),
            key=lambda span: -len(span[1]),
        )
        rest, chosen = text, []
        for _, word, value in spans:
            at = rest.find(word)
            if at >= 0:
                clause = rest[:at].rpartition("\n")[2]
                if not self._negated.search(clause):
                    chosen.append(value)
                rest = rest[:at] + "\0" * len(word) + rest[at + len(word) :]
        beside = self._beside.sub("", rest.replace("\0", ""))
        return chosen if len(beside) <= LONGEST_BESIDE and not self._asking.search(rest) else []

    def _by_likeness(self, text: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
        likeness = {value: self._likeness(text, own) for value, own in words.items()}
        ranked = sorted(likeness.items(), key=lambda item: -item[1])
        best, second = ranked[0], ranked[1] if len(ranked) > 1 else ("", 0.0)
        return [best[0]] if best[1] >= CLOSE and best[1] - second[1] >= CLEARLY else []

    def _likeness(self, text: str, own: tuple[str, ...]) -> float:
        """How like `text` is to the likest of an option's `own` words; a "not" alone makes an opposite, not a slip."""
        if self._hearing.sound(text) in map(self._sound_of, own):
            return 100.0
        denies = self._has_negative(text)
        return max((fuzz.ratio(text, word) for word in own if self._denies(word) == denies), default=0.0)

    def _has_negative(self, text: str) -> bool:
        return bool(self._negative.search(text))
