"""Three-valued (Kleene) logic: a condition on known facts is true, false, or undecided (None)."""

import typing
from collections.abc import Callable, Iterable, Mapping

from knowledge.facts.models import (
    LEVEL,
    LEVELS,
    Any,
    Condition,
    Eq,
    Facts,
    FactValue,
    Ge,
    Has,
    In,
    Leaf,
    Map,
    Ne,
    Open,
    Scalar,
    Vocabulary,
    leaves,
)

SAID_IN_FULL = 2
"""A list that says that there are others besides is complete once it names this many: more than one."""


def conjunction(truths: Iterable[bool | None]) -> bool | None:
    """False if one is false, else undecided if one is undecided."""
    undecided = False
    for truth in truths:
        if truth is False:
            return False
        undecided |= truth is None
    return None if undecided else True


def disjunction(truths: Iterable[bool | None]) -> bool | None:
    """True if one is true, else undecided if one is undecided."""
    result = conjunction(None if truth is None else not truth for truth in truths)
    return None if result is None else not result


def truth(condition: Condition, facts: Facts, vocabulary: Vocabulary) -> bool | None:
    """Whether `facts` fulfil `condition`; undecided for a missing fact, and where the text is silent."""
    if isinstance(condition, Leaf):
        known = value_of(condition.fact, facts)
        return None if known is None else _HOLDS[type(condition)](condition, known, vocabulary)
    if isinstance(condition, Open):
        return None
    join = disjunction if isinstance(condition, Any) else conjunction
    joined = join([truth(part, facts, vocabulary) for part in condition.criteria])
    return None if condition.open_ended and joined is False else joined


def value_of(fact: str, facts: Facts) -> FactValue | None:
    """What is known of `fact`; of `level:X`, the level of category X."""
    known = facts.get(fact)
    if known is not None or not fact.startswith(LEVEL):
        return known
    levels = facts.get(LEVELS)
    return levels.get(fact.removeprefix(LEVEL)) if isinstance(levels, Mapping) else None


def _map(condition: Map, known: FactValue, _: Vocabulary) -> bool | None:
    if _among(known, condition.meets):
        return True
    return False if _among(known, condition.lacks) else None


def _has(condition: Has, known: FactValue, vocabulary: Vocabulary) -> bool | None:
    """A list that only says that there are others besides leaves open which."""
    named = set(known) if isinstance(known, tuple) else set()
    if named.intersection(condition.values):
        return True
    others = vocabulary.facts[condition.fact].stands_for_others
    return None if others in named and len(named - {others}) < SAID_IN_FULL else False


_HOLDS: Mapping[type[Leaf], Callable[[typing.Any, FactValue, Vocabulary], bool | None]] = {
    Eq: lambda condition, known, _: same(known, condition.value),
    Ne: lambda condition, known, _: not same(known, condition.value),
    In: lambda condition, known, _: _among(known, condition.values),
    Ge: lambda condition, known, _: isinstance(known, int) and known >= condition.least,
    Has: _has,
    Map: _map,
}
"""Whether a fact that is known is as a condition on it asks."""


def same(known: FactValue, value: Scalar) -> bool:
    """Equality that keeps true apart from 1."""
    return known == value and isinstance(known, bool) == isinstance(value, bool)


def _among(known: FactValue, values: tuple[Scalar, ...]) -> bool:
    return known in values and any(same(known, value) for value in values)


def undecided_facts(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """The facts (or `level:X`) that `condition` is on and that are not known."""
    if isinstance(condition, Leaf):
        return () if value_of(condition.fact, facts) is not None else (condition.fact,)
    on = (leaf.fact for leaf in leaves(condition) if not isinstance(leaf, Open))
    return tuple(fact for fact in on if value_of(fact, facts) is None)
