"""What of a text the index sees: words, terms, character pairs, sound pairs.

A feature is a string whose first letter is its kind: w a word, t a term of the lexicon (by number), b a pair of
neighbouring characters, s a pair of neighbouring folded sounds, u a single character.
"""

import itertools
import operator
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from knowledge.lexicon.models import Lexicon
from knowledge.normalise import HAN_RUN
from knowledge.tokens import Cut

KIND_WEIGHTS: Mapping[str, float] = {"w": 1.0, "t": 1.0, "b": 0.7, "s": 0.5, "u": 0.3}
"""How much a feature of each kind counts; found by measuring (`make bench ONLY=answers`)."""

Postings = Mapping[str, Mapping[str, bytes]]
"""The posting list of each feature that an index knows, by its kind and what follows that."""


class Query(NamedTuple):
    """A question as an index sees it: the lists of its known features, and the summed weight of the unknown ones."""

    lists: Sequence[bytes]
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
                self._terms.setdefault(word, []).append(str(number))

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
            found += ["s" + pair for pair in self._sound_pairs(run)]
        return Counter(found)

    def of_question(self, text: str, postings: Postings) -> Query:
        """The features of normalised `text`, by their `postings` in an index; sounds only where a pair has none.

        A pair that no text has is likely a slip for one that sounds alike; where the pair is known, its sound would
        only add what sounds alike and means something else.
        """
        plain = self.plain(text)
        words = dict.fromkeys(self.cut(plain))
        terms = dict.fromkeys([term for word in words if word in self._terms for term in self._terms[word]])
        han = " ".join(self._runs(plain))
        pairs = dict.fromkeys(map(operator.add, han, han[1:]))
        # A stopword has no postings: no text has its feature.
        of_words, of_terms = list(map(postings["w"].get, words)), list(map(postings["t"].get, terms))
        of_pairs = list(map(postings["b"].get, pairs))
        strange = [word for word, found in zip(words, of_words, strict=True) if found is None and self._is_word(word)]
        slips = [pair for pair, found in zip(pairs, of_pairs, strict=True) if found is None and " " not in pair]
        sound = self._sounds.get
        sounds = dict.fromkeys([sound(first, first) + sound(second, second) for first, second in slips])
        of_sounds, of_characters = map(postings["s"].get, sounds), map(postings["u"].get, dict.fromkeys(han))
        weights = KIND_WEIGHTS
        unseen = weights["w"] * len(strange) + weights["t"] * of_terms.count(None) + weights["b"] * len(slips)
        found = filter(None, [*of_words, *of_terms, *of_pairs, *of_sounds, *of_characters])
        return Query(list(found), unseen)

    def _words_and_terms(self, plain: str) -> list[str]:
        words = self.cut(plain)
        found = ["t" + term for word in words if word in self._terms for term in self._terms[word]]
        return found + ["w" + word for word in words if self._is_word(word)]

    def _is_word(self, word: str) -> bool:
        """Whether `word` is neither a stopword nor punctuation."""
        return word not in self._stopwords and word[0].isalnum()

    def _runs(self, plain: str) -> list[str]:
        """The runs of Chinese characters, fillers ("我想问一下") left out."""
        return HAN_RUN.findall(self._fillers.sub(" ", plain))

    def _characters(self, run: str) -> list[str]:
        return ["u" + char for char in run if char not in self._stopwords]

    def _sound_pairs(self, run: str) -> Iterator[str]:
        sounds = list(map(self._sounds.get, run, run))
        return map(operator.add, sounds, sounds[1:])


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches any of `words`, the longest first; those that begin alike share a branch, for speed."""
    rests: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items()))
