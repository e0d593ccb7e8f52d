"""What an answer says of the fact asked for, and of others that it tells along the way."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.forms.asking import DONT_KNOW, SEVERAL, categories, choices, is_open, key
from conversations.messages import Incoming
from conversations.scene import Scene
from conversations.understanding import Option, Understood
from knowledge.facts.models import LEVELS, FactValue
from knowledge.facts.validation import FactsError, read_facts
from knowledge.normalise import normalise

CODE = re.compile(r"\d{6}")
REGION = "region"
UNKNOWN = object()
"""The answer "I don't know"."""


def options(scene: Scene) -> Sequence[Option]:
    """The choices that now stand, as the understanding takes them; none to an open question, where a number answers."""
    question = scene.question
    if question is None or is_open(offered := choices(scene, question.fact)):
        return ()
    also = {key(option.value): (option.label, *option.also) for option in question.options}
    return [_option(scene, key(choice.value), choice.label, also) for choice in offered]


def several(scene: Scene) -> bool:
    """Whether several of the options may be named at once; of things to look over, one is then asked for."""
    return scene.question is not None and scene.question.kind in (*SEVERAL, "review")


def answered(scene: Scene, incoming: Incoming, understood: Understood) -> Any:
    """The value given for the fact asked for, `UNKNOWN`, or None if the message does not answer."""
    fact = str(scene.session.asked)
    question = scene.form[fact]
    typed = {key(choice.value): choice.value for choice in choices(scene, fact)}
    chosen = understood.choice
    if chosen is not None:
        values = [typed[value] for value in ((chosen,) if isinstance(chosen, str) else chosen) if value in typed]
        if DONT_KNOW in values:
            return UNKNOWN
        return _whole(scene, fact, values if question.kind in SEVERAL else values[0])
    if understood.dont_know or understood.command == "skip" or understood.facts.get(fact) == DONT_KNOW:
        return UNKNOWN
    if fact in understood.facts:
        return _whole(scene, fact, understood.facts[fact])
    code = CODE.fullmatch(normalise(incoming.text).strip())
    if fact == REGION and code and scene.materials.catalogue.is_place(code[0]):
        return code[0]
    return None


def usable(scene: Scene, said: Mapping[str, Any]) -> dict[str, FactValue]:
    """Those of the facts `said` that are facts with values allowed, lists and levels joined to what is known."""
    catalogue = scene.materials.catalogue
    facts: dict[str, FactValue] = {}
    for name, value in said.items():
        whole = _whole(scene, name, list(value) if isinstance(value, tuple) else value)
        try:
            facts.update(read_facts({name: whole}, catalogue.vocabulary, catalogue.is_place))
        except FactsError:
            continue
    return facts


def _option(scene: Scene, value: str, label: str, also: Mapping[str, tuple[str, ...]]) -> Option:
    """A choice by its words; what was said is named by what was asked for, never by what was said."""
    if value in scene.form:
        return named(scene, value)
    if value.isdecimal() and not scene.materials.catalogue.is_place(value):
        return Option(value, value)
    return Option(value, label, also.get(value, ()))


def named(scene: Scene, fact: str) -> Option:
    """What was asked for as a choice, by the words that name it."""
    first, *others = scene.form[fact].named
    return Option(fact, first, tuple(others))


def _whole(scene: Scene, fact: str, value: Any) -> Any:
    """A level said without its category goes to the one category known; levels are joined to those known."""
    if fact != LEVELS:
        return value
    if isinstance(value, int):
        known = categories(scene)
        return {known[0]: value} if len(known) == 1 else None
    known_levels = scene.session.facts.get(LEVELS)
    return {**known_levels, **value} if isinstance(known_levels, Mapping) and isinstance(value, Mapping) else value
