"""Facts by rule: the first rule whose pattern is found, is not negated, asked or forbidden gives its facts."""

import re
from collections.abc import Iterable

import msgspec

from conversations.understanding.models import Facts, Rule
from conversations.understanding.patterns import Patterns, first_number

NUMBER = "number"
"""The value that stands for the number found."""


class _Compiled(msgspec.Struct, frozen=True):
    rule: Rule
    when: re.Pattern[str]
    unless: re.Pattern[str] | None
    named: re.Pattern[str] | None


class FactRules:
    """Rules, compiled, in their order."""

    def __init__(self, rules: Iterable[Rule], patterns: Patterns) -> None:
        self._patterns = patterns
        self._negation = patterns.compile("{negation}")
        self._asked_whether = patterns.compile("{asked_whether}")
        self._rules = [
            _Compiled(
                rule,
                patterns.compile(rule.when, across=rule.across),
                patterns.compile(rule.unless) if rule.unless else None,
                patterns.compile(rule.named) if rule.named else None,
            )
            for rule in rules
        ]

    def facts(self, text: str, asked: str | None, *, settled: bool = False) -> Facts:
        """What plain `text` says, just after `asked` was asked for.

        `settled`: it is known whom the talk is about; rules that only guess it say nothing.
        """
        known: Facts = {}
        for compiled in self._rules:
            # Few patterns are found in a text: that first.
            if compiled.when.search(text) and self._may_apply(compiled.rule, known, asked, settled=settled):
                for fact, value in self._found(compiled, text, asked).items():
                    if compiled.rule.replaces:
                        known[fact] = value
                    else:
                        known.setdefault(fact, value)
        return known

    def _may_apply(self, rule: Rule, known: Facts, asked: str | None, *, settled: bool) -> bool:
        if (rule.asked and asked not in rule.asked) or (rule.unless_settled and settled):
            return False
        if rule.unless_known in known or any(known.get(fact) != value for fact, value in rule.given.items()):
            return False
        return rule.replaces or not all(fact in known for fact in rule.facts)

    def _found(self, compiled: _Compiled, text: str, asked: str | None) -> Facts:
        rule = compiled.rule
        named = compiled.named if asked is not None and asked not in rule.facts else None
        for match in compiled.when.finditer(text):
            start, end = clause_at(text, match)
            forbidden = compiled.unless and compiled.unless.search(text, start, end)
            unnamed = named and not named.search(text, start, end)
            if forbidden or unnamed or self._asked_whether.match(text, match.end()):
                continue
            if self._negation.search(text, start, match.start()):
                if rule.negated is not None:
                    return {next(iter(rule.facts)): rule.negated}
                continue
            values = {fact: first_number(self._patterns, match) if v == NUMBER else v for fact, v in rule.facts.items()}
            if None not in values.values():
                return values
        return {}


def clause_at(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the clauses that `match` lies in begin and end."""
    start = text.rfind("\n", 0, match.start() + 1) + 1 if match[0][:1] != "\n" else match.start() + 1
    end = text.find("\n", max(match.start(), match.end() - 1))
    return min(start, match.start()), len(text) if end < 0 else max(end, match.end())
