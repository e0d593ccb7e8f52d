"""What the texts ask each place to report every year, in their own words."""

from importlib.resources import files

import msgspec

from bot.desk.targets import card_of
from knowledge.corpus.folders import load_yaml
from knowledge.models import Card
from knowledge.places.gazetteer import contains


class Duty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The report that a place (GB/T 2260) owes, when it is due, and the 四个一 as its text asks for them, if so."""

    region: str
    document: str
    due: str
    report: str
    four: str | None = None


class DutyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of duties.yaml."""

    duties: tuple[Duty, ...]


def load_duties() -> tuple[Duty, ...]:
    """The packaged duties.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return load_yaml(files("bot.desk") / "duties.yaml", "desk/duties.yaml", DutyFile).duties


def duty_of(region: str | None) -> tuple[Duty, Card] | None:
    """The duty of the smallest place that contains `region`, with its document's card; None where no text is held."""
    around = [duty for duty in load_duties() if region is not None and contains(duty.region, region)]
    if not around:
        return None
    duty = max(around, key=lambda duty: duty.region)
    return duty, card_of(duty.document)
