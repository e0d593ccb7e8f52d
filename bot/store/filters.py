"""Which registrations are wanted, as a SQL condition."""

import datetime
import re
import unicodedata

from bot.desk.models import Filter
from bot.settings import CHINA
from bot.store.rows import Rows, place_columns

RECEIPT = re.compile(r"[0-9]{9}")
PHONE = re.compile(r"(?:\+86)?([0-9]+)")
DAY = datetime.timedelta(days=1)


def where(wanted: Filter, rows: Rows) -> tuple[str, tuple[object, ...]]:
    """The condition and its parameters. A query is a receipt, a phone number or a name, each whole."""
    conditions: list[tuple[str, object]] = []
    if wanted.region:
        *_, (column, code) = (
            pair for pair in zip(("province", "city", "county"), place_columns(wanted.region), strict=True) if pair[1]
        )
        conditions.append((f"{column} = ?", code))
    conditions += [
        (f"{column} = ?", value)
        for column, value in (("status", wanted.status), ("claimed_by", wanted.claimed_by))
        if value is not None
    ]
    conditions += [
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
    if wanted.since:
        conditions.append(("created >= ?", midnight(datetime.date.fromisoformat(wanted.since))))
    if wanted.until:
        conditions.append(("created < ?", midnight(datetime.date.fromisoformat(wanted.until) + DAY)))
    if wanted.due_by:
        conditions.append(("due <= ?", wanted.due_by))
    if wanted.unclaimed:
        conditions.append(("coalesce(claimed_by, '') = ?", ""))
    if wanted.query:
        conditions.append(_query(wanted.query, rows))
    return " AND ".join(sql for sql, _ in conditions) or "1 = 1", tuple(value for _, value in conditions)


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
