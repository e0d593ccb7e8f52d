"""The lexicon's files as plain data."""

from collections.abc import Mapping

import msgspec


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy term, other wordings of it in the texts, and what people say for it."""

    term: str
    also: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every wording of it."""
        return (self.term, *self.also, *self.everyday)


class NotHeld(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic that no text answers: whom to ask instead, and how people ask about it.

    `far` topics have nothing to do with us at all.
    """

    id: str
    topic: str
    questions: tuple[str, ...]
    ask: str = ""
    hotline: tuple[int, ...] = ()
    far: bool = False


class Detail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A particular that people ask for of a measure (how much, which papers): what asking for it looks like, and what
    a clause that states it looks like (both regular expressions). `withholds`: a clause without it is no answer;
    `drops`: the words that ask for it are not searched for, since they fit every measure.
    """

    id: str
    asked: str
    stated: str
    withholds: bool = False
    drops: bool = False


class CardQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people ask for a fact of a document's card."""

    field: str
    questions: tuple[str, ...]


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    terms: tuple[Term, ...]
    spoken: Mapping[str, str]
    stopwords: tuple[str, ...]
    not_held: tuple[NotHeld, ...]
    details: tuple[Detail, ...]
    card_questions: tuple[CardQuestion, ...]
