"""What the forms of the desk bring: filters, places and days as people write them."""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from bot.desk.models import Caseworker, Filter, Order
from bot.desk.names import Names
from bot.desk.permissions import NATION, Refused
from conversations.registrations import Status
from knowledge.places.gazetteer import Gazetteer

DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?|(\d{4})(\d{2})(\d{2})")
RECEIPT = re.compile(r"[0-9]{9}")
ME, NOBODY = "me", "nobody"


class BadDay(Exception):
    """No day of the calendar."""


class Asked(msgspec.Struct, frozen=True):
    """A filter as it was asked for in an address, and in which order; `bad` names the fields that cannot be read."""

    wanted: Filter
    order: Order
    given: Mapping[str, str]
    bad: tuple[str, ...] = ()


FIELDS = {"period": "since", "no_need": "need", "no_category": "category", "no_programme": None, "no_page": None}


def field_of(refused: Refused) -> str | None:
    """The field of a filter's form at which it is told why the filter was refused."""
    return FIELDS.get(refused.code, "region")


def read_place(text: str, places: Gazetteer, near: str | None = None) -> str:
    """The GB/T 2260 code of a place that is written as a code or by its name.

    Raises:
        Refused: "no_place".

    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain == NATION or places.exists(plain):
        return plain
    mentions = [*places.mentions(plain)]
    chosen = places.chosen(mentions, None if near == NATION else near)
    if len(chosen) != 1:
        raise Refused("no_place", region=plain[:20])
    return chosen[0]


def read_day(text: str) -> datetime.date:
    """A day as 2026-11-03, 2026年11月3日, 2026/11/3 or 20261103.

    Raises:
        BadDay: it is none.

    """
    match = DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        raise BadDay
    try:
        return datetime.date(*(int(part) for part in match.groups() if part))
    except ValueError as error:
        raise BadDay from error


def read_filter(parameters: Mapping[str, str], who: Caseworker, names: Names, today: datetime.date) -> Asked:
    """The filter in the parameters of an address, where nobody is named: `who` is "me" or "nobody".

    What can be read and no registration could fit is for `Desk.check` to refuse.
    """
    given = {name: value.strip() for name, value in parameters.items() if value.strip()}
    fields: dict[str, Any] = {}
    bad = []
    if "region" in given:
        try:
            region = read_place(given["region"], names.gazetteer, who.region)
            fields["region"] = None if region == NATION else region
        except Refused:
            bad.append("region")
    for name in ("since", "until"):
        try:
            fields[name] = read_day(given[name]).isoformat() if name in given else None
        except BadDay:
            bad.append(name)
    if given.get("status") in (None, *get_args(Status)):
        fields["status"] = given.get("status")
    else:
        bad.append("status")
    fields |= {name: given.get(name) for name in ("need", "category", "programme")}
    fields["claimed_by"] = who.name if given.get("who") == ME else None
    fields["unclaimed"] = given.get("who") == NOBODY
    fields["due_by"] = today.isoformat() if "due" in given else None
    fields["open"] = "open" in given
    order: Order = next((order for order in get_args(Order) if order == given.get("order")), "newest")
    return Asked(Filter(**fields), order, given, tuple(bad))
