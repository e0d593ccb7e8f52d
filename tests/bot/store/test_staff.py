import datetime

import pytest

from bot.desk.models import Caseworker
from bot.store.staff import CODE_DIGITS, CODE_LASTS
from bot.store.store import Store
from tests.bot.store.madeup import AT

WORKER = Caseworker("张", "worker", "620502")
MOMENT = datetime.timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def worker(store: Store) -> None:
    assert store.staff.add(WORKER, AT)


def test_accounts_are_by_name(store: Store) -> None:
    admin = Caseworker("Li", "admin", "620000")
    assert store.staff.add(admin, AT) and not store.staff.add(Caseworker("张", "admin", "620000"), AT)
    assert store.staff.get("张") == WORKER and store.staff.get("王") is None
    assert store.staff.all() == [admin, WORKER]


def test_a_code_is_good_once_and_for_a_while(store: Store) -> None:
    code = store.staff.new_code("张", AT)
    assert len(code) == CODE_DIGITS and code.isdigit()
    assert store.staff.redeem(code, AT + CODE_LASTS) == WORKER and store.staff.redeem(code, AT) is None
    code = store.staff.new_code("张", AT)
    assert store.staff.redeem(code, AT + CODE_LASTS + MOMENT) is None


def test_a_new_code_makes_the_one_before_worthless(store: Store) -> None:
    before, after = store.staff.new_code("张", AT), store.staff.new_code("张", AT)
    assert store.staff.redeem(before, AT) is None and store.staff.redeem(after, AT) == WORKER


def test_a_disabled_account_has_no_code(store: Store) -> None:
    code = store.staff.new_code("张", AT)
    assert store.staff.disable("张") and not store.staff.disable("王")
    assert store.staff.redeem(code, AT) is None
    assert store.staff.redeem(store.staff.new_code("张", AT), AT) is None
    found = store.staff.get("张")
    assert found and not found.active


def test_the_code_itself_is_kept_nowhere(store: Store) -> None:
    code = store.staff.new_code("张", AT)
    assert all(code not in str(row) for row in store.database.query("SELECT * FROM caseworkers"))
