"""What is understood of a message, and the forms of this folder's files."""

from collections.abc import Mapping
from typing import Any

import msgspec

Value = bool | int | str
"""A fact's plain value; lists and levels are built from several."""
Facts = dict[str, Any]


class Option(msgspec.Struct, frozen=True):
    """A choice now offered: the value it stands for, what is shown, and other words for it."""

    value: str
    label: str
    also: tuple[str, ...] = ()


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says.

    `facts` has the names and values of the facts' vocabulary; `levels` is {category: 1-4}, or the bare level where the
    message names no category ("是三级"). `choice` is the value of the option chosen, a tuple of values where several
    may be. `yes` is None where neither yes nor no is said; `refuses` tells that agreeing or sending is
    refused or put off somewhere in the message: nothing in it is a consent then. `id_number` tells that a resident's
    or disability certificate's number is in the message; the number itself is nowhere in what is understood.
    """

    command: str | None = None
    intent: str | None = None
    facts: Facts = {}
    choice: str | tuple[str, ...] | None = None
    correction: bool = False
    dont_know: bool = False
    yes: bool | None = None
    refuses: bool = False
    id_number: bool = False


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """words.yaml: what digits and units count, and patterns that others name."""

    digits: Mapping[str, int]
    units: Mapping[str, int]
    words: Mapping[str, str]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where `when` is found, `facts` hold; the first rule that gives a fact wins.

    A value of "number" is the number in the pattern's group. `negated`: the value of the first fact where a negation
    stands before the match; without it such a match says nothing. `unless`: a pattern that, in the same clause, forbids
    the rule. `named`: a pattern that the clause must also have where another fact than the rule's was just asked for.
    `asked`: the rule holds only where one of these was just asked for; without any, whatever was. `given`: facts that
    must already hold. `unless_known`: a fact that must not be known yet. `unless_settled`: the rule guesses whom the
    talk is about, and says nothing where that is known. `across`: the match may span clauses. `replaces`: the rule goes
    before those above it.
    """

    facts: Mapping[str, Value]
    when: str
    negated: Value | None = None
    unless: str | None = None
    named: str | None = None
    asked: tuple[str, ...] = ()
    given: Mapping[str, Value] = {}
    unless_known: str | None = None
    unless_settled: bool = False
    across: bool = False
    replaces: bool = False


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """facts_*.yaml."""

    rules: tuple[Rule, ...]
    set_aside: tuple[str, ...] = ()


class CommandRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that is `when`, fillers aside, is the command."""

    command: str
    when: str


class IntentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that has `when` and has not `unless` has the intent."""

    intent: str
    when: str
    unless: str | None = None


class Homophone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word told by its sound, and what must follow it where it is not alone."""

    word: str
    after: str = ""


class Homophones(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """sounds.yaml."""

    words: tuple[Homophone, ...]
    ordinary: tuple[str, ...]


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a condition is told (`states`), what its category is called (`names`), and what it impairs (`faculty`)."""

    states: str
    names: str
    faculty: str


class LevelWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a level is said, what before it makes it another grade, and what makes it the level of all categories.

    `digit` is a level without its unit, right after its category in an answer to the question for it.
    """

    said: str
    digit: str
    not_said: str
    injury: str
    all_of: str


class DisabilityWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """disability.yaml."""

    categories: Mapping[str, Category]
    words: Mapping[str, str]
    vague: tuple[str, ...]
    apart: str
    of_person: str
    of_others: str
    level: LevelWords


class Approximate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a number approximate; `more` makes it a least number."""

    before: str
    after: str
    more: str


class BusinessWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the time that a business has run is said."""

    context: str
    not_context: str
    months: tuple[str, ...]
    opened: tuple[str, ...]
    just: str
    relative: Mapping[str, int]
    last_months: Mapping[str, int]


class DateWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """dates.yaml."""

    approximate: Approximate
    age: tuple[str, ...]
    age_not: str
    age_not_after: str
    age_not_of_relative: str
    born: tuple[str, ...]
    not_born: str
    not_born_before: str
    business: BusinessWords


class PlaceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """places.yaml."""

    hukou_before: str
    hukou_after: str
    origin_before: str
    origin_after: str
    stay_before: str
    plain_before: str
    plain_after: str
    not_here: str
    about: str
    edge_before: str
    edge_after: str


class NumberFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The unit of a whole number, and its bounds (inclusive)."""

    unit: str
    least: int
    most: int


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a short answer stands for."""

    when: str
    value: Value


class ChoiceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an option is named by its number, and how several are joined."""

    number: str
    separator: str
    negated: str
    beside: str
    last: str
    all: str


class PassingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """passing.yaml."""

    relative: str
    own: str


class AnswerWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """answers.yaml."""

    yes: str
    no: str
    not_yes: str
    refusal: str
    dont_know: str
    dont_know_beside: str
    correction: str
    correction_more: str
    level: str
    year: str
    bool: tuple[str, ...]
    numbers: Mapping[str, NumberFact]
    values: Mapping[str, tuple[Meaning, ...]]
    choice: ChoiceWords
