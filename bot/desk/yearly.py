"""The yearly report of a place, from what is kept of its year."""

import datetime
from collections import Counter
from pathlib import Path

from bot.desk.leads import Desk
from bot.desk.models import Caseworker, Filter
from bot.desk.names import Names
from bot.desk.report import report


def yearly(desk: Desk, who: Caseworker, year: int, region: str | None, file: Path, names: Names) -> None:
    """Write the report of a `year` and a `region` (default: the caseworker's) to `file` (.docx).

    Raises:
        Refused: the caseworker may not see the place.
        CannotWrite: see `report`.

    """
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    statistics = desk.statistics(who, Filter(region=region, since=first.isoformat(), until=last.isoformat()))
    asked: Counter[str] = Counter()
    for row in desk.questions(who, first, last, region):  # one for each place and outcome
        asked[row["words"]] += row["times"]
    report(statistics, year, file, names, asked.most_common())
