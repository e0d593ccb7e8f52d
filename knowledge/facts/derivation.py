"""What follows from what a household said, each conclusion with its reason.

The rules are data (derivations.yaml); their source is the project's reading of the texts. A fact that is given stays
as it is, except where a rule says which given value it goes before.
"""

from collections.abc import Mapping

import msgspec

from knowledge.facts.logic import same, truth, undecided_facts
from knowledge.facts.models import Derivation, Facts, FactValue, Vocabulary, fact_name


class Household(msgspec.Struct, frozen=True):
    """All that is known of a household: the facts given and derived, and the derived ones' reasons."""

    facts: Facts
    reasons: Mapping[str, str]


def derive(given: Facts, vocabulary: Vocabulary) -> Household:
    """Everything that follows from `given` (validated facts), rule after rule."""
    facts: dict[str, FactValue] = dict(given)
    reasons: dict[str, str] = {}
    for rule in vocabulary.derivations:
        if _may_set(rule, facts) and _applies(rule, facts, vocabulary):
            facts[rule.fact] = rule.value
            reasons[rule.fact] = rule.reason
    return Household(facts, reasons)


def ask_for(fact: str, facts: Facts, vocabulary: Vocabulary) -> str:
    """Which fact to ask for when `fact` (or `level:X`) is not known: one that it would follow from, or itself."""
    name = fact_name(fact)
    first = vocabulary.facts[name].ask_first
    if not first:
        return name
    awaited = {
        source
        for rule in vocabulary.derivations
        if rule.fact == name and _is_open(rule, facts, vocabulary)
        for condition in (*rule.when, *rule.unless)
        for source in undecided_facts(condition, facts)
    }
    sources = set(map(fact_name, awaited))
    return next((source for source in first if source in sources), name)


def _may_set(rule: Derivation, facts: Facts) -> bool:
    known = facts.get(rule.fact)
    return known is None or any(same(known, value) for value in rule.replaces)


def _applies(rule: Derivation, facts: Facts, vocabulary: Vocabulary) -> bool:
    for condition in rule.when:
        if not truth(condition, facts, vocabulary):
            return False
    return all(truth(condition, facts, vocabulary) is False for condition in rule.unless)


def _is_open(rule: Derivation, facts: Facts, vocabulary: Vocabulary) -> bool:
    """Whether a rule does not apply now, but would if more were known."""
    hold = [truth(condition, facts, vocabulary) for condition in rule.when]
    excluded = [truth(condition, facts, vocabulary) for condition in rule.unless]
    return None in (*hold, *excluded) and False not in hold and True not in excluded
