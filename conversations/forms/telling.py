"""What a person said of themselves, said back in the words that they were offered."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from conversations.forms.models import FactQuestion
from conversations.scene import Scene
from conversations.understanding.contact import spaced
from conversations.whom import APPLICANT
from knowledge.eligibility import SUBJECT
from knowledge.facts.derivation import derive
from knowledge.facts.models import LEVELS

REGION = "region"
WORDS = "_words"
"""What follows a question's name in the name of the own words that were said to it."""
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
        *([scene.say("talk.someone_else")] if _of_another(known, said) else []),
    ]


def _of_another(known: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether what was `said` is about somebody else, so that what was told of the one before is dropped."""
    other = APPLICANT in said and known.get(APPLICANT, said[APPLICANT]) != said[APPLICANT]
    return other and bool(known.keys() - {APPLICANT, SUBJECT, REGION})


def everything_said(scene: Scene) -> str:
    """What the person has said so far, a line each."""
    told = tell(scene, scene.answers)
    return "\n".join([scene.say("talk.said_so_far"), *told]) if told else scene.say("talk.said_nothing")


def tell(scene: Scene, said: Mapping[str, Any]) -> Sequence[str]:
    """The facts `said` in words, in the order in which they would be asked; what others tell already is left out."""
    told = {name: value for name, value in said.items() if not _in_levels(name, said)}
    return [line for fact, line in lines(scene, told).items() if not _follows(scene, fact, said)]


def lines(scene: Scene, said: Mapping[str, Any]) -> Mapping[str, str]:
    """Each of the facts `said` in words, in the order in which they would be asked."""
    questions = {**scene.materials.registration.questions, **scene.materials.questions}
    order = [*scene.materials.questions, *scene.materials.registration.questions]
    told = {fact: in_words(scene, questions[fact], said) for fact in dict.fromkeys(order) if fact in said}
    return {fact: questions[fact].said.format(value=shown) for fact, shown in told.items() if shown}


def in_words(scene: Scene, question: FactQuestion, said: Mapping[str, Any]) -> str:
    """The answer to `question` among `said`, in the words of its labels; empty if they have none for it."""
    value = said[question.fact]
    labels = {option.value: EXPLANATION.sub("", option.label) for option in question.options}
    if isinstance(value, Mapping):
        return "、".join(f"{category}{labels.get(level, level)}" for category, level in value.items())
    if isinstance(value, list | tuple):
        own = said.get(f"{question.fact}{WORDS}")
        return "、".join([*(labels.get(item, str(item)) for item in value), *([f"“{own}”"] if own else [])])
    if question.fact == REGION:
        return scene.materials.knowledge.snapshot.gazetteer.full_name(str(value))
    if question.kind == "phone":
        return spaced(str(value))
    return labels.get(value, "") if labels else str(value)


def _in_levels(fact: str, said: Mapping[str, Any]) -> bool:
    """Whether a fact is the categories, and each is told with its level."""
    return fact == "disability" and set(said[fact]) <= set(said.get(LEVELS, ()))


def _follows(scene: Scene, fact: str, said: Mapping[str, Any]) -> bool:
    vocabulary = scene.materials.catalogue.vocabulary
    if all(rule.fact != fact for rule in vocabulary.derivations):
        return False
    rest = {name: value for name, value in said.items() if name != fact and name in vocabulary.facts}
    return bool(derive(rest, vocabulary).facts.get(fact) == said[fact])
