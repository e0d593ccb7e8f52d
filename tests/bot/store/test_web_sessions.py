import datetime

import pytest

from bot.store.store import Store
from bot.store.web_sessions import CODE_LIFE, IDLE, LONGEST, SessionOver

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def test_a_token_is_nobodys_until_it_speaks_and_then_always_the_same(store: Store) -> None:
    sessions = store.web_sessions
    assert sessions.person("a", AT) is None
    person = sessions.begin("a", AT)
    assert sessions.begin("a", AT) == person == sessions.person("a", AT) != sessions.begin("b", AT)
    assert "a" not in {row["token"] for row in store.database.query("SELECT token FROM web_sessions")}


def test_a_session_that_is_used_lives_long_but_not_for_ever(store: Store) -> None:
    sessions, at = store.web_sessions, AT
    sessions.begin("a", at)
    while at < AT + LONGEST - IDLE:
        at += IDLE - HOUR
        assert sessions.person("a", at)
    with pytest.raises(SessionOver):
        sessions.person("a", AT + LONGEST + HOUR)


def test_an_unused_session_expires(store: Store) -> None:
    store.web_sessions.begin("a", AT)
    assert store.web_sessions.person("a", AT + IDLE - HOUR)
    store.web_sessions.begin("b", AT)
    with pytest.raises(SessionOver):
        store.web_sessions.person("b", AT + IDLE + HOUR)


def test_an_ended_session_is_over_and_gives_no_code(store: Store) -> None:
    sessions = store.web_sessions
    sessions.begin("a", AT)
    sessions.give_code("a", "1", AT)
    sessions.end("a")
    with pytest.raises(SessionOver):
        sessions.begin("a", AT)
    sessions.give_code("a", "2", AT)
    assert sessions.take_over("1", "b", AT) is None and sessions.take_over("2", "b", AT) is None


def test_a_code_takes_over_once_in_time(store: Store) -> None:
    sessions = store.web_sessions
    person = sessions.begin("a", AT)
    sessions.give_code("a", "1", AT)
    assert sessions.take_over("1", "late", AT + CODE_LIFE + HOUR) is None
    assert sessions.take_over("1", "b", AT + CODE_LIFE) == person == sessions.person("b", AT)
    assert sessions.take_over("1", "c", AT) is None


def test_who_went_on_elsewhere_is_not_forgotten_with_the_old_token(store: Store) -> None:
    sessions = store.web_sessions
    sessions.begin("a", AT)
    sessions.give_code("a", "1", AT)
    sessions.take_over("1", "b", AT + datetime.timedelta(minutes=5))
    for _ in range(2):
        assert sessions.expired(AT + IDLE + datetime.timedelta(minutes=2)) == []
    assert len(sessions.expired(AT + IDLE + HOUR)) == 1


def test_a_message_is_named_by_its_form_and_its_words(store: Store) -> None:
    name = store.web_sessions.message_id
    assert name("a", "1", "x") == name("a", "1", "x")
    assert len({name("a", "1", "x"), name("a", "2", "x"), name("a", "1", "y"), name("b", "1", "x")}) == 4
