"""The questions for facts as plain data, and their file (facts.yaml).

Whatever a person may be asked or told is in the file; what a fact may be is in the facts' vocabulary.
"""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec

from knowledge.corpus.folders import BadKnowledge, load_yaml
from knowledge.programmes.models import Subject

AnswerKind = (
    Literal["options", "many", "levels", "number", "months", "age", "place"]
    | Literal["county", "name", "phone", "words", "consent", "review", "item", "own"]
)
"""How an answer is read.

options: one of the options. many: one or more of them (the fact is a list). levels: one of the options for each
category said (the fact maps categories to levels). number: a whole number. months: a length of time, as whole months.
age: years of age, or a year of birth. place: a place, as its GB/T 2260 code. county: a place, down to a county where
the person can name one. name: what somebody is called. phone: a telephone number. words: like many, and what is none
of the options is kept in their own words. consent: yes or no to a text. review: what was said, to be sent or changed.
item: one of the things said. own: one of their own registrations.
"""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A numbered choice: the fact's value, what is shown (`easy`: in easy-read form, where that is another), and other
    ways in which people say it, never shown.
    """

    value: bool | int | str
    label: str
    easy: str = ""
    also: tuple[str, ...] = ()


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Opens where `fact` (or `level:X`) is one of `is_` ("is" in the file) or, being a list, holds one of them.

    `unknown`: it opens too where nothing can be known of the fact: the person does not know, or its own gate is closed.
    A fact that the form does not ask, or not of this subject, and that was not told either, closes nothing.
    Without `ask` it is not asked for before; the gate then closes only by what was told of it, or asked for in vain.
    """

    fact: str
    is_: tuple[bool | int | str, ...] = msgspec.field(default=(), name="is")
    unknown: bool = False
    ask: bool = True


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a fact's question is put together with that for `fact`, which is asked for too: an answer tells both.

    It is open, with an `example` of the answer. Where easy words are wanted, and after an answer that is not
    understood, the one question is asked alone.
    """

    fact: str
    ask: str
    example: str


class FactQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a fact is asked for.

    `ask` and its easy-read form `easy` are one question each, in which {who} stands for whom the fact is about. `why`
    is the reason for asking. `example` is an answer to an open question. `said` repeats what was understood, with the
    label or number as {value}. All gates must open. `subject`: those of whom it may be asked. `named` are words that
    name what is asked for, the first of them shown. `known_as` is what other programs know it as, where that is not
    `fact`. `needed` is said to who skips it, where it may not be skipped. `version` is that of a consent's text.
    """

    fact: str
    ask: str
    easy: str
    why: str
    example: str = ""
    said: str
    kind: AnswerKind
    options: tuple[Option, ...] = ()
    gate: tuple[Gate, ...] = ()
    together: Together | None = None
    subject: tuple[Subject, ...]
    named: tuple[str, ...] = ()
    known_as: str = ""
    needed: str = ""
    version: str = ""


def load_fact_questions(file: Traversable | None = None) -> Mapping[str, FactQuestion]:
    """The questions in `file` (default: the packaged one) by fact, in the order in which they are asked.

    Raises:
        BadKnowledge: the file is missing, does not have its form, or asks for a fact twice.

    """
    questions: dict[str, FactQuestion] = {}
    shown = "forms/facts.yaml"
    for question in load_yaml(file or files(__package__) / "facts.yaml", shown, tuple[FactQuestion, ...]):
        if question.fact in questions:
            raise BadKnowledge(shown, None, f'"{question.fact}" is asked for twice; keep one of the two')
        questions[question.fact] = question
    return questions
