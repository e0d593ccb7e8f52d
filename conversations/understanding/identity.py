"""Numbers of residents and of disability certificates, recognised so that they can be refused and forgotten."""

import datetime
import re
from collections.abc import Mapping

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
LENGTH = 18
FIRST_YEAR = 1850
RUN = re.compile(r"[0-9](?:[^0-9a-zA-Z\u3400-\u9fff]{0,3}[0-9xX])+")
"""Digits with at most three separators between neighbours."""


def has_id_number(text: str, digits: Mapping[int, str], today: datetime.date) -> bool:
    """Whether NFKC `text` holds a resident's number by GB 11643, alone or as the beginning of a certificate's.

    `digits` translates other characters for digits. Only the date of birth and the check digit count: county codes
    change.
    """
    if len(text) < LENGTH:
        return False
    return any(_number_in(run[0], today) for run in RUN.finditer(text.translate(digits)))


def _number_in(run: str, today: datetime.date) -> bool:
    characters = "".join(char for char in run.upper() if char.isalnum())
    return any(
        _valid(characters[start : start + LENGTH], today) for start in range(max(0, len(characters) - LENGTH + 1))
    )


def _valid(number: str, today: datetime.date) -> bool:
    body, check = number[:-1], number[-1]
    if "X" in body or CHECK[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11] != check:
        return False
    try:
        born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return born.year >= FIRST_YEAR and born <= today
