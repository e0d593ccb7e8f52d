"""What a helper is to the person they speak of, from the words that name that person."""

import functools
from collections.abc import Mapping

import msgspec

from conversations.packaged import load_data
from conversations.understanding.files import load_files
from conversations.understanding.patterns import Patterns


class KinshipWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """kinship.yaml: the words before and after those for the person helped, which stand by what the helper is."""

    helping: str
    then: str
    relations: Mapping[str, str]


class Kinship:
    """Reads relations."""

    def __init__(self, words: KinshipWords, patterns: Patterns) -> None:
        self._relations = [
            (relation, patterns.compile(f"{words.helping}(?:{helped}){words.then}"))
            for relation, helped in words.relations.items()
        ]

    def relation(self, text: str) -> str | None:
        """What the helper is: "child" for "给我妈登记"; None where it is not told, or told of more than one."""
        found = [relation for relation, pattern in self._relations if pattern.search(text)]
        return found[0] if len(found) == 1 else None


@functools.cache
def load_kinship() -> Kinship:
    """The reader with the packaged words.

    Raises:
        BadKnowledge: kinship.yaml does not have its form.

    """
    return Kinship(load_data("understanding/kinship.yaml", KinshipWords), Patterns(load_files().words))
