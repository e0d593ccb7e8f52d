"""What the caseworkers' desk works with, as plain data."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from conversations.registrations import Registration, Status

Role = Literal["admin", "worker", "viewer"]
Order = Literal["newest", "oldest", "due"]
"""How leads are listed; by "due" only those that have a day to be followed up on, the earliest first."""
HANDOVER = "handover"
"""What the access log calls a person's question, before its number."""


class Caseworker(msgspec.Struct, frozen=True):
    """Somebody of a 残联: what they may do, and the place (GB/T 2260) whose registrations they may see."""

    name: str
    role: Role
    region: str
    active: bool = True


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """A registration on the desk. Times are ISO 8601 in UTC, `due` is a day.

    `said` holds what the person left, in clear: it is masked before it is shown. `contacted` is when its first step
    was taken. `linked` names the first receipt of those that concern one person.
    """

    receipt: str
    said: Registration
    status: Status
    created: str
    updated: str
    channel: str
    claimed_by: str | None = None
    contacted: str | None = None
    due: str | None = None
    linked: str | None = None


class Part(msgspec.Struct, frozen=True):
    """Some leads of a list in order; it goes on after the receipt `next`, where there are more to be looked at."""

    leads: Sequence[Lead]
    next: str | None


class Place(msgspec.Struct, frozen=True):
    """Where a lead stands, newest first, also when it is gone: when it was sent (UTC), and its number in the store."""

    created: str
    id: int


class Pulled(msgspec.Struct, frozen=True):
    """Some leads, newest first, and the place of the last one where there are more."""

    leads: Sequence[Lead]
    next: Place | None


class Counted(msgspec.Struct, frozen=True):
    """How many leads there are, or, where they were not `all` counted, at least are."""

    number: int
    all: bool


class LeadEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a registration: never changed, never removed while the registration is kept.

    `actor` is a caseworker's name, or "person". `status` is the status from then on, where it changed; `text` a note.
    """

    receipt: str
    at: str
    actor: str
    kind: Literal[
        "registered", "amended", "withdrawn", "claimed", "released", "noted", "status", "transferred", "linked", "due"
    ]
    status: Status | None = None
    text: str = ""


class Changes(msgspec.Struct, frozen=True):
    """Some events as they happened; all up to the number `last` were looked at, and there may be `more`."""

    events: Sequence[LeadEvent]
    last: int
    more: bool


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which leads: all fields that are given must fit. Days are ISO 8601, both included, of the sending (China).

    `open`: only those that have not ended. `unclaimed`: only those that nobody follows up.
    """

    region: str | None = None
    status: Status | None = None
    since: str | None = None
    until: str | None = None
    programme: str | None = None
    need: str | None = None
    category: str | None = None
    claimed_by: str | None = None
    unclaimed: bool = False
    due_by: str | None = None
    query: str | None = None
    open: bool = False
