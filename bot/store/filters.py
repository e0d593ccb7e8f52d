"""Which registrations are wanted, as a SQL condition."""

import datetime
import re
import unicodedata
from collections.abc import Sequence

from msgspec.structs import replace

from bot.desk.models import Filter, Order
from bot.settings import CHINA
from bot.store.rows import Rows, place_columns

RECEIPT = re.compile(r"[0-9]{9}")
PHONE = re.compile(r"(?:\+86)?([0-9]+)")
DAY = datetime.timedelta(days=1)
FIRST, LAST = datetime.date.min + DAY, datetime.date.max - DAY
"""Days with one before and one after them, as their beginning and end in China need."""

Condition = tuple[str, tuple[object, ...]]
"""SQL, and its parameters."""


def where(wanted: Filter, rows: Rows) -> Condition:
    """The whole condition. A query is a receipt, a phone number or a name, each whole."""
    return _joined([*_by_index(wanted, rows), *_due(wanted), *_looked_through(wanted)])


def parts(wanted: Filter, rows: Rows, order: Order) -> tuple[Condition, Condition | None]:
    """The condition in two: what an index finds in order, and by what those are looked through, if by anything."""
    sure, rest = _by_index(wanted, rows), _looked_through(wanted)
    # By another order all that are due would have to be sorted first; one's own are few.
    (sure if order == "due" or wanted.claimed_by else rest).extend(_due(wanted))
    return _joined(sure), _joined(rest) if rest else None


def at_work(wanted: Filter, rows: Rows) -> Condition:
    """Those whose last step is work that they came to in the days `wanted`; all else is as in `where`."""
    rest, values = where(replace(wanted, region=None, since=None, until=None), rows)
    # All of it by one index: the places in order of their codes, in each the times.
    found = [*_in_place(wanted.region), *_within("reached_at", wanted.since, wanted.until)]
    sql, more = _joined(found)
    return f"reached = 'employed' AND {sql} AND {rest}", (*more, *values)


def _in_place(region: str | None) -> list[tuple[str, object]]:
    if region is None:
        return []
    inside = region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    return [("region >= ?", region), ("region <= ?", inside.ljust(len(region), "9"))]


def _joined(conditions: Sequence[tuple[str, object]]) -> Condition:
    return " AND ".join(sql for sql, _ in conditions) or "1 = 1", tuple(value for _, value in conditions)


def _by_index(wanted: Filter, rows: Rows) -> list[tuple[str, object]]:
    conditions: list[tuple[str, object]] = []
    own = "{}"
    if wanted.claimed_by is not None:
        conditions.append(("claimed_by = ?", wanted.claimed_by))
        # One's own are few: by another index SQLite would go through all of the place, the status or the days.
        own = "coalesce({}, '')"
    if wanted.region:
        *_, (column, code) = (
            pair for pair in zip(("province", "city", "county"), place_columns(wanted.region), strict=True) if pair[1]
        )
        conditions.append((f"{own.format(column)} = ?", code))
    if wanted.status is not None:
        conditions.append((f"{own.format('status')} = ?", wanted.status))
    conditions += _within(own.format("created"), wanted.since, wanted.until)
    if wanted.query:
        conditions.append(_query(wanted.query, rows))
    return conditions


def _within(column: str, since: str | None, until: str | None) -> list[tuple[str, object]]:
    """That a time lies on a day of China or later, and on another or before."""
    conditions: list[tuple[str, object]] = []
    if since:
        conditions.append((f"{column} >= ?", midnight(_day(since))))
    if until:
        conditions.append((f"{column} < ?", midnight(_day(until) + DAY)))
    return conditions


def _day(text: str) -> datetime.date:
    return min(max(datetime.date.fromisoformat(text), FIRST), LAST)


def _due(wanted: Filter) -> list[tuple[str, object]]:
    return [("due <= ?", wanted.due_by)] if wanted.due_by else []


def _looked_through(wanted: Filter) -> list[tuple[str, object]]:
    conditions: list[tuple[str, object]] = [
        # Not LIKE: its wildcards, and its letters of either case, differ from one database to the other.
        (f"replace({column}, ?, '') <> {column}", f",{value},")
        for column, value in (
            ("programmes", wanted.programme),
            ("needs", wanted.need),
            ("categories", wanted.category),
        )
        if value is not None
    ]
    if wanted.open:
        conditions += [("status <> ?", ended) for ended in ("closed", "withdrawn")]
    if wanted.unclaimed:
        conditions.append(("coalesce(claimed_by, '') = ?", ""))
    return conditions


def _query(text: str, rows: Rows) -> tuple[str, object]:
    number = compact(text)
    if RECEIPT.fullmatch(number):
        return "receipt = ?", number
    if phone := PHONE.fullmatch(number):
        return "phone_hash = ?", rows.phone_hash(phone[1])
    return "name_hash = ?", rows.name_hash(text)


def compact(number: str) -> str:
    """A number in whatever width it is written, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))


def midnight(day: datetime.date) -> str:
    """When a day begins in China, as the store writes times."""
    start = datetime.datetime.combine(day, datetime.time(), CHINA)
    return start.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
