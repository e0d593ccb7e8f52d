"""A lead in the caseworkers' words and as data, and why something was refused."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from bot.desk.models import HANDOVER, Lead, LeadEvent
from bot.desk.names import Names
from bot.desk.permissions import Refused
from bot.desk.wording import load_words
from bot.settings import CHINA
from bot.store.access_log import Entry
from conversations.wording import Wording


class Telling:
    """Says what the desk has, in Chinese."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.say = Wording(load_words("leads", dict[str, str]))
        self._refusals = Wording(load_words("refusals", dict[str, str]))

    def refusal(self, refused: Refused) -> str:
        """What is wrong, why, and what would be right."""
        values = dict(refused.values)
        if refused.code == "step":
            words = [self._status(status) for status in values["allowed"].split(",") if status]
            values = {
                "before": self._status(values["before"]),
                "after": self._status(values["after"]),
                "allowed": self.names.joined(words) or self.say("nothing"),
            }
        return self._refusals(refused.code, **values)

    def line(self, lead: Lead) -> str:
        """A lead in one line."""
        said, terms = lead.said, self.names.terms
        return self.say(
            "line",
            receipt=lead.receipt,
            status=self._status(lead.status),
            place=self.names.place(said.region),
            name=one_line(said.call_name),
            phone=said.phone,
            needs=self.names.joined(terms.needs.get(need, need) for need in said.needs),
            created=self.when(lead.created),
        )

    def card(self, lead: Lead) -> Iterator[str]:
        """A lead line by line; what was not said is left out."""
        for key, value in self.fields(lead):
            yield self.say(key, value=value)

    def label(self, key: str) -> str:
        """What a field is called."""
        return self.say(key, value="").rstrip("：")

    def fields(self, lead: Lead) -> Iterator[tuple[str, str]]:
        """A lead's fields by name, in the order in which they are read; what was not said is left out."""
        said, terms, joined = lead.said, self.names.terms, self.names.joined
        values = {
            "receipt": lead.receipt,
            "state": self._status(lead.status),
            "place": self.names.place(said.region),
            "name": said.call_name,
            "phone": said.phone,
            "relation": terms.relations.get(said.relation or "", said.relation),
            "category": joined(self._categories(lead)),
            "age": terms.age_bands.get(said.age_band or ""),
            "area": terms.areas.get(said.area or ""),
            "needs": joined(terms.needs.get(need, need) for need in said.needs),
            "needs_words": said.needs_words,
            "contacts": joined(terms.contacts.get(contact, contact) for contact in said.contacts),
            "contacts_words": said.contacts_words,
            "programmes": joined(self.names.programme(programme) for programme in said.programmes),
            "claimed_by": self.names.actor(lead.claimed_by or ""),
            "due": lead.due,
            "created": self.when(lead.created),
        }
        for key, value in values.items():
            if value:
                yield key, one_line(value)

    def event(self, event: LeadEvent) -> str:
        """Something that happened, in one line."""
        terms = self.names.terms
        return self.say(
            "event",
            at=self.when(event.at),
            actor=self.names.actor(event.actor),
            kind=terms.changes.get(event.kind, event.kind),
            text=self._status(event.status) if event.kind == "status" and event.status else one_line(event.text),
        ).rstrip()

    def entry(self, entry: Entry) -> str:
        """An entry of the access log, in one line."""
        return self.say(
            "log_line",
            at=self.when(entry.at),
            caseworker=self.names.actor(entry.caseworker),
            operation=self.names.terms.operations.get(entry.operation, entry.operation),
            subject=self.subject(entry.subject),
            reason=one_line(entry.reason),
        ).rstrip()

    def operation(self, operation: str) -> str:
        """What was done, as the access log names it."""
        return self.names.terms.operations.get(operation, operation)

    def subject(self, subject: str) -> str:
        """On what it was done: a receipt, an account or a place as it is, a question by its number."""
        kind, _, number = subject.partition(" ")
        return self.say("handover", number=number) if kind == HANDOVER and number else subject

    def when(self, at: str) -> str:
        """A time in China, to the minute."""
        return datetime.datetime.fromisoformat(at).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")

    def _status(self, status: str) -> str:
        return self.names.terms.status.get(status, status)

    def _categories(self, lead: Lead) -> Sequence[str]:
        said, terms = lead.said, self.names.terms
        unlevelled = [category for category in said.disability if category not in said.levels]
        levelled = [self.names.levels(said.levels)] if said.levels else []
        return [*levelled, *(terms.categories.get(category, category) for category in unlevelled)]


def one_line(text: str) -> str:
    """`text` with nothing that moves the cursor, colours a terminal, or looks like a further line of ours."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def lead_json(lead: Lead) -> dict[str, Any]:
    """A lead for programs, as it is given (masked, or in clear)."""
    said = msgspec.to_builtins(lead.said)
    plain = {name: value for name, value in msgspec.to_builtins(lead).items() if name not in ("said", "receipt")}
    return {"id": lead.receipt, **plain, **said, "age_band": lead.said.age_band}


def event_json(event: LeadEvent) -> dict[str, Any]:
    """An event for programs."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in plain.items() if name != "receipt"}
