import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conversations.session as session_module
from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Incoming
from conversations.session import VERSION, Session, UnusableSession, dump_session, load_session

FACTS = st.dictionaries(
    st.sampled_from(["region", "age", "cert", "disability", "levels"]),
    st.booleans() | st.integers(0, 99) | st.text(max_size=8) | st.just(("视力", "听力")) | st.just({"视力": 1}),
)


@given(FACTS, st.none() | st.text(max_size=5), st.integers(0, 9))
def test_a_session_survives_being_stored(facts: dict, asked: str | None, wrong: int) -> None:
    session = Session(facts=facts, asked=asked, wrong=wrong, trail=("region",), at="2026-11-22T10:00:00+00:00")
    assert load_session(dump_session(session)) == session


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"{}",
        b'{"version": 99}',
        b'{"version": "1"}',
        b'{"version": null}',
        b'{"version": 1, "facts": 5}',
        b'{"version": 1, "trail": "x"}',
    ],
)
def test_what_is_no_session_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableSession):
        load_session(data)


def test_what_an_upgrade_took_away_is_forgotten_and_the_rest_is_kept(materials: Materials) -> None:
    facts = {"region": "620500", "disability": ("视力", "听力"), "levels": {"视力": 1}, "age": 30, "cert": True}
    gone = {"hobby": "x", "employment": "astronaut"}
    old = Session(facts={**facts, **gone}, dialog="massage", asked="hobby", trail=("region", "hobby"))
    at = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    session = advance(dump_session(old), Incoming(text="我说过什么"), at, materials).session
    assert session.facts == facts
    assert session.trail == ("region",)


def test_half_a_session_is_refused() -> None:
    data = dump_session(Session(facts={"region": "620500"}))
    with pytest.raises(UnusableSession):
        load_session(data[: len(data) // 2])


def test_an_old_session_is_brought_to_the_present_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_before(plain: dict) -> dict:
        return {"version": VERSION, "facts": {"region": plain["place"]}}

    monkeypatch.setattr(session_module, "MIGRATIONS", {VERSION - 1: from_before})
    assert load_session(b'{"version": 0, "place": "620500"}') == Session(facts={"region": "620500"})
