"""The peer of the guided dialogs: the same questions as a form, always in the order of their file."""

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.forms.models import FactQuestion, Gate
from knowledge.eligibility import REGION, SUBJECT
from knowledge.facts.logic import value_of
from knowledge.facts.models import Open, fact_name, leaves
from knowledge.programmes.models import Programme


def facts_of(programmes: Iterable[Programme]) -> set[str]:
    """The place, and every fact that a criterion of `programmes` is on."""
    conditions = (part for programme in programmes for top in programme.entry.criteria for part in leaves(top))
    return {REGION, *(fact_name(part.fact) for part in conditions if not isinstance(part, Open))}


def fixed_form(wanted: set[str], household: Mapping[str, Any], questions: Mapping[str, FactQuestion]) -> list[str]:
    """The facts of `wanted` that a form asks a household for: each once, where the answers above it allow.

    `household` holds what it knows, and its subject. What a form of paper cannot do is not done: it does not see that
    an answer changes nothing any more, nor what follows from answers.
    """
    asked: list[str] = []
    known: dict[str, Any] = {SUBJECT: household[SUBJECT]}
    for fact, question in questions.items():
        if fact not in wanted or household[SUBJECT] not in question.subject:
            continue
        if all(_opens(gate, known, asked) for gate in question.gate):
            asked.append(fact)
            if fact in household:
                known[fact] = household[fact]
    return asked


def _opens(gate: Gate, known: Mapping[str, Any], asked: Iterable[str]) -> bool:
    """See `Gate`: a fact that the form has not asked for closes nothing, except by being unknown."""
    value = value_of(gate.fact, known)
    if value is None:
        return gate.unknown or fact_name(gate.fact) not in asked
    values = value if isinstance(value, list) else [value]
    return any(item == wanted and type(item) is type(wanted) for item in values for wanted in gate.is_)
