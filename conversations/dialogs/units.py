"""The units responsible for a measure: a few, for who hears them read aloud, or all where they are asked for."""

import functools
import re
from collections.abc import Sequence
from importlib.resources import files

import msgspec
import yaml

from conversations.wording import Wording


class Units(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many units are read out, and what a question for them looks like (a regular expression)."""

    read_out: int
    asked: str


def told(units: Sequence[str], say: Wording, question: str = "", *, whole: bool = False) -> str:
    """A line with `units`, of which there is one at least.

    All of them if `whole` or where `question` asks for them or hardly more are; else some, and how to hear the others.
    """
    packaged = load_units()
    if whole or len(units) <= packaged.read_out + 1 or re.search(packaged.asked, question):
        return say("question.units", units="、".join(units))
    return say("question.units_some", units="、".join(units[: packaged.read_out]), count=str(len(units)))


@functools.cache
def load_units() -> Units:
    """The packaged file."""
    file = files("conversations.dialogs") / "units.yaml"
    return msgspec.convert(yaml.load(file.read_bytes(), yaml.CSafeLoader), Units)
