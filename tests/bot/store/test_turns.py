from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store.base import KeptSession, StaleSession
from bot.store.store import Store
from tests.bot.store.madeup import AT, undone

PEOPLE, MESSAGES = st.sampled_from("ab"), st.sampled_from(["1", "2", "3", "4"])
STEPS = st.lists(st.tuples(PEOPLE, MESSAGES, st.integers(0, 4), st.binary(max_size=5)), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_a_turn_is_kept_if_it_is_the_next_and_its_message_new(
    store: Store, steps: list[tuple[str, str, int, bytes]]
) -> None:
    """Against a dictionary."""
    sessions: dict[str, KeptSession] = {}
    replies: dict[tuple[str, str], bytes] = {}
    with undone(store):
        for sender, message, version, data in steps:
            stale = version != sessions.get(sender, KeptSession(None, 0)).version + 1 or (sender, message) in replies
            try:
                with store.part():
                    store.turns.keep(sender, message, KeptSession(data, version), data + b"!", AT)
            except StaleSession:
                assert stale
            else:
                assert not stale
                sessions[sender], replies[sender, message] = KeptSession(data, version), data + b"!"
            for person in "ab":
                assert store.turns.session(person) == sessions.get(person, KeptSession(None, 0))
                for id_ in "1234":
                    assert store.turns.replies(person, id_) == replies.get((person, id_))


def test_what_is_forgotten_is_answered_by_the_last_words(store: Store) -> None:
    store.turns.keep("u", "m1", KeptSession(b"my name", 1), b"hello name", AT)
    store.turns.keep("other", "m1", KeptSession(b"theirs", 1), b"hello", AT)
    store.turns.keep("u", "m2", KeptSession(b"", 2), b"deleted", AT)
    store.turns.forget("u", b"", b"deleted")
    assert store.turns.session("u") == KeptSession(b"", 2)
    assert store.turns.replies("u", "m1") == store.turns.replies("u", "m2") == b"deleted"
    assert store.turns.session("other").data == b"theirs" and store.turns.replies("other", "m1") == b"hello"


def test_a_session_that_does_not_open_is_empty_and_goes_on(store: Store) -> None:
    store.turns.keep("u", "m1", KeptSession(b"said", 1), b"[]", AT)
    store.database.execute("UPDATE sessions SET sealed = ?", (b"damaged",))
    assert store.turns.session("u") == KeptSession(b"", 1)
    store.turns.keep("u", "m2", KeptSession(b"new", 2), b"[]", AT)
    assert store.turns.session("u") == KeptSession(b"new", 2)


def test_a_person_with_a_lone_surrogate_in_their_id_has_a_name_too(store: Store) -> None:
    assert len({store.sender("chat", "\ud800"), store.sender("chat", "\ud801"), store.sender("web", "\ud800")}) == 3
