import contextlib
import datetime
import multiprocessing
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.service import CHAT, Service
from bot.settings import Settings
from bot.snapshots import load_knowledge
from bot.store.base import Database, KeptSession, StaleSession, StoreError
from bot.store.outbox import Letter
from bot.store.sealing import Keyring
from bot.store.store import Store, open_database, open_store
from bot.store.turns import Turns
from conversations.materials import Materials, build_materials
from conversations.messages import Incoming, Turn
from conversations.session import VERSION, Session, dump_session, load_session
from conversations.wording import Wording
from tests.bot.store.madeup import at
from tests.bot.test_chat import built_knowledge

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
SPAWN = multiprocessing.get_context("spawn")


class OvertakenTurns(Turns):
    """Turns in which another one of the person is kept just before each of the next `times` ones."""

    times = 0

    def keep(self, sender: str, message_id: str, session: KeptSession, replies: bytes, at: datetime.datetime) -> None:
        if self.times:
            self.times -= 1
            now = self.session(sender)
            other = KeptSession(now.data or b"{}", now.version + 1)
            super().keep(sender, f"other-{self.times}", other, b"[]", at)
        super().keep(sender, message_id, session, replies, at)


class Overtaken(Store):
    """A store in which others come before, as often as is said, and as long as they may."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        super().__init__(database, keys)
        self.turns: OvertakenTurns = OvertakenTurns(database, keys)

    @contextlib.contextmanager
    def alone(self, *senders: str) -> Iterator[None]:
        self.turns.times = 0
        with super().alone(*senders):
            yield


def kept_session(store: Store) -> KeptSession:
    return store.turns.session(store.sender(CHAT, "u"))


@pytest.fixture
def store(place: Settings) -> Iterator[Overtaken]:
    with Overtaken(open_database(place), Keyring(place.data_dir)) as opened:
        yield opened


@pytest.fixture
def service(materials: Materials, store: Overtaken) -> Service:
    return Service(materials, store, lambda: AT)


def asked(replies: list[dict[str, Any]]) -> str | None:
    fact: str | None = replies[-1]["ask"] and replies[-1]["ask"]["fact"]
    return fact


def test_a_turn_is_remembered(service: Service) -> None:
    first = service.handle("u", "m1", Incoming(text="补贴 资格"))
    assert asked(first) == "region"
    second = service.handle("u", "m2", Incoming(text="天水"))
    assert asked(second) not in (None, "region", "menu")
    assert asked(service.handle("other", "m1", Incoming(text="补贴 资格"))) == "region"


def test_each_line_names_its_message_and_only_the_last_is_done(service: Service) -> None:
    lines = service.handle("u", "m1", Incoming(text="补贴 资格"))
    while asked(lines):
        lines = service.handle("u", f"{lines[0]['in_reply_to']}+", Incoming(text="不知道"))
    assert len(lines) > 1, "a result comes in several messages"
    assert {line["user"] for line in lines} == {"u"} and len({line["in_reply_to"] for line in lines}) == 1
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]


@pytest.mark.parametrize("again", [Incoming(text="补贴 资格"), Incoming(text="something else"), Incoming(choice=True)])
def test_a_message_twice_gives_the_same_lines_and_changes_nothing(
    service: Service, store: Store, again: Incoming
) -> None:
    first = service.handle("u", "m1", Incoming(text="补贴 资格"))
    second = service.handle("u", "m2", Incoming(text="天水"))
    before = kept_session(store)
    assert service.handle("u", "m1", again) == first
    assert service.handle("u", "m2", again) == second
    assert kept_session(store) == before


def test_a_talk_that_a_newer_version_goes_on_with_is_left_as_it_is(
    service: Service, store: Store, say: Wording
) -> None:
    """Old and new side by side for an upgrade: nothing that was said is lost, and nobody waits for an answer."""
    service.handle("u", "m1", Incoming(text="补贴 资格"))
    newer = dump_session(Session(version=VERSION + 1, facts={"region": "620500"}))
    store.turns.keep(store.sender(CHAT, "u"), "m2", KeptSession(newer, 2), b"[]", AT)
    (reply,) = service.handle("u", "m3", Incoming(text="肢体残疾"))
    assert reply["text"] == say("talk.upgrading") and reply["done"]
    assert service.handle("u", "m3", Incoming(text="肢体残疾")) == [reply]
    assert kept_session(store).data == newer


@pytest.mark.parametrize("times", [1, 2, 3, 20])
def test_a_turn_that_others_keep_coming_before_is_done_all_the_same(
    service: Service, store: Overtaken, times: int
) -> None:
    service.handle("u", "m1", Incoming(text="补贴 资格"))
    store.turns.times = times
    assert asked(service.handle("u", "m2", Incoming(text="天水"))) != "region"
    kept = kept_session(store)
    assert kept.data and load_session(kept.data).facts["region"] == "620500"


def test_a_stale_turn_is_begun_anew_with_what_came_first(service: Service, store: Store) -> None:
    """The other turn, kept while this one was worked out, gave the place: it must not be lost."""
    other = Service(service.materials, store, lambda: AT)
    service.handle("u", "m1", Incoming(text="补贴 资格"))
    meanwhile = iter([lambda: other.handle("u", "m2", Incoming(text="天水"))])

    def now() -> datetime.datetime:
        next(meanwhile, lambda: None)()
        return AT

    service.now = now
    service.handle("u", "m3", Incoming(text="不知道"))
    kept = kept_session(store)
    assert kept.data and kept.version == 3
    session = load_session(kept.data)
    assert session.facts["region"] == "620500" and session.dont_know and "region" not in session.dont_know


def test_a_message_that_two_handle_at_once_is_handled_once(service: Service, store: Store) -> None:
    other = Service(service.materials, store, lambda: AT)
    theirs: list[Any] = []
    meanwhile = iter([lambda: theirs.append(other.handle("u", "m1", Incoming(text="补贴 资格")))])

    def now() -> datetime.datetime:
        next(meanwhile, lambda: None)()
        return AT

    service.now = now
    assert [service.handle("u", "m1", Incoming(text="补贴 资格"))] == theirs
    assert kept_session(store).version == 1


def handle_many(materials: Materials, place: Settings, name: str, count: int) -> None:
    with contextlib.closing(open_store(place)) as store:
        service = Service(materials, store, lambda: AT)
        for number in range(count):
            service.handle("u", f"{name}-{number}", Incoming(text="补贴 资格" if number % 2 else "天水"))
            service.handle("u", f"shared-{number}", Incoming(text="不知道"))


def handle_many_in_a_process(cache: Path, place: Settings, name: str, count: int) -> None:
    handle_many(build_materials(load_knowledge(cache)), place, name, count)


def assert_none_is_lost(place: Settings, names: tuple[str, ...], count: int) -> None:
    with contextlib.closing(open_store(place)) as store:
        assert kept_session(store).version == count * (len(names) + 1)
        for name in (*names, "shared"):
            assert all(store.turns.replies(store.sender(CHAT, "u"), f"{name}-{number}") for number in range(count))


def test_threads_with_messages_of_one_person_lose_none(materials: Materials, place: Settings) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            handle_many(materials, place, name, 30)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert_none_is_lost(place, ("a", "b", "c"), 30)


def test_processes_with_messages_of_one_person_lose_none(materials: Materials, cache: Path, place: Settings) -> None:
    folder = built_knowledge(cache).parent
    processes = [SPAWN.Process(target=handle_many_in_a_process, args=(folder, place, name, 40)) for name in ("a", "b")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert_none_is_lost(place, ("a", "b"), 40)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[1, 2]", b'{"version": 1, "facts": 3}', b'{"version": "old"}'])
def test_a_damaged_session_starts_afresh_with_an_apology(
    service: Service, store: Store, say: Wording, data: bytes
) -> None:
    store.turns.keep(store.sender(CHAT, "u"), "m1", KeptSession(data, 1), b"[]", AT)
    replies = service.handle("u", "m2", Incoming(text="补贴 资格"))
    assert replies[0]["text"] == say("talk.apology")
    assert asked(replies) == "region" and replies[-1]["done"]
    assert service.handle("u", "m3", Incoming(text="天水"))[0]["text"] != say("talk.apology")


def test_a_session_that_was_sealed_by_nobody_we_know_starts_afresh_too(
    service: Service, store: Store, say: Wording
) -> None:
    service.handle("u", "m1", Incoming(text="补贴 资格"))
    store.database.execute("UPDATE sessions SET sealed = ?", (Fernet(Fernet.generate_key()).encrypt(b"{}"),))
    assert service.handle("u", "m2", Incoming(text="天水"))[0]["text"] == say("talk.apology")


def test_a_store_that_cannot_keep_says_so_and_nothing_is_answered(
    service: Service, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise StoreError(tmp_path, "full")

    monkeypatch.setattr(store.turns, "keep", full)
    with pytest.raises(StoreError, match="full"):
        service.handle("u", "m1", Incoming(text="补贴 资格"))
    assert kept_session(store).version == 0


WORDS = ["补贴 资格", "盲人按摩 资格", "天水", "不知道", "返回", "菜单", "重新开始", "1", "8", "残疾人开店有补贴吗", ""]
values = st.booleans() | st.integers(-1, 9) | st.sampled_from(["视力", "不知道", "subsidy"])
messages = st.builds(
    Incoming, text=st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]))
) | st.builds(Incoming, choice=values | st.lists(values, max_size=3).map(tuple))


@settings(max_examples=40, deadline=None)
@given(conversation=st.lists(messages, min_size=1, max_size=8))
def test_whatever_is_said_is_answered_and_answered_the_same_again(
    materials: Materials, conversation: list[Incoming]
) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(open_store(at(Path(folder)))) as store:
        service = Service(materials, store, lambda: AT)
        said = [service.handle("u", str(number), incoming) for number, incoming in enumerate(conversation)]
        assert all(lines[-1]["done"] and all(line["text"] for line in lines) for lines in said)
        assert [service.handle("u", str(number), Incoming(text="else")) for number in range(len(said))] == said
        assert kept_session(store).version == len(conversation)


def test_the_overtaken_store_overtakes(store: Overtaken) -> None:
    store.turns.times = 1
    with pytest.raises(StaleSession):
        store.turns.keep("u", "m1", KeptSession(b"{}", 1), b"[]", AT)
    store.turns.keep("u", "m1", KeptSession(b"{}", 2), b"[]", AT)


def test_what_is_still_owed_to_somebody_who_deletes_everything_is_not_sent(service: Service, store: Store) -> None:
    def letters(turn: Turn) -> list[Letter]:
        return [Letter("7", msgspec.Raw(msgspec.json.encode(reply.text))) for reply in turn.replies]

    service.handle("u", "m1", Incoming(text="补贴 资格"), "telegram", letters)
    deleted = service.handle("u", "m2", Incoming(text="删除我的信息"), "telegram", letters)
    sent = []
    while owed := store.outbox.take("telegram", AT.timestamp(), 10, 60):
        for one in owed:
            sent.append(msgspec.json.decode(one.letter.content))
            store.outbox.done(one.id)
    assert sent == [line["text"] for line in deleted]
