"""Ages, and how long a business has run: whole years and whole months, and nothing where it is vague."""

import datetime
import re
from collections.abc import Iterator

from conversations.understanding.models import DateWords
from conversations.understanding.patterns import Patterns
from conversations.understanding.rules import clause_at

OLDEST = 120
MONTHS = 12
THIS_CENTURY = 100
NEARLY_ALL = 4
"""How many characters a clause may have beside a length of time that is all it says."""


class Dates:
    """Reads ages and months in business."""

    def __init__(self, words: DateWords, patterns: Patterns) -> None:
        self._patterns = patterns
        compile_ = patterns.compile
        self._before, self._after = compile_(words.approximate.before), compile_(words.approximate.after)
        self._ages = [compile_(pattern) for pattern in words.age]
        self._age_not, self._age_not_after = compile_(words.age_not), compile_(words.age_not_after)
        self._age_not_of_relative, self._relation = compile_(words.age_not_of_relative), compile_("{relation}")
        self._born = [compile_(pattern) for pattern in words.born]
        self._not_born, self._not_born_before = compile_(words.not_born), compile_(words.not_born_before)
        business = words.business
        self._context, self._not_context = compile_(business.context), compile_(business.not_context)
        self._months = [compile_(pattern) for pattern in business.months]
        self._opened = [compile_(pattern) for pattern in business.opened]
        self._just = compile_(business.just)
        self._relative, self._last_months = business.relative, business.last_months

    def age(self, text: str, today: datetime.date, *, of_relative: bool = False) -> int | None:
        """The age in whole years that plain `text` states, or that a year of birth comes to this year.

        `of_relative`: it is asked for a relative; where it names one alone ("my child is 15"), the age is theirs.
        """
        alone = of_relative and len(set(self._relation.findall(text))) == 1
        age_not = self._age_not_of_relative if alone else self._age_not
        for pattern in self._ages:
            for match in pattern.finditer(text):
                start, end = clause_at(text, match)
                other = age_not.search(text, start, match.start("n")) or self._age_not_after.search(
                    text[match.end("n") : end]
                )
                years = self._patterns.number(match["n"])
                if years is not None and 0 < years <= OLDEST and not other and not self._vague(text, match, "n"):
                    return years
        return self._age_by_birth(text, today)

    def _age_by_birth(self, text: str, today: datetime.date) -> int | None:
        for pattern in self._born:
            for match in pattern.finditer(text):
                start, end = clause_at(text, match)
                before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : match.start("year")]
                if not (self._not_born.search(text, start, end) or self._not_born_before.search(before)):
                    age = self.age_of_year(match["year"], today)
                    if age is not None:
                        month = self._group(match, "month") or 0
                        return age - 1 if (month, self._group(match, "day") or 0) > (today.month, today.day) else age
        return None

    def age_of_year(self, year: str, today: datetime.date) -> int | None:
        """The age this year of who was born in `year` ("85", "1985", "八五")."""
        born = self._year(year, today)
        return today.year - born if born is not None and 0 < today.year - born <= OLDEST else None

    def biz_months(self, text: str, today: datetime.date, *, asked: bool) -> int | None:
        """The whole months that plain `text` says a business has run; `asked`: whatever time is said is that."""
        in_business = bool(self._context.search(text))
        for found in (self._since(text, today), self._lengths(text)):
            for months, match in found:
                start, end = clause_at(text, match)
                of_business = self._context.search(text, start, end) or (
                    in_business and len(match[0]) + NEARLY_ALL >= end - start
                )
                if asked or (of_business and not self._not_context.search(text, start, end)):
                    return months
        return 0 if self._just.search(text) else None

    def _lengths(self, text: str) -> Iterator[tuple[int, re.Match[str]]]:
        for pattern in self._months:
            for match in pattern.finditer(text):
                groups = match.groupdict()
                years = self._patterns.number(groups.get("y")) or 0
                months = self._patterns.number(groups.get("m")) or 0
                total = years * MONTHS + months + (MONTHS // 2 if groups.get("half") else 0)
                if total and years < OLDEST and not self._vague(text, match, next(iter(groups))):
                    yield total, match

    def _since(self, text: str, today: datetime.date) -> Iterator[tuple[int, re.Match[str]]]:
        for pattern in self._opened:
            for match in pattern.finditer(text):
                months = self._months_since(match, today)
                if months is not None:
                    yield months, match

    def _months_since(self, match: re.Match[str], today: datetime.date) -> int | None:
        """Whole months since the day or month in `match`; None where an unsaid day decides whether a year is full."""
        groups = match.groupdict()
        if groups.get("last_month"):
            return self._last_months.get(match["last_month"])
        year = (
            today.year - self._relative[match["relative"]]
            if groups.get("relative")
            else self._year(match["year"], today)
        )
        month, day = self._group(match, "month"), self._group(match, "day")
        if year is None or month is None or not 1 <= month <= MONTHS:
            return None
        months = (today.year - year) * MONTHS + today.month - month
        if day is None:
            return months if months >= 0 and months != MONTHS else None
        months -= day > today.day
        return months if months >= 0 else None

    def _group(self, match: re.Match[str], name: str) -> int | None:
        return self._patterns.number(match.groupdict().get(name))

    def _year(self, text: str, today: datetime.date) -> int | None:
        year = self._patterns.number(text)
        if year is None or year >= THIS_CENTURY:
            return year
        century = today.year - today.year % THIS_CENTURY
        return century + year if century + year <= today.year else century - THIS_CENTURY + year

    def _vague(self, text: str, match: re.Match[str], group: str) -> bool:
        start, end = clause_at(text, match)
        at = match.start(group) if match[group] else match.start()
        after = text[max(match.end(group), match.start()) : end] if match[group] else ""
        return bool(
            self._before.search(text[start:at])
            or self._after.search(after)
            or self._after.search(text[match.end() : end])
        )
