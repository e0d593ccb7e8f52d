"""Facts as plain data: the words for them, and the conditions that are put on them."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

FactValue = bool | int | str | tuple[str, ...] | Mapping[str, int]
"""What a fact may be: bool, int, choice and place and day (str), choices (tuple), levels (category to level)."""
Facts = Mapping[str, FactValue]
"""What is known of a household, by the facts' names. What is not known is not in it."""
FactKind = Literal["bool", "int", "choice", "choices", "levels", "region", "date"]
Scalar = bool | int | str

LEVEL = "level:"
"""`level:X` in a condition is the level of category X in the fact `levels`."""
LEVELS = "levels"


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One word of the vocabulary.

    `values` are the allowed ones with their labels (of levels: the categories), `least` and `most` bound an int or a
    level, both inclusive. `stands_for_others` is a value of a list that says that there are others without naming
    them. `ask_first` are the facts from which this one usually follows.
    """

    kind: FactKind
    label: str
    meaning: str
    values: Mapping[str, str] = {}
    least: int | None = None
    most: int | None = None
    stands_for_others: str | None = None
    ask_first: tuple[str, ...] = ()


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op"):
    """What all conditions on one fact have. `quotation` is the text's words for it, `note` what they leave unclear."""

    fact: str
    quotation: str = ""
    note: str = ""


class Eq(Leaf, frozen=True, tag="eq"):
    """The fact is `value`."""

    value: Scalar


class Ne(Leaf, frozen=True, tag="ne"):
    """The fact is anything but `value`."""

    value: Scalar


class In(Leaf, frozen=True, tag="in"):
    """The fact is one of `values`."""

    values: tuple[Scalar, ...]


class Ge(Leaf, frozen=True, tag="ge"):
    """The fact is `least` or more."""

    least: int


class Has(Leaf, frozen=True, tag="has"):
    """The fact, a list, shares an item with `values`."""

    values: tuple[str, ...]


class Map(Leaf, frozen=True, tag="map"):
    """Values that meet, values that lack; the text is silent about any other, which gives unknown."""

    meets: tuple[Scalar, ...]
    lacks: tuple[Scalar, ...]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op"):
    """Conditions joined. `open_ended`: the text's list ends in "and so on", so matching none of it decides nothing."""

    criteria: tuple["Condition", ...]
    open_ended: bool = False
    quotation: str = ""
    note: str = ""


class Any(Group, frozen=True, tag="any"):
    """One of them holds."""


class All(Group, frozen=True, tag="all"):
    """All of them hold."""


class Open(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op", tag="open"):
    """A condition that the text leaves to other rules: no fact decides it. `why` says what it leaves open."""

    why: str
    quotation: str = ""
    note: str = ""


Condition = Eq | Ne | In | Ge | Has | Map | Any | All | Open
OneFact = Eq | Ne | In | Ge | Has | Map


class Derivation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What follows for `fact` when all of `when` hold and none of `unless` can; `reason` is said to people.

    It fills in a fact that is not given; `replaces` are given values that it also goes before.
    """

    fact: str
    value: Scalar
    reason: str
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    replaces: tuple[Scalar, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All facts by name, and what follows from them, in the order in which it is worked out."""

    facts: Mapping[str, Fact]
    derivations: tuple[Derivation, ...]


def leaves(condition: Condition) -> Iterator[OneFact | Open]:
    """The conditions in `condition` that are not groups, in the order of the text."""
    if isinstance(condition, Any | All):
        for part in condition.criteria:
            yield from leaves(part)
    else:
        yield condition


def fact_name(name: str) -> str:
    """The fact that a name in a condition is of: `level:X` is of `levels`."""
    return LEVELS if name.startswith(LEVEL) else name
