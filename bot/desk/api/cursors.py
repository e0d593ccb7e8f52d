"""Where a page of the API's list ended, as text that needs no escaping in an address.

It tells the place itself, not who stood there: that registration may be gone when the next page is asked for.
"""

import datetime
import re

from bot.desk.models import Place
from bot.store.rows import utc

CURSOR = re.compile(r"([0-9]{1,13})-([0-9]{1,18})")
FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)
"""As exactly as the store writes times."""


def written(place: Place) -> str:
    """The cursor of a place."""
    milliseconds = (datetime.datetime.fromisoformat(place.created) - FIRST) // MILLISECOND
    return f"{milliseconds}-{place.id}"


def read(cursor: str) -> Place | None:
    """The place of a cursor; None if it is none."""
    if not (match := CURSOR.fullmatch(cursor)):
        return None
    return Place(utc(FIRST + int(match[1]) * MILLISECOND), int(match[2]))
