"""When caseworkers are on duty: on working days, by China's clock. Holidays are not known."""

import datetime

CHINA = datetime.timezone(datetime.timedelta(hours=8))
BEGINS, ENDS = datetime.time(9), datetime.time(18)
WORKING_DAYS = 5
"""Monday to Friday."""


def on_duty(at: datetime.datetime) -> bool:
    """Whether it is a time at which somebody answers."""
    here = at.astimezone(CHINA)
    return here.weekday() < WORKING_DAYS and BEGINS <= here.time() < ENDS
