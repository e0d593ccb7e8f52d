"""What is told of a relative in passing, while it is known that somebody speaks for themselves."""

from collections.abc import Callable

from conversations.understanding.models import PassingWords
from conversations.understanding.patterns import Patterns


class Passing:
    """Leaves out what is said of relatives."""

    def __init__(self, words: PassingWords, patterns: Patterns) -> None:
        self._relative, self._own = patterns.compile(words.relative), patterns.compile(words.own)

    def without(self, text: str, tells: Callable[[str], bool]) -> str:
        """Plain `text` without its clauses about a relative.

        Where one `tells` a fact, those after it go on about the relative, up to one that is
        about the person again.
        """
        kept: list[str] = []
        of_relative = False
        for clause in text.split("\n"):
            match = self._relative.search(clause)
            if match:
                of_relative = tells(clause[match.start() :])
                kept += [clause[: match.start()]] if match.start() else []
            elif not of_relative or self._own.search(clause):
                of_relative = False
                kept.append(clause)
        return "\n".join(kept)
