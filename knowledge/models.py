"""The plain, frozen data that the whole project speaks about texts in."""

import datetime
from typing import Literal

import msgspec

ClauseKind = Literal["body", "heading", "units", "card"]
CardField = Literal["title", "number", "issuer", "issued", "published"]

MAX_CLAUSE = 220
"""The longest clause in characters: what a person can take in when it is read aloud."""


class Successor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The plan that follows a document, as publicly reported: whose it is (甘肃, 国家), its number, when it was issued.

    `issued` is a day or, where only that is known, a month: "2025-11-07", "2025-10". `own`: it is of the document's own
    place; otherwise of a larger one, and of the place itself none was found.
    """

    place: str
    number: str | None = None
    issued: str
    own: bool = True


class CardFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fact of the document itself (its number, a date), with the line of the source that states it."""

    field: CardField
    quote: str


class Misprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A slip in the source: quotations keep `printed`, what is read to a person says `means`."""

    printed: str
    means: str


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What identifies a document and says when and where it holds.

    Periods are inclusive days; `region` is a GB/T 2260 code; `sha256` is that of the source's bytes.
    """

    title: str
    short_title: str
    kind: str
    layout: Literal["interview", "webpage", "plain", "pdf", "table"]
    region: str
    number: str | None = None
    describes: str | None = None
    issuer: str
    issued: datetime.date | None = None
    published: datetime.date | None = None
    in_force_from: datetime.date
    in_force_to: datetime.date
    successor: Successor | None = None
    sha256: str
    facts: tuple[CardFact, ...] = ()
    misprints: tuple[Misprint, ...] = ()

    def in_force(self, day: datetime.date) -> bool:
        """Whether the document's own period contains `day`."""
        return self.in_force_from <= day <= self.in_force_to

    @property
    def label(self) -> str:
        """What people cite it by: its number, else its short title."""
        return self.number or self.short_title


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence (or part of one) of a document's clean text, `text == document.text[start:end]`."""

    id: str
    document: str
    kind: ClauseKind
    path: tuple[str, ...]
    text: str
    start: int
    end: int
    responsible: tuple[str, ...] = ()
    states: tuple[CardField, ...] = ()


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the source's characters `start` to `end`: a clause's id, or why they were dropped."""

    start: int
    end: int
    clause: str | None = None
    dropped: str | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One policy text: its card, its clean text, the clauses that partition it, and an account of its source."""

    id: str
    card: Card
    text: str
    clauses: tuple[Clause, ...]
    fates: tuple[Fate, ...]
    source_length: int
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """How other programs name it: the seed's three digits, else the document's id."""
        return self.id[:3] if self.id[:3].isdigit() else self.id
