"""Reading this folder's files."""

import functools
from importlib.resources import files
from typing import TypeVar

import msgspec

from conversations.understanding.models import (
    AnswerWords,
    CommandRule,
    DateWords,
    DisabilityWords,
    Homophones,
    IntentRule,
    PassingWords,
    PlaceWords,
    Rule,
    RuleFile,
    Words,
)
from knowledge.corpus.folders import load_yaml

T = TypeVar("T")
FACT_FILES = ("facts_person", "facts_work", "facts_employer")


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    words: Words
    homophones: Homophones
    commands: tuple[CommandRule, ...]
    intents: tuple[IntentRule, ...]
    rules: tuple[Rule, ...]
    set_aside: tuple[str, ...]
    disability: DisabilityWords
    dates: DateWords
    places: PlaceWords
    answers: AnswerWords
    passing: PassingWords


@functools.cache
def load_files() -> Files:
    """The packaged files.

    Raises:
        BadKnowledge: a file does not have its form.

    """
    facts = [_load(name, RuleFile) for name in FACT_FILES]
    return Files(
        words=_load("words", Words),
        homophones=_load("sounds", Homophones),
        commands=_load("commands", tuple[CommandRule, ...]),
        intents=_load("intents", tuple[IntentRule, ...]),
        rules=tuple(rule for file in facts for rule in file.rules),
        set_aside=tuple(pattern for file in facts for pattern in file.set_aside),
        disability=_load("disability", DisabilityWords),
        dates=_load("dates", DateWords),
        places=_load("places", PlaceWords),
        answers=_load("answers", AnswerWords),
        passing=_load("passing", PassingWords),
    )


def _load(name: str, form: type[T]) -> T:
    return load_yaml(
        files("conversations").joinpath("understanding", f"{name}.yaml"), f"understanding/{name}.yaml", form
    )
