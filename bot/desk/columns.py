"""The columns of an export: what each shows of a registration, or of a change."""

import datetime
from collections.abc import Callable, Mapping, Sequence

import msgspec

from bot.desk.models import Lead, LeadEvent
from bot.desk.names import Names
from bot.desk.wording import load_words
from bot.settings import CHINA

Cell = str | int | datetime.datetime | datetime.date | None
"""Text is a person's or a code; a time is China's, without its zone."""


class Sheets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The names of the two sheets."""

    registrations: str
    changes: str


class ExportWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an export says. `columns` and `changes`: headings by column, in the order in which they stand."""

    sheets: Sheets
    next_sheet: str
    progress: str
    cut: str
    columns: Mapping[str, str]
    changes: Mapping[str, str]


class Layout:
    """The columns of registrations and of changes, in the order of the wording."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.words = load_words("export", ExportWords)
        self._columns = [COLUMNS[key] for key in self.words.columns]
        self._changes = [CHANGES[key] for key in self.words.changes]

    def registration(self, lead: Lead) -> list[Cell]:
        """A registration's present state."""
        return [column(lead, self.names) for column in self._columns]

    def changes(self, events: Sequence[LeadEvent]) -> list[list[Cell]]:
        """A row for each of the events, oldest first, as they are given; the first cell counts from 1."""
        return [[change(n, event, self.names) for change in self._changes] for n, event in enumerate(events, 1)]


def china_time(at: str) -> datetime.datetime:
    """An ISO 8601 time as China's, without its zone and without fractions of a second."""
    return datetime.datetime.fromisoformat(at).astimezone(CHINA).replace(tzinfo=None, microsecond=0)


def _time(at: str | None) -> datetime.datetime | None:
    return china_time(at) if at else None


def _words(codes: Sequence[str], terms: Mapping[str, str], names: Names) -> str:
    return names.joined(terms.get(code, code) for code in codes)


def _band(lead: Lead, names: Names) -> str | None:
    band = lead.said.age_band
    return names.terms.age_bands.get(band, band) if band else None


COLUMNS: Mapping[str, Callable[[Lead, Names], Cell]] = {
    "receipt": lambda lead, names: lead.receipt,
    "status": lambda lead, names: names.terms.status.get(lead.status, lead.status),
    "created": lambda lead, names: china_time(lead.created),
    "updated": lambda lead, names: china_time(lead.updated),
    "call_name": lambda lead, names: lead.said.call_name,
    "phone": lambda lead, names: lead.said.phone,
    "relation": lambda lead, names: names.terms.relations.get(lead.said.relation or "", lead.said.relation),
    "region": lambda lead, names: lead.said.region,
    "region_name": lambda lead, names: names.place(lead.said.region),
    "area": lambda lead, names: names.terms.areas.get(lead.said.area) if lead.said.area else None,
    "disability": lambda lead, names: _words(lead.said.disability, names.terms.categories, names),
    "levels": lambda lead, names: names.levels(lead.said.levels),
    "age": lambda lead, names: lead.said.age,
    "age_band": _band,
    "needs": lambda lead, names: _words(lead.said.needs, names.terms.needs, names),
    "needs_words": lambda lead, names: lead.said.needs_words,
    "contacts": lambda lead, names: _words(lead.said.contacts, names.terms.contacts, names),
    "contacts_words": lambda lead, names: lead.said.contacts_words,
    "programmes": lambda lead, names: names.joined(names.programme(code) for code in lead.said.programmes),
    "channel": lambda lead, names: names.terms.channels.get(lead.channel, lead.channel),
    "claimed_by": lambda lead, names: names.actor(lead.claimed_by) if lead.claimed_by else None,
    "contacted": lambda lead, names: _time(lead.contacted),
    "due": lambda lead, names: datetime.date.fromisoformat(lead.due) if lead.due else None,
    "linked": lambda lead, names: lead.linked,
}
CHANGES: Mapping[str, Callable[[int, LeadEvent, Names], Cell]] = {
    "number": lambda number, event, names: number,
    "at": lambda number, event, names: china_time(event.at),
    "kind": lambda number, event, names: names.terms.changes.get(event.kind, event.kind),
    "status": lambda number, event, names: names.terms.status.get(event.status) if event.status else None,
    "actor": lambda number, event, names: names.actor(event.actor),
    "text": lambda number, event, names: event.text,
}
