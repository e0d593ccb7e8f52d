"""How many disabled people a plan means to bring into work, as its text says it."""

from importlib.resources import files

import msgspec

from knowledge.corpus.folders import load_yaml, packaged
from knowledge.models import Card


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan's target for a place (GB/T 2260): `people` in all of the years from the first to the last of `years`.

    `counts` is what is counted, in the words of the text; `document` is a folder of the corpus.
    """

    region: str
    document: str
    years: tuple[int, int]
    people: int
    counts: str
    quotation: str

    @property
    def yearly(self) -> int:
        """The average of a year. The texts give none of their own."""
        return round(self.people / (self.years[1] - self.years[0] + 1))


class TargetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of targets.yaml."""

    targets: tuple[Target, ...]


def load_targets() -> tuple[tuple[Target, Card], ...]:
    """The packaged targets, each with the card of its document.

    Raises:
        BadKnowledge: a file does not have its form.

    """
    targets = load_yaml(files("bot.desk") / "targets.yaml", "desk/targets.yaml", TargetFile).targets
    return tuple((target, card_of(target.document)) for target in targets)


def card_of(document: str) -> Card:
    """The card of a folder of the corpus."""
    return load_yaml(packaged("corpus", document, "card.yaml"), f"{document}/card.yaml", Card)
