"""Which fact to ask for next: the one that most of the programmes still open depend on, and no sooner than it makes
sense to ask; none, when no answer could change anything any more.
"""

import functools
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping

from conversations.forms.models import FactQuestion, Gate
from knowledge.eligibility import REGION, SUBJECT, CriterionVerdict, Verdict
from knowledge.facts.logic import value_of
from knowledge.facts.models import Facts, fact_name

FIRST = ("region",)
"""Asked before all others: the place chooses the programmes."""


def next_fact(
    verdicts: Iterable[Verdict], facts: Facts, asked: Container[str], questions: Mapping[str, FactQuestion]
) -> str | None:
    """The fact to ask for. `facts` are those known, `asked` those asked for already, whatever came of it."""
    weights: Counter[str] = Counter()
    # Many programmes wait for the same facts.
    askable = functools.cache(lambda fact: _askable(fact, facts, asked, questions))
    for verdict in verdicts:
        if verdict.missing and not any(_stays_open(criterion, asked) for criterion in verdict.criteria):
            wanted = {askable(fact) for fact in _open_facts(verdict, asked)}
            weights.update(fact for fact in wanted if fact is not None)
    for fact in FIRST:
        if fact in weights:
            return fact
    order = list(questions)
    return max(weights, key=lambda fact: (weights[fact], -order.index(fact)), default=None)


def _open_facts(verdict: Verdict, asked: Container[str]) -> Iterator[str]:
    """The facts that could still change a verdict; where what one follows from could not be said, that one itself."""
    yield from verdict.missing
    if any(fact in asked for fact in verdict.missing):
        yield from (criterion.fact for criterion in verdict.criteria if criterion.verdict == "unknown")


def _stays_open(criterion: CriterionVerdict, asked: Container[str]) -> bool:
    """Whether a criterion was asked about and is still open: then its programme stays open, whatever else is asked.

    Where the person is does not count: what does not fit can be told all the same.
    """
    return criterion.verdict == "unknown" and criterion.fact != REGION and criterion.fact in asked


def _askable(fact: str, facts: Facts, asked: Container[str], questions: Mapping[str, FactQuestion]) -> str | None:
    """`fact`, or the fact that must be known before it makes sense to ask; None if it makes none."""
    if fact in asked or not _may_be_asked(fact, facts, questions):
        return None
    for gate in questions[fact].gate:
        value = value_of(gate.fact, facts)
        if value is not None:
            if not fits(value, gate):
                return None
            continue
        source = fact_name(gate.fact)
        before = _askable(source, facts, asked, questions)
        if before is not None:
            return before
        if not gate.unknown and _may_be_asked(source, facts, questions):
            return None
    return fact


def _may_be_asked(fact: str, facts: Facts, questions: Mapping[str, FactQuestion]) -> bool:
    """Whether there is a question for it, meant for such as the household is about."""
    question = questions.get(fact)
    subject = facts.get(SUBJECT)
    return question is not None and (subject is None or subject in question.subject)


def fits(value: object, gate: Gate) -> bool:
    """Whether the fact of `gate` is what it opens for or, being a list, holds such."""
    values = value if isinstance(value, tuple | list) else (value,)
    return any(item == wanted and type(item) is type(wanted) for item in values for wanted in gate.is_)
