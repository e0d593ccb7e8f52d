"""Which leads are wanted: in words that a caseworker writes, and in the few bytes of a button."""

import datetime
import re
from collections.abc import Iterator
from typing import get_args

import msgspec

from bot.desk.models import Filter
from bot.desk.names import Names
from bot.desk.telegram.words import Words
from conversations.registrations import NEEDS, Status

STATUSES: tuple[Status, ...] = get_args(Status)
DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
SEPARATORS = re.compile(r"[\s,;、，；。]+")
FIELDS = ("region", "status", "need", "category", "since", "until")


class BadWords(ValueError):
    """Words that name nothing to choose by."""


def read(text: str, names: Names, near: str) -> Filter:
    """The filter that words name: places (the nearest to `near`), statuses, needs, categories, one or two days.

    Raises:
        BadWords: some that name none of these.

    """
    wanted: dict[str, str] = {}
    unknown = [word for word in SEPARATORS.split(text) if word and not _read_word(word, names, near, wanted)]
    if unknown:
        raise BadWords(" ".join(unknown))
    return msgspec.convert(wanted, Filter)


def _read_word(word: str, names: Names, near: str, wanted: dict[str, str]) -> bool:
    terms = names.terms
    for field, known in (("status", terms.status), ("need", terms.needs), ("category", terms.categories)):
        code = next((code for code, name in known.items() if word in (code, name)), None)
        if code:
            wanted[field] = code
            return True
    if DAY.fullmatch(word):
        try:
            day = day_in(word).isoformat()
        except ValueError:
            return False
        wanted["until" if "since" in wanted else "since"] = day
        return True
    mentions = list(names.gazetteer.mentions(word))
    places = names.gazetteer.chosen(mentions, near) if sum(len(m.name) for m in mentions) == len(word) else ()
    if places:
        wanted["region"] = places[0]
    return bool(places)


def day_in(text: str) -> datetime.date:
    """The day that `text` is, as 2026-12-01 or 2026-12-1.

    Raises:
        ValueError: it is none.

    """
    if not DAY.fullmatch(text):
        raise ValueError(text)
    year, month, day = (int(part) for part in text.split("-"))
    return datetime.date(year, month, day)


def in_words(wanted: Filter, names: Names, words: Words) -> Iterator[str]:
    """A filter as it is read."""
    terms = names.terms
    if wanted.region:
        yield names.place(wanted.region)
    for value, known in ((wanted.status, terms.status), (wanted.need, terms.needs)):
        if value:
            yield known[value]
    if wanted.category:
        yield terms.categories.get(wanted.category, wanted.category)
    if wanted.since:
        yield words.say("from_day", day=wanted.since)
    if wanted.until:
        yield words.say("until_day", day=wanted.until)


def packed(wanted: Filter, names: Names) -> str:
    """A filter in at most 30 bytes; what a button cannot hold (a query, a claimer) is left out."""
    numbers = _numbers(names)
    parts = []
    for field in FIELDS:
        value = getattr(wanted, field)
        if value and field in numbers:
            value = str(numbers[field].index(value))
        parts.append((value or "").replace("-", "")[-8:])
    return ":".join(parts)


def unpacked(data: str, names: Names) -> Filter:
    """The filter that `packed` made `data` of.

    Raises:
        ValueError: it did not.

    """
    numbers = _numbers(names)
    wanted: dict[str, str] = {}
    for field, value in zip(FIELDS, data.split(":"), strict=True):
        if value and field in numbers:
            if not value.isdigit() or int(value) >= len(numbers[field]):
                raise ValueError(data)
            value = numbers[field][int(value)]
        elif value and field in ("since", "until"):
            value = datetime.datetime.strptime(value, "%Y%m%d").date().isoformat()
        if value:
            wanted[field] = value
    return msgspec.convert(wanted, Filter)


def _numbers(names: Names) -> dict[str, tuple[str, ...]]:
    return {"status": STATUSES, "need": NEEDS, "category": tuple(names.terms.categories)}
