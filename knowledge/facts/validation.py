"""Whether what came in is a household's facts. Everything that is wrong is said at once, not one thing at a time."""

import datetime
import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from knowledge.facts.models import Fact, Facts, FactValue, Vocabulary

ProblemCode = Literal["unknown_fact", "wrong_type", "not_a_value", "out_of_range", "no_place", "no_date"]
SHOWN = 40
"""How many characters of a wrong value are repeated."""
EXAMPLES: Mapping[str, Any] = {"bool": True, "int": 12, "region": "620500", "date": "2024-06-30"}
UNSAID: tuple[Any, ...] = (None, [], {})
"""Values that say nothing: the same as leaving the fact out."""


class FactProblem(msgspec.Struct, frozen=True):
    """What is wrong with one fact; `message` names it, says what is wrong, and gives an example of a right value."""

    fact: str
    code: ProblemCode
    message: str


class FactsError(ValueError):
    """The facts cannot be used; `problems` has everything that is wrong with them."""

    def __init__(self, problems: tuple[FactProblem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def read_facts(given: Mapping[str, Any], vocabulary: Vocabulary, is_place: Callable[[str], bool]) -> Facts:
    """`given` (as JSON has it) as facts. What says nothing (null, an empty list) counts as not known.

    Raises:
        FactsError: a fact is not in the vocabulary, or its value is not one of those allowed.

    """
    facts: dict[str, FactValue] = {}
    problems: list[FactProblem] = []
    for name, value in given.items():
        fact = vocabulary.facts.get(name)
        if fact is None:
            problems.append(_unknown(name, vocabulary))
            continue
        if any(value == unsaid and type(value) is type(unsaid) for unsaid in UNSAID):
            continue
        found = list(_wrong(fact, value, is_place))
        if found:
            example = json.dumps(example_of(fact), ensure_ascii=False)
            problems += [FactProblem(name, code, f"{name}: {what}; write it like {example}") for code, what in found]
        else:
            facts[name] = tuple(dict.fromkeys(value)) if isinstance(value, list) else value
    if problems:
        raise FactsError(tuple(problems))
    return facts


def example_of(fact: Fact) -> Any:
    """A value that `fact` may have, as JSON has it."""
    first = next(iter(fact.values), "")
    if fact.kind == "choices":
        return [first]
    if fact.kind == "levels":
        return {first: fact.least}
    if fact.kind == "int" and fact.least is not None:
        return max(fact.least, EXAMPLES["int"])
    return EXAMPLES.get(fact.kind, first)


def _unknown(name: str, vocabulary: Vocabulary) -> FactProblem:
    near = difflib.get_close_matches(name, vocabulary.facts, n=1) or ["region"]
    return FactProblem(name, "unknown_fact", f'"{name[:SHOWN]}" is no fact; one that is: "{near[0]}"')


def _wrong(fact: Fact, value: Any, is_place: Callable[[str], bool]) -> Iterator[tuple[ProblemCode, str]]:
    match fact.kind:
        case "bool":
            if not isinstance(value, bool):
                yield "wrong_type", f"{_shown(value)} is neither true nor false"
        case "int":
            yield from _wrong_number(fact, value)
        case "choice":
            yield from _wrong_choice(fact, value)
        case "choices":
            if not isinstance(value, list):
                yield "wrong_type", f"{_shown(value)} is no list"
                return
            for item in value:
                yield from _wrong_choice(fact, item)
        case "levels":
            if not isinstance(value, dict):
                yield "wrong_type", f"{_shown(value)} does not give a level for each category"
                return
            for category, level in value.items():
                yield from _wrong_choice(fact, category)
                yield from _wrong_number(fact, level, f"{category[:SHOWN]} ")
        case "region":
            if not isinstance(value, str) or not is_place(value):
                yield "no_place", f"{_shown(value)} is no GB/T 2260 code of six digits"
        case "date":
            if not _is_date(value):
                yield "no_date", f"{_shown(value)} is no date"


def _wrong_choice(fact: Fact, value: Any) -> Iterator[tuple[ProblemCode, str]]:
    if not isinstance(value, str) or value not in fact.values:
        yield "not_a_value", f"{_shown(value)} is not one of {' '.join(fact.values)}"


def _wrong_number(fact: Fact, value: Any, of: str = "") -> Iterator[tuple[ProblemCode, str]]:
    """`of` tells which of several numbers it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield "wrong_type", f"{of}{_shown(value)} is no whole number"
    elif (fact.least is not None and value < fact.least) or (fact.most is not None and value > fact.most):
        yield "out_of_range", f"{of}{_shown(value)} is not between {fact.least} and {fact.most}"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:SHOWN]


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
