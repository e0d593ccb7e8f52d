import datetime

import pytest

from bot.desk.models import Caseworker
from bot.store.desk_sessions import IDLE, LONGEST
from bot.store.store import Store
from tests.bot.store.madeup import AT

WORKER = Caseworker("张", "worker", "620502")
MOMENT = datetime.timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def worker(store: Store) -> None:
    assert store.staff.add(WORKER, AT)


def test_a_session_is_its_tokens_and_the_token_is_kept_nowhere(store: Store) -> None:
    token = store.desk_sessions.begin("张", "in", AT)
    session = store.desk_sessions.get(token, AT)
    assert session and session.who == WORKER and session.stage == "in"
    assert store.desk_sessions.get(token[:-1] + "x", AT) is None
    assert token not in str(store.database.query("SELECT * FROM desk_sessions"))
    assert store.desk_sessions.csrf(token) != store.desk_sessions.csrf(token[::-1])


def test_it_is_over_when_it_is_idle_or_old_and_looking_does_not_count_as_use(store: Store) -> None:
    token = store.desk_sessions.begin("张", "in", AT)
    assert store.desk_sessions.get(token, AT + IDLE, touch=False)
    assert store.desk_sessions.get(token, AT + IDLE + MOMENT) is None
    token, at = store.desk_sessions.begin("张", "in", AT), AT
    while at < AT + LONGEST:
        assert store.desk_sessions.get(token, at)
        at += IDLE
    assert store.desk_sessions.get(token, AT + LONGEST + MOMENT) is None


def test_a_device_is_known_for_its_account(store: Store) -> None:
    sessions = store.desk_sessions
    device = sessions.device("张")
    assert sessions.knows_device("张", device) and device != sessions.device("张")
    assert not sessions.knows_device("李", device)
    for other in ("", "é", device[:64], device[:-1], device + "0"):
        assert not sessions.knows_device("张", other)


def test_a_disabled_account_has_no_session(store: Store) -> None:
    token = store.desk_sessions.begin("张", "in", AT)
    store.staff.disable("张")
    assert store.desk_sessions.get(token, AT) is None
    assert store.database.query("SELECT * FROM desk_sessions") == []


def test_what_is_prepared_is_sealed(store: Store) -> None:
    token = store.desk_sessions.begin("张", "setup", AT)
    store.desk_sessions.prepare(token, b"secret")
    store.desk_sessions.tried(token)
    session = store.desk_sessions.get(token, AT)
    assert session and session.prepared == b"secret" and session.tries == 1
    assert b"secret" not in store.database.query("SELECT sealed FROM desk_sessions")[0]["sealed"]


def test_what_is_over_is_removed(store: Store) -> None:
    old, new = store.desk_sessions.begin("张", "in", AT), store.desk_sessions.begin("张", "in", AT + IDLE)
    assert store.desk_sessions.expire(AT + IDLE + MOMENT) == 1
    assert store.desk_sessions.get(old, AT) is None and store.desk_sessions.get(new, AT + IDLE)
    store.desk_sessions.end_all("张")
    assert store.desk_sessions.get(new, AT + IDLE) is None
