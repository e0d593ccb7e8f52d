"""What a person said of themselves, said back in the words that they were offered."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from conversations.scene import Scene
from knowledge.facts.derivation import derive
from knowledge.facts.models import LEVELS

REGION = "region"
EXPLANATION = re.compile("（[^）]*）$")
"""What a label says beside the choice itself."""


def said_back(scene: Scene, said: Mapping[str, Any], answer: Mapping[str, Any] = MappingProxyType({})) -> Sequence[str]:
    """What was understood, a line each, so that it can be corrected; nothing where nothing was.

    What `answer` says, and what follows from it, was asked for and need not be said back, unless it changes something.
    """
    known = scene.session.facts
    wholly = {**said, **answer}
    told = tell(
        scene,
        {
            fact: value
            for fact, value in said.items()
            if known.get(fact, value) != value or not (answer and _follows(scene, fact, wholly))
        },
    )
    if not told:
        return []
    return [
        scene.say("talk.said_back", told=told[0]),
        *(scene.say("talk.said_back_more", told=line) for line in told[1:]),
        scene.say("talk.said_back_change"),
    ]


def everything_said(scene: Scene) -> str:
    """What the person has said so far, a line each."""
    told = tell(scene, scene.session.facts)
    return "\n".join([scene.say("talk.said_so_far"), *told]) if told else scene.say("talk.said_nothing")


def tell(scene: Scene, said: Mapping[str, Any]) -> Sequence[str]:
    """The facts `said` in words, in the order in which they would be asked; what others tell already is left out."""
    told = {name: value for name, value in said.items() if not _in_levels(name, said)}
    return [line for fact, line in lines(scene, told).items() if not _follows(scene, fact, said)]


def lines(scene: Scene, said: Mapping[str, Any]) -> Mapping[str, str]:
    """Each of the facts `said` in words, in the order in which they would be asked."""
    told = {fact: _line(scene, fact, said[fact]) for fact in scene.materials.questions if fact in said}
    return {fact: line for fact, line in told.items() if line}


def _in_levels(fact: str, said: Mapping[str, Any]) -> bool:
    """Whether a fact is the categories, and each is told with its level."""
    return fact == "disability" and set(said[fact]) <= set(said.get(LEVELS, ()))


def _follows(scene: Scene, fact: str, said: Mapping[str, Any]) -> bool:
    vocabulary = scene.materials.catalogue.vocabulary
    if all(rule.fact != fact for rule in vocabulary.derivations):
        return False
    rest = {name: value for name, value in said.items() if name != fact}
    return bool(derive(rest, vocabulary).facts.get(fact) == said[fact])


def _line(scene: Scene, fact: str, value: Any) -> str:
    question = scene.materials.questions[fact]
    labels = {option.value: EXPLANATION.sub("", option.label) for option in question.options}
    if isinstance(value, Mapping):
        shown = "、".join(f"{category}{labels.get(level, level)}" for category, level in value.items())
    elif isinstance(value, list | tuple):
        shown = "、".join(labels.get(item, str(item)) for item in value)
    elif fact == REGION:
        shown = scene.materials.knowledge.snapshot.gazetteer.full_name(str(value))
    elif labels:
        shown = labels.get(value, "")
    else:
        shown = str(value)
    return question.said.format(value=shown) if shown else ""
