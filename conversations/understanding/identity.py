"""Numbers of residents and of disability certificates, recognised so that they can be refused and forgotten.

What only looks like one is refused too (a slip in the check digit, the 15 digits of before 1999): it may be real.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
LENGTH = 18
LONGEST = LENGTH + 2
"""With the category and level of a certificate."""
OLD_LENGTH = 15
OLD_CENTURY = "19"
CERTIFICATE = re.compile(r"[1-7][1-4]")
"""What a certificate's number has after its holder's: category and level."""
CARDS = (16, 19)
"""The lengths of bank cards' numbers."""
CARD_GROUP = 4
FIRST_YEAR = 1850
PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
"""What a number begins with, by GB/T 2260 (and 91, foreigners); 83 is Taiwan residents'."""
RUN = re.compile(r"[0-9](?:[^0-9a-zA-Z\u3400-\u9fff]{0,3}[0-9xX])+")
"""Digits with at most three separators between neighbours."""
GROUP = re.compile(r"[0-9xX]+")


def has_id_number(text: str, digits: Mapping[int, str], today: datetime.date) -> bool:
    """Whether NFKC `text` holds a resident's number by GB 11643, alone or as the beginning of a certificate's.

    `digits` translates other characters for digits. County codes are not looked up: they change.
    """
    if len(text) < OLD_LENGTH:
        return False
    return any(_number_in(GROUP.findall(run[0].upper()), today) for run in RUN.finditer(text.translate(digits)))


def _number_in(groups: Sequence[str], today: datetime.date) -> bool:
    """Whether digits written in `groups` hold a number: one that is right anywhere, one that is nearly so by itself."""
    joined = "".join(groups)
    windows = (joined[start : start + LENGTH] for start in range(max(0, len(joined) - LENGTH + 1)))
    if any(_right(number, today) for number in windows):
        return True
    return not _of_card(groups) and any(_nearly(part, today) for part in _parts(groups))


def _of_card(groups: Sequence[str]) -> bool:
    """Whether digits are written as a bank card's are: in fours, the last group aside."""
    return sum(map(len, groups)) in CARDS and all(len(group) == CARD_GROUP for group in groups[:-1])


def _parts(groups: Sequence[str]) -> Iterator[str]:
    """What neighbouring groups come to, each alone and joined, as far as it may be a number."""
    for start in range(len(groups)):
        joined = ""
        for group in groups[start : start + LONGEST]:
            joined += group
            if len(joined) > LONGEST:
                break
            yield joined


def _right(number: str, today: datetime.date) -> bool:
    body, check = number[:-1], number[-1]
    if "X" in body or CHECK[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11] != check:
        return False
    return _born(number[6:14], today)


def _nearly(part: str, today: datetime.date) -> bool:
    """Whether `part` has the form of a number, its check digit aside."""
    if not PROVINCES.match(part):
        return False
    if len(part) == OLD_LENGTH:
        return part.isdigit() and _born(OLD_CENTURY + part[6:12], today)
    of_certificate = len(part) == LONGEST and CERTIFICATE.fullmatch(part[LENGTH:])
    if len(part) != LENGTH and not of_certificate:
        return False
    return part[: LENGTH - 1].isdigit() and _born(part[6:14], today)


def _born(date: str, today: datetime.date) -> bool:
    """Whether somebody alive may have been born on `date` (YYYYMMDD)."""
    try:
        born = datetime.date(int(date[:4]), int(date[4:6]), int(date[6:]))
    except ValueError:
        return False
    return born.year >= FIRST_YEAR and born <= today
