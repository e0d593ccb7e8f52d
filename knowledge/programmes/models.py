"""A programme as plain data."""

import datetime
from typing import Literal

import msgspec

from knowledge.facts.models import Condition
from knowledge.models import Card

Subject = Literal["disabled_person", "family_member", "employer", "org"]
Tier = Literal["A", "B", "C", "D"]
ProgrammeKind = Literal["benefit", "service", "duty", "ban", "background"]
Binding = Literal["binding", "conditional", "refers", "encourage"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A programme as its document's file has it.

    `tier`: A is worth a guided dialog, B can be listed, C are duties and bans, D is background. `amount` is in yuan,
    `amount_in_words` is what the text says instead of a sum. `in_force_to` goes before the document's own. `benefit`
    is said to people: plain words for no more than the quotations say. `note` is for who mends the entry.
    """

    id: str
    name: str
    clause: str
    subjects: tuple[Subject, ...]
    category: str
    tier: Tier
    kind: ProgrammeKind
    binding: Binding
    benefit: str
    amount: int | None = None
    amount_in_words: str | None = None
    in_force_to: datetime.date | None = None
    quotations: tuple[str, ...]
    criteria: tuple[Condition, ...] = ()
    responsible: tuple[str, ...] = ()
    note: str | None = None


class ProgrammeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one document offers, in the places where it holds (GB/T 2260)."""

    regions: tuple[str, ...]
    programmes: tuple[Entry, ...]


class Programme(msgspec.Struct, frozen=True):
    """A programme with the document that it is from (a folder of the corpus) and the places where it holds."""

    entry: Entry
    document: str
    regions: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its name to other programs, for example "TS-31"."""
        return self.entry.id

    @property
    def source(self) -> str:
        """How other programs name its document: the seed's three digits, else the document's id."""
        return self.document[:3] if self.document[:3].isdigit() else self.document

    def in_force(self, card: Card, day: datetime.date) -> bool:
        """Whether it is in force on `day`; `card` is its document's, and its own end goes before the document's."""
        return card.in_force_from <= day <= (self.entry.in_force_to or card.in_force_to)
