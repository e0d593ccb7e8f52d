import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conversations.session as session_module
from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Incoming
from conversations.session import VERSION, Draft, NewerSession, Session, UnusableSession, dump_session, load_session
from knowledge.facts.models import FactValue
from tests.conftest import ROOT

AT = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
FACTS = st.dictionaries(
    st.sampled_from(["region", "age", "cert", "disability", "levels"]),
    st.booleans() | st.integers(0, 99) | st.text(max_size=8) | st.just(("视力", "听力")) | st.just({"视力": 1}),
)


@given(FACTS, st.none() | st.text(max_size=5), st.integers(0, 9))
def test_a_session_survives_being_stored(facts: dict[str, FactValue], asked: str | None, wrong: int) -> None:
    session = Session(facts=facts, asked=asked, wrong=wrong, trail=("region",), at="2026-11-22T10:00:00+00:00")
    assert load_session(dump_session(session)) == session


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"{}",
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
    facts: dict[str, FactValue] = {
        "region": "620500",
        "disability": ("视力", "听力"),
        "levels": {"视力": 1},
        "age": 30,
        "cert": True,
    }
    gone: dict[str, FactValue] = {"hobby": "x", "employment": "astronaut"}
    old = Session(facts={**facts, **gone}, dialog="massage", asked="hobby", trail=("region", "hobby"))
    session = advance(dump_session(old), Incoming(text="我说过什么"), AT, materials).session
    assert session.facts == facts
    assert session.trail == ("region",)


def test_half_a_session_is_refused() -> None:
    data = dump_session(Session(facts={"region": "620500"}))
    with pytest.raises(UnusableSession):
        load_session(data[: len(data) // 2])


def test_an_old_session_is_brought_to_the_present_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_before(plain: dict[str, Any]) -> dict[str, Any]:
        return {"version": VERSION, "facts": {"region": plain["place"]}}

    monkeypatch.setattr(session_module, "MIGRATIONS", {0: from_before})
    assert load_session(b'{"version": 0, "place": "620500"}') == Session(facts={"region": "620500"})


def test_a_session_stored_by_version_1_goes_on_where_it_was(materials: Materials) -> None:
    stored = (ROOT / "tests" / "conversations" / "session_1.json").read_bytes()
    session = load_session(stored)
    assert session.version == VERSION
    assert session.facts == {"region": "620502", "disability": ("视力",), "levels": {"视力": 1}, "age": 45}
    assert (session.dialog, session.asked, session.draft) == ("subsidy", "biz_registered", None)
    turn = advance(stored, Incoming(text="没有"), AT, materials)
    assert turn.session.facts["biz_registered"] is False


def test_a_draft_survives_being_stored_and_what_is_not_asked_any_more_is_forgotten(materials: Materials) -> None:
    said: dict[str, FactValue] = {
        "consent_sensitive": True,
        "call_name": "小王",
        "needs": ("job",),
        "needs_words": "学车",
        "hobby": "棋",
    }
    draft = Draft(said=said, skipped=("area", "hobby"), trail=("call_name", "hobby"))
    session = Session(dialog="registration", asked="phone", draft=draft)
    assert load_session(dump_session(session)).draft is not None
    after = advance(dump_session(session), Incoming(text="重听"), AT, materials).session
    assert after.draft is not None
    assert set(after.draft.said) == set(said) - {"hobby"}
    assert (after.draft.skipped, after.draft.trail) == (("area",), ("call_name",))
    assert after.asked == "phone"


def test_a_session_of_a_newer_version_is_left_to_that_one() -> None:
    with pytest.raises(NewerSession):
        load_session(dump_session(Session(version=VERSION + 1, facts={"region": "620500"})))
