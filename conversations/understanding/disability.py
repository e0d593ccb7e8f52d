"""Categories of disability and their levels, only where they are said of the person."""

import re
from collections.abc import Mapping
from itertools import pairwise

import msgspec

from conversations.understanding.models import DisabilityWords
from conversations.understanding.patterns import Patterns

NEAR = 6
"""Characters that may stand between a category's name and its level."""
MULTIPLE = 2


class _Token(msgspec.Struct, frozen=True):
    """A category (or, with `level`, a level) in a text, and the number of its clause."""

    start: int
    end: int
    clause: int
    category: str = ""
    level: int = 0


class Severity(msgspec.Struct, frozen=True):
    """Categories told of, levels by category, and a level said of no category in particular."""

    categories: tuple[str, ...] = ()
    levels: dict[str, int] = {}
    bare: int | None = None


class Disabilities:
    """Reads categories and levels."""

    def __init__(self, words: DisabilityWords, patterns: Patterns) -> None:
        patterns = patterns.with_words(words.words)
        self._patterns = patterns
        self._states = {name: patterns.compile(category.states) for name, category in words.categories.items()}
        self._names = {name: patterns.compile(category.names) for name, category in words.categories.items()}
        self._faculties = {name: patterns.compile(category.faculty) for name, category in words.categories.items()}
        self._vague = patterns.compile("|".join(words.vague))
        self._apart = patterns.compile(words.apart)
        self._negation = patterns.compile("{negation}")
        self._of_person = patterns.compile(words.of_person)
        self._of_others = patterns.compile(words.of_others)
        self._level = patterns.compile(words.level.said)
        self._not_level = patterns.compile(words.level.not_said)
        self._injury = patterns.compile(words.level.injury)
        self._all_of = patterns.compile(words.level.all_of)
        self._digit = patterns.compile(words.level.digit)

    def read(self, text: str, *, asked: bool, level_asked: bool = False) -> Severity:
        """The categories and levels of plain `text`; where they were `asked` for, a name alone is an answer.

        With `level_asked` a digit right after a category is its level ("听力2").
        """
        text = self._apart.sub("", text)
        text = self._vague.sub(lambda match: "_" * len(match[0]), text)
        levels = self._levels(text)
        tokens = self._found(text, self._states)
        for token in self._found(text, self._names):
            if asked or _level_beside(token, levels) or self._tells_of_person(text, token):
                tokens.append(token)
        if asked or levels:
            tokens += [token for token in self._found(text, self._faculties) if asked or _level_beside(token, levels)]
        tokens = _without_overlaps(tokens)
        if level_asked:
            levels += self._digits(text, tokens)
        said = {token.category for token in tokens}
        categories = tuple(name for name in self._states if name in said)
        paired = self._paired(text, tokens, levels)
        bare = levels[0].level if len(levels) == 1 and not categories else None
        return Severity(categories, paired, bare)

    def _found(self, text: str, patterns: Mapping[str, re.Pattern[str]]) -> list[_Token]:
        return [
            _token(text, match, category=category)
            for category, pattern in patterns.items()
            for match in pattern.finditer(text)
            if not self._negated(text, match)
        ]

    def _levels(self, text: str) -> list[_Token]:
        found = []
        for match in self._level.finditer(text):
            start = text.rfind("\n", 0, match.start()) + 1
            level = self._patterns.number(match["n"])
            grades_of_injury = self._injury.search(text, start, match.start())
            other = grades_of_injury or self._not_level.search(text, start, match.start())
            if level and not other and not self._negated(text, match):
                found.append(_token(text, match, level=level))
        return found

    def _digits(self, text: str, categories: list[_Token]) -> list[_Token]:
        """The digits that stand alone right after a category, each as if in that category's clause."""
        found = ((token, self._digit.match(text, token.end)) for token in categories)
        return [
            _Token(match.start("n"), match.end("n"), token.clause, level=self._patterns.number(match["n"]) or 0)
            for token, match in found
            if match
        ]

    def _negated(self, text: str, match: re.Match[str]) -> bool:
        start = text.rfind("\n", 0, match.start()) + 1
        return bool(self._negation.search(text, start, match.start()))

    def _tells_of_person(self, text: str, token: _Token) -> bool:
        start = text.rfind("\n", 0, token.start) + 1
        end = text.find("\n", token.end)
        rest = text[token.end : end if end >= 0 else len(text)]
        return bool(self._of_person.search(text[start : token.start])) and not self._of_others.search(rest)

    def _paired(self, text: str, categories: list[_Token], levels: list[_Token]) -> dict[str, int]:
        """Each level with its category: in a clause the one before it, or after it where the level comes first."""
        paired: dict[str, int] = {}
        for level in levels:
            own = [token for token in categories if token.clause == level.clause]
            before = [token for token in own if token.end <= level.start and token.category not in paired]
            leads = bool(own) and min(token.start for token in own) > min(
                other.start for other in levels if other.clause == level.clause
            )
            if own and self._all_of.search(text[: level.start].rpartition("\n")[2]):
                paired.update({token.category: level.level for token in before})
            elif own:
                near = [token for token in own if token.start >= level.end] if leads else before[::-1]
                if near and (len(_names(before)) < MULTIPLE or leads or level.start - near[0].end <= 1):
                    paired.setdefault(near[0].category, level.level)
            else:
                self._pair_apart(paired, level, categories, levels)
        return paired

    def _pair_apart(
        self, paired: dict[str, int], level: _Token, categories: list[_Token], levels: list[_Token]
    ) -> None:
        """A level in a clause of its own belongs to the only category, or to that of the clause just before."""
        earlier = [token for token in categories if token.clause == level.clause - 1]
        only = _names(categories) if len(levels) == 1 else _names(earlier)
        if len(only) == 1:
            paired.setdefault(only[0], level.level)


def _token(text: str, match: re.Match[str], *, category: str = "", level: int = 0) -> _Token:
    return _Token(match.start(), match.end(), text.count("\n", 0, match.start()), category, level)


def _level_beside(token: _Token, levels: list[_Token]) -> bool:
    return any(
        token.clause == level.clause and (0 <= level.start - token.end <= NEAR or 0 <= token.start - level.end <= NEAR)
        for level in levels
    )


def _names(tokens: list[_Token]) -> list[str]:
    return list(dict.fromkeys(token.category for token in tokens))


def _without_overlaps(tokens: list[_Token]) -> list[_Token]:
    """The tokens left to right; of those of one category that overlap only the first."""
    ordered = sorted(tokens, key=lambda token: (token.category, token.start, -token.end))
    kept = ordered[:1] + [b for a, b in pairwise(ordered) if a.category != b.category or b.start >= a.end]
    return sorted(kept, key=lambda token: token.start)
