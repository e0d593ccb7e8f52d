"""Which registrations are wanted, as a SQL condition."""

import datetime
import re
from zoneinfo import ZoneInfo

from bot.desk.models import Filter
from bot.store.rows import Rows, place_columns

CHINA = ZoneInfo("Asia/Shanghai")
RECEIPT = re.compile(r"\d{9}")
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
        (f"{column} LIKE ?", f"%,{value},%")
        for column, value in (
            ("programmes", wanted.programme),
            ("needs", wanted.need),
            ("categories", wanted.category),
        )
        if value is not None
    ]
    if wanted.since:
        conditions.append(("created >= ?", midnight(datetime.date.fromisoformat(wanted.since))))
    if wanted.until:
        conditions.append(("created < ?", midnight(datetime.date.fromisoformat(wanted.until) + DAY)))
    if wanted.due_by:
        conditions.append(("due <= ?", wanted.due_by))
    if wanted.query:
        conditions.append(_query(wanted.query, rows))
    return " AND ".join(sql for sql, _ in conditions) or "1 = 1", tuple(value for _, value in conditions)


def _query(text: str, rows: Rows) -> tuple[str, object]:
    compact = re.sub(r"[\s-]", "", text)
    if RECEIPT.fullmatch(compact):
        return "receipt = ?", compact
    if compact.isdigit():
        return "phone_hash = ?", rows.phone_hash(compact)
    return "name_hash = ?", rows.name_hash(text.strip())


def midnight(day: datetime.date) -> str:
    """When a day begins in China, as the store writes times."""
    start = datetime.datetime.combine(day, datetime.time(), CHINA)
    return start.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
