"""The households of the tests as people to talk with: each knows its facts and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from benchmarks.workload import ROOT
from conversations.forms.asking import DONT_KNOW
from conversations.messages import Ask, Incoming
from knowledge.corpus.folders import load_yaml

HOUSEHOLDS = ROOT / "tests" / "households"


class Household(msgspec.Struct, frozen=True):
    """What a household would say of itself, in the form of `zhuye check`; what it does not know is not there."""

    id: str
    facts: dict[str, Any]

    @property
    def known(self) -> Mapping[str, Any]:
        """The facts that say something."""
        return {fact: value for fact, value in self.facts.items() if value not in (None, [], {})}

    def answer(self, ask: Ask) -> Incoming:
        """Its answer to a question: a button where one fits, else in words; "I don't know" to what it does not know."""
        value = self.known.get(ask.fact)
        if value is None:
            return Incoming(text=DONT_KNOW)
        if isinstance(value, list):
            return Incoming(choice=tuple(value))
        if any(option.value == value and type(option.value) is type(value) for option in ask.options):
            return Incoming(choice=value)
        return Incoming(text=in_words(value))


def in_words(value: Any) -> str:
    """A fact's value as it is typed: categories with their levels one after the other."""
    if isinstance(value, dict):
        return " ".join(f"{category}{level}" for category, level in value.items())
    return " ".join(value) if isinstance(value, list) else str(value)


def load_households() -> Sequence[Household]:
    """Those that are told in their own words (personas*.yaml), in the order of the files."""
    return [
        household
        for file in sorted(HOUSEHOLDS.glob("personas*.yaml"))
        for household in load_yaml(file, file.name, tuple[Household, ...])
    ]
