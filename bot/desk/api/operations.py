"""What the API does: the desk's operations, with a token's account, on what is written in a request."""

import datetime
from typing import Any, get_args

import msgspec

from bot.desk.api import cursors
from bot.desk.models import Caseworker, Filter
from bot.desk.permissions import NATION
from bot.desk.telling import event_json, lead_json
from bot.desk.web.office import Office
from conversations.registrations import NEEDS, Status

MOST, DEFAULT = 1000, 100
LONGEST_CURSOR = 18
FILTERS = ("region", "status", "since", "until", "programme", "need", "category", "claimed_by", "due_by")


class Bad(Exception):
    """A field of a request cannot be read; `key` names the sentence that says what would be right."""

    def __init__(self, field: str, key: str, **values: str) -> None:
        super().__init__(field)
        self.key = key
        self.values = {"field": field, **values}


class StatusChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a change of status."""

    status: Status


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a claim: nothing."""


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a note."""

    text: str


def list_(office: Office, who: Caseworker, given: dict[str, str]) -> Any:
    """A page of registrations, masked, newest first; `next` is the cursor of the page after it."""
    _known(given, (*FILTERS, "limit", "cursor"))
    limit, cursor = _limit(given), given.get("cursor")
    after = cursors.read(cursor) if cursor is not None else None
    if cursor is not None and after is None:
        raise Bad("cursor", "bad_cursor")
    found = office.desk.pull(who, _filter(given), limit, after)
    return {
        "leads": [lead_json(lead) for lead in found.leads],
        "next": cursors.written(found.next) if found.next else None,
    }


def show(office: Office, who: Caseworker, given: dict[str, str]) -> Any:
    """One registration with its events: masked, or in clear for a reason, which is recorded."""
    _known(given, ("id", "reveal"))
    receipt = given["id"]
    clear = office.desk.reveal(who, receipt, given["reveal"]) if "reveal" in given else None
    lead, events = office.desk.show(who, receipt)
    return {
        **lead_json(clear or lead),
        "linked_with": [other.receipt for other in office.desk.linked(who, receipt)],
        "events": [event_json(event) for event in events],
    }


def changes(office: Office, who: Caseworker, given: dict[str, str]) -> Any:
    """A page of what happened since a time; with `cursor` it goes on after the page before, also later on."""
    _known(given, ("since", "cursor", "limit"))
    if "since" not in given:
        raise Bad("since", "bad_time")
    limit, since, cursor = _limit(given), _time(given["since"]), given.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR):
        raise Bad("cursor", "bad_cursor")
    found = office.desk.changes(who, since, int(cursor), limit)
    return {
        "changes": [{"id": event.receipt, **event_json(event)} for event in found.events],
        "cursor": str(found.last),
        "more": found.more,
    }


def set_status(office: Office, who: Caseworker, receipt: str, body: StatusChange) -> Any:
    """Move it a step."""
    office.desk.set_status(who, receipt, body.status)
    return _changed(office, who, receipt)


def claim(office: Office, who: Caseworker, receipt: str, body: Claim) -> Any:
    """Be the one who follows it up."""
    office.desk.claim(who, receipt)
    return _changed(office, who, receipt)


def note(office: Office, who: Caseworker, receipt: str, body: Note) -> Any:
    """Write down what was done."""
    office.desk.note(who, receipt, body.text)
    return _changed(office, who, receipt)


def _changed(office: Office, who: Caseworker, receipt: str) -> Any:
    lead, _ = office.desk.show(who, receipt)
    return lead_json(lead)


def _known(given: dict[str, str], names: tuple[str, ...]) -> None:
    for name in given:
        if name not in names:
            raise Bad(name, "bad_name", known=", ".join(names))


def _filter(given: dict[str, str]) -> Filter:
    fields: dict[str, Any] = {name: given[name] for name in FILTERS if name in given}
    for name in ("since", "until", "due_by"):
        if name in fields:
            fields[name] = _day(name, fields[name])
    for name, known in (("status", get_args(Status)), ("need", NEEDS)):
        if name in fields and fields[name] not in known:
            raise Bad(name, "bad_value", known=", ".join(known))
    if fields.get("region") == NATION:
        del fields["region"]
    return Filter(**fields)


def _limit(given: dict[str, str]) -> int:
    text = given.get("limit", str(DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise Bad("limit", "bad_limit", most=str(MOST))
    return int(text)


def _day(name: str, text: str) -> str:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        raise Bad(name, "bad_day") from error


def _time(text: str) -> datetime.datetime:
    try:
        time = datetime.datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        raise Bad("since", "bad_time") from error
