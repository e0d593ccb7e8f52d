"""What of a text the index sees: words, terms, character pairs, sound pairs.

A feature is a string whose first letter is its kind: w a word, t a term of the lexicon (by number), b a pair of
neighbouring characters, s a pair of neighbouring folded sounds, u a single character.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from knowledge.lexicon.models import Lexicon
from knowledge.normalise import HAN_RUN
from knowledge.tokens import Cut

KIND_WEIGHTS: Mapping[str, float] = {"w": 1.0, "t": 1.0, "b": 0.7, "s": 0.5, "u": 0.3}
"""How much a feature of each kind counts; found by measuring (`make bench ONLY=answers`)."""


UNSEEN_PAIR = KIND_WEIGHTS["b"]


class Query(NamedTuple):
    """A question as an index sees it: the rows of its known features, and the summed weight of the unknown ones."""

    rows: tuple[int, ...]
    unseen: float


class Featurizer:
    """Turns normalised text into features."""

    def __init__(self, lexicon: Lexicon, sounds: Mapping[str, str], cut: Cut) -> None:
        self.cut = cut
        self._sounds = sounds
        self._spoken = lexicon.spoken
        self._spoken_forms = _alternatives(lexicon.spoken)
        self._stopwords = frozenset(lexicon.stopwords)
        self._fillers = _alternatives(word for word in lexicon.stopwords if len(word) > 1)
        self._terms: dict[str, list[str]] = {}
        for number, term in enumerate(lexicon.terms):
            for word in set(term.words):
                self._terms.setdefault(word, []).append(f"t{number}")

    def plain(self, text: str) -> str:
        """`text` with its dialect and spoken forms replaced."""
        return self._spoken_forms.sub(lambda match: self._spoken[match[0]], text)

    def of_text(self, text: str) -> Counter[str]:
        """The features of normalised `text` and how often each occurs."""
        plain = self.plain(text)
        found = self._words_and_terms(plain)
        for run in self._runs(plain):
            found += self._characters(run)
            found += ["b" + first + second for first, second in itertools.pairwise(run)]
            found += self._sound_pairs(run)
        return Counter(found)

    def of_question(self, text: str, rows: Mapping[str, int]) -> Query:
        """The features of normalised `text`, by their `rows` in an index; sounds only where a pair has no row.

        A pair that no text has is likely a slip for one that sounds alike; where the pair is known, its sound would
        only add what sounds alike and means something else.
        """
        plain = self.plain(text)
        row_of = rows.get
        words = self._words_and_terms(plain)
        found = [row_of(word) for word in words]
        unseen = sum(KIND_WEIGHTS[word[0]] for word in words if word not in rows) if None in found else 0.0
        for run in self._runs(plain):
            # A stopword has no row: no text has its feature.
            found += [row_of("u" + char) for char in run]
            pairs = [row_of("b" + run[start : start + 2]) for start in range(len(run) - 1)]
            found += pairs
            if None in pairs:
                slips = [start for start, row in enumerate(pairs) if row is None]
                found += [row_of("s" + self._sound(run[start]) + self._sound(run[start + 1])) for start in slips]
                unseen += UNSEEN_PAIR * len(slips)
        return Query(tuple(row for row in dict.fromkeys(found) if row is not None), unseen)

    def _words_and_terms(self, plain: str) -> list[str]:
        words = self.cut(plain)
        found = [term for word in words if word in self._terms for term in self._terms[word]]
        return found + ["w" + word for word in words if word not in self._stopwords and word[0].isalnum()]

    def _runs(self, plain: str) -> list[str]:
        """The runs of Chinese characters, fillers ("我想问一下") left out."""
        return HAN_RUN.findall(self._fillers.sub(" ", plain))

    def _characters(self, run: str) -> list[str]:
        return ["u" + char for char in run if char not in self._stopwords]

    def _sound_pairs(self, run: str) -> list[str]:
        sounds = map(self._sound, run)
        return ["s" + first + second for first, second in itertools.pairwise(sounds)]

    def _sound(self, char: str) -> str:
        return self._sounds.get(char, char)


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches any of `words`, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
