"""Which fact to ask for next: the one that most of the programmes still open depend on, and no sooner than it makes
sense to ask; none, when no answer could change anything any more.
"""

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from conversations.forms.models import FactQuestion, Gate
from knowledge.eligibility import OPEN, SUBJECT, Verdict
from knowledge.facts.logic import undecided_facts, value_of
from knowledge.facts.models import Facts, fact_name

Askable = Callable[[str], str | None]
"""The fact to ask for where one is wanted: itself, one that must be known before, or none."""
FIRST = ("region",)
"""Asked before all others: the place chooses the programmes."""
SETTLES = 2
"""How often counts a fact that a condition is on: not to know it settles the programme too. A step on the way to it
counts once."""


def next_fact(
    verdicts: Iterable[Verdict], facts: Facts, asked: Container[str], questions: Mapping[str, FactQuestion]
) -> str | None:
    """The fact to ask for. `facts` are those known, `asked` those asked for already, whatever came of it."""
    weights: Counter[str] = Counter()
    # Many programmes wait for the same facts.
    askable = functools.cache(lambda fact: _askable(fact, facts, asked, questions))
    for verdict in verdicts:
        if verdict.missing:
            weights.update(_wanted(verdict, facts, asked, questions, askable))
    for fact in FIRST:
        if fact in weights:
            return fact
    order = list(questions)
    best = max(weights, key=lambda fact: (weights[fact], -order.index(fact)), default=None)
    together = questions[best].together if best else None
    return together.fact if together and together.fact in weights else best


def _wanted(
    verdict: Verdict, facts: Facts, asked: Container[str], questions: Mapping[str, FactQuestion], askable: Askable
) -> Mapping[str, int]:
    """The facts to ask for that could still change a verdict, with how often each counts.

    Who cannot say one condition of a programme is taken not to know its others, and is asked only for those that
    what they told leads to (a shop, to how long it is open), and for the place.
    """
    wanted = {fact for fact in map(askable, _open_facts(verdict, asked)) if fact is not None}
    if not wanted:
        return {}
    undecided = list(_undecided(verdict, facts))
    if not all(any(map(askable, on)) for on in undecided):
        wanted = {fact for fact in wanted if fact in FIRST or _led_to(fact, facts, questions)}
    settling = set(itertools.chain.from_iterable(undecided))
    return {fact: SETTLES if fact in settling else 1 for fact in wanted}


def _undecided(verdict: Verdict, facts: Facts) -> Iterator[tuple[str, ...]]:
    """Of each condition that facts decide and that is still open, the facts that are not known."""
    conditions = verdict.programme.entry.criteria
    # Place and subject stand before a programme's own conditions.
    criteria = verdict.criteria[len(verdict.criteria) - len(conditions) :]
    for condition, criterion in zip(conditions, criteria, strict=True):
        if criterion.verdict == "unknown" and criterion.fact != OPEN:
            yield tuple(map(fact_name, undecided_facts(condition, facts)))


def _open_facts(verdict: Verdict, asked: Container[str]) -> Iterator[str]:
    """The facts that could still change a verdict; where what one follows from could not be said, that one itself."""
    yield from verdict.missing
    if any(fact in asked for fact in verdict.missing):
        yield from (criterion.fact for criterion in verdict.criteria if criterion.verdict == "unknown")


def _led_to(fact: str, facts: Facts, questions: Mapping[str, FactQuestion]) -> bool:
    """Whether what was told opens a gate of the fact's question that only that can open."""
    gates = questions[fact].gate if fact in questions else ()
    return any(fits(value_of(gate.fact, facts), gate) for gate in gates if not gate.unknown)


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
            if gate.ask:
                return before
        elif not gate.unknown and _may_be_asked(source, facts, questions):
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
