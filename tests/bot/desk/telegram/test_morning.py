"""What caseworkers are told unasked, by a clock that the test sets."""

import datetime

import pytest

from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Say
from bot.desk.telegram.morning import remind
from bot.settings import CHINA
from tests.bot.desk.conftest import Register
from tests.bot.desk.telegram.conftest import MONDAY, Caller, Clock, Link, taken

DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("when", "owed"),
    [
        ((23, 8, 59), 0),
        ((23, 9, 0), 1),
        ((23, 17, 59), 1),
        ((23, 18, 0), 0),
        ((28, 10, 0), 0),
        ((29, 10, 0), 0),
        ((27, 10, 0), 1),
    ],
)
def test_only_at_work(front: Front, wang: Caller, when: tuple[int, int, int], owed: int) -> None:
    day, hour, minute = when
    assert remind(front.at, datetime.datetime(2026, 11, day, hour, minute, tzinfo=CHINA)) == owed


def test_once_a_day_and_again_on_the_next(front: Front, wang: Caller) -> None:
    assert [remind(front.at, MONDAY + hours) for hours in (0 * DAY, DAY / 24, DAY, DAY + DAY / 24)] == [1, 0, 1, 0]


def test_what_it_says_and_what_its_buttons_do(
    front: Front, wang: Caller, link: Link, register: Register, clock: Clock
) -> None:
    mine, due, late = register(), register(), register()
    register(region="510100")
    for receipt in (mine, due, late):
        wang.presses(f"claim:{receipt}")
    clock.now = MONDAY - DAY * 3
    wang.presses(f"due:{late}:{clock.now.date()}")
    wang.presses(f"due:{due}:{MONDAY.date()}")
    wang.presses(f"status:{mine}:verified")
    clock.now = MONDAY
    remind(front.at, clock())
    (told,) = taken(front)
    assert isinstance(told, Say)
    for words in (
        *("新登记（2026-11-20起）：3份", "还没有人核对信息的：2份", "我在跟进的：3份"),
        *("今天该跟进的：1份", "过了日子还没跟进的：1份"),
    ):
        assert words in told.text
    pages = [wang.told(button.data) for (button,) in told.buttons]
    assert [sum(receipt in page for receipt in (mine, due, late)) for page in pages] == [3, 3, 2]


def test_in_the_afternoon_only_who_has_something_overdue(
    front: Front, link: Link, register: Register, clock: Clock
) -> None:
    wang, _ = link(1), link(2, "李强")
    receipt = register()
    wang.presses(f"claim:{receipt}")
    wang.presses(f"due:{receipt}:{MONDAY.date()}")
    assert remind(front.at, MONDAY) == 2
    list(taken(front))
    assert remind(front.at, MONDAY.replace(hour=14)) == 0
    clock.now = MONDAY.replace(hour=15) + DAY
    assert remind(front.at, clock()) == 3
    told = [one.text for one in taken(front) if isinstance(one, Say)]
    assert sum("还有1份" in text for text in told) == 1


def test_who_blocked_the_bot_or_is_disabled_is_told_nothing(front: Front, link: Link) -> None:
    link(1).does(kind="blocked")
    link(2, "李强")
    from bot.desk.accounts import OPERATOR

    front.at.accounts.disable(OPERATOR, "李强")
    assert remind(front.at, MONDAY) == 0
