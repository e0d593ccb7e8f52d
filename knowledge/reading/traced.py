"""Text that remembers where in the source each of its characters stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Traced:
    """Characters of a source in their order, perhaps with gaps; `origin[i]` is the place of `text[i]`."""

    text: str
    origin: tuple[int, ...]

    @classmethod
    def whole(cls, source: str) -> "Traced":
        """The whole source."""
        return cls(source, tuple(range(len(source))))

    def __getitem__(self, part: slice) -> "Traced":
        return Traced(self.text[part], self.origin[part])

    def __add__(self, other: "Traced") -> "Traced":
        return Traced(self.text + other.text, self.origin + other.origin)

    def __bool__(self) -> bool:
        return bool(self.text)

    def lines(self) -> Iterator["Traced"]:
        """The lines, without their ends."""
        for match in re.finditer(r"[^\n]+", self.text):
            yield self[match.start() : match.end()]

    def cells(self) -> Iterator["Traced"]:
        """The tab-separated cells of a line."""
        start = 0
        for match in re.finditer(r"\t|$", self.text):
            yield self[start : match.start()]
            start = match.end()


class Ledger:
    """The account of a source: why each dropped character was dropped."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.reasons: list[str | None] = [None] * len(source)
        self.notes: list[str] = []

    def drop(self, span: Traced, reason: str) -> None:
        """Record that every character of `span` is dropped because of `reason`."""
        for place in span.origin:
            self.reasons[place] = reason

    def drop_where(self, span: Traced, character: str, reason: str) -> None:
        """Record that every `character` in `span` is dropped because of `reason`."""
        for place, char in zip(span.origin, span.text, strict=True):
            if char == character:
                self.reasons[place] = reason

    def without(self, span: Traced, pattern: str | re.Pattern[str], reason: str) -> Traced:
        """`span` less every match of `pattern`, which is dropped because of `reason`."""
        kept = Traced("", ())
        start = 0
        for match in re.finditer(pattern, span.text):
            self.drop(span[match.start() : match.end()], reason)
            kept += span[start : match.start()]
            start = match.end()
        return kept + span[start:]
