"""Every sentence that a person reads, in files beside this one, and the way to say one."""

import datetime
import functools
import string
from collections.abc import Iterator, Mapping
from importlib.resources import files

import yaml

EASY = "_easy"
"""What the key of a sentence's easy-read form ends with."""


class Wording:
    """Sentences by key ("question.units"); a key's first part is its file. `easy`: in easy-read form, if any."""

    def __init__(self, sentences: Mapping[str, str], *, easy: bool = False) -> None:
        self._sentences = sentences
        self.easy = easy

    def __call__(self, key: str, **values: str) -> str:
        """The sentence of `key` with its blanks filled. Values are inserted as they are, never interpreted.

        Raises:
            KeyError: no such sentence, or a blank is left without its value.

        """
        easy = f"{key}{EASY}"
        return self._sentences[easy if self.easy and easy in self._sentences else key].format_map(values)

    def simpler(self) -> "Wording":
        """The same sentences in their easy-read forms."""
        return Wording(self._sentences, easy=True)

    def day(self, day: datetime.date) -> str:
        """A day as it is read aloud."""
        return self("common.day", year=str(day.year), month=str(day.month), day=str(day.day))

    def __iter__(self) -> Iterator[str]:
        """Every key."""
        return iter(self._sentences)

    def blanks(self, key: str) -> set[str]:
        """The names of a sentence's blanks."""
        return {name for _, name, _, _ in string.Formatter().parse(self._sentences[key]) if name}


@functools.cache
def load_wording() -> Wording:
    """The packaged sentences."""
    sentences = {}
    for file in files(__name__).iterdir():
        if file.name.endswith(".yaml"):
            for key, sentence in yaml.load(file.read_bytes(), yaml.CSafeLoader).items():
                sentences[f"{file.name.removesuffix('.yaml')}.{key}"] = str(sentence).rstrip("\n")
    return Wording(sentences)
