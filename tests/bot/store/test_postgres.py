"""What only the store in PostgreSQL must stand: a server that goes away, wrong addresses, text that it cannot keep."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.service
import bot.store.postgres
from bot.channels.together import Together
from bot.channels.web.talk import Spoken, View, new_token
from bot.channels.web.talk import say as page_say
from bot.service import CHAT, Service
from bot.settings import BadSetting, Settings, load_settings
from bot.store.base import Interrupted, StoreError
from bot.store.copying import write_copy
from bot.store.postgres import PostgresDatabase
from bot.store.postgres_text import escaped, unescaped
from bot.store.store import Store, open_store
from bot.worker import Worker
from tests.bot.crashing import STEPS
from tests.bot.store.madeup import AT, add, registration, undone
from tests.bot.talk import REGISTER, scripted
from tests.bot.test_crashes import everything, registered, say
from tests.postgres import Server

SECRET = "hunter2-geheim"


@pytest.fixture
def store(postgres_place: Settings) -> Iterator[Store]:
    with open_store(postgres_place) as opened:
        yield opened


@pytest.fixture
def service(store: Store, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(bot.service, "advance", scripted)
    return Service(None, store, lambda: AT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        *(f"mysql://zhuye:{SECRET}@db/zhuye", f"postgresql://zhuye:{SECRET}@db:port@/zhuye?wrong=1", "zhuye", "data"),
        *(f"host=db password={SECRET}", f"postgresql://zhuye:{SECRET}@[db/zhuye"),
    ],
)
def test_a_wrong_address_is_told_with_a_right_one_and_without_the_password(value: str) -> None:
    with pytest.raises(BadSetting, match=r"ZHUYE_DATABASE_URL: .* write it like postgresql://") as raised:
        load_settings({"ZHUYE_DATABASE_URL": value})
    assert SECRET not in str(raised.value) and raised.value.__cause__ is None


def test_an_address_is_taken_as_it_is() -> None:
    url = f"postgresql://zhuye:{SECRET}@one.example.cn,two.example.cn:6432/zhuye?sslmode=verify-full"
    assert load_settings({"ZHUYE_DATABASE_URL": f" {url} "}).database_url == url
    assert load_settings({"ZHUYE_DATABASE_URL": " "}).database_url is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda url: url.replace("host=", "host=/nowhere"), "No such file"),
        (lambda url: url.replace("/postgres?", "/missing?"), '"missing" does not exist'),
        (lambda url: url.replace("zhuye:secret@", f"{SECRET}:{SECRET}@"), "does not exist"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_at_once(postgres: Server, change: Callable[[str], str], why: str) -> None:
    with pytest.raises(StoreError, match=why) as raised:
        PostgresDatabase(change(postgres.url))
    message = str(raised.value)
    assert message.startswith("ZHUYE_DATABASE_URL (database ") and "\n" not in message
    assert SECRET not in message and "secret" not in message


def test_an_encoding_that_cannot_hold_every_text_is_refused(postgres: Server) -> None:
    with contextlib.closing(psycopg.connect(postgres.url, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match=r"encoding SQL_ASCII.* ENCODING 'UTF8'"):
        PostgresDatabase(postgres.url.replace("/postgres?", "/ascii?"))


texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\ufdd001"))


@given(texts)
def test_nul_is_written_with_an_escape(text: str) -> None:
    assert "\x00" not in escaped(text) and unescaped(escaped(text)) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.none() | st.integers(-(2**63), 2**63 - 1) | st.binary(), text=texts, number=st.floats(allow_nan=False))
def test_every_value_comes_back_as_it_was(store: Store, value: object, text: str, number: float) -> None:
    with undone(store):
        database = store.database
        kind = type(value) if value is not None else str
        table = f"v_{kind.__name__}"  # what is prepared for a table holds for its types
        database.create_table(table, {"id": int, "value": kind, "text": str, "number": float}, key="id")
        database.execute(f"INSERT INTO {table} (value, text, number) VALUES (?, ?, ?)", (value, text, number))
        row = {"id": 1, "value": value, "text": text, "number": number}
        assert database.query(f"SELECT * FROM {table} WHERE text = ?", (text,)) == [row]
        database.put(table, [{**row, "id": 7}])
        again = list(database.stream(f"SELECT * FROM {table} WHERE text = ? ORDER BY id", (text,)))
        assert again == [row, {**row, "id": 7}]
        (added,) = database.query(f"INSERT INTO {table} (text) VALUES ('') RETURNING id")
        assert added["id"] == 8, "numbers go on after those that were put in"


def test_text_is_compared_by_its_code_points(store: Store) -> None:
    database = store.database
    database.create_table("t", {"name": str}, key="name")
    names = ["B", "a", "Z", "中", "2026-11-22T10:00:00.000+00:00", "2026-11-22T09:59:59.999+00:00", "_", "é"]
    database.put("t", [{"name": name} for name in names])
    assert [row["name"] for row in database.query("SELECT name FROM t ORDER BY name")] == sorted(names)


def test_a_stream_goes_on_while_its_reader_writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.store.postgres, "BATCH", 2)
    for number in range(5):
        store.access_log.append(AT, "张", "show", str(number))
    for entry in store.access_log.entries():
        store.access_log.append(AT, "张", "reveal", entry.subject)
    assert len(list(store.access_log.entries())) == 10
    begun = store.access_log.entries()
    next(begun)
    begun.close()  # type: ignore[attr-defined]
    with contextlib.closing(psycopg.connect(store.database._address)) as other:  # type: ignore[attr-defined]
        assert other.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'").fetchone() == (0,)


class Cutting:
    """Cuts the connection at the `number`-th statement from now on: before it is sent, or after it was done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, *, done: bool) -> None:
        self.number, self.done = number, done
        execute = psycopg.Connection.execute

        def cut(connection: psycopg.Connection[Any], *arguments: Any, **named: Any) -> Any:
            self.number -= 1
            if self.number:
                return execute(connection, *arguments, **named)
            if self.done:
                execute(connection, *arguments, **named)
            connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(psycopg.Connection, "execute", cut)

    @property
    def happened(self) -> bool:
        return self.number <= 0


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_turn_whose_connection_is_cut_at_any_statement_is_kept_once(
    store: Store, service: Service, done: bool
) -> None:
    """Also at its very end, when it is kept and nobody knows."""
    number = cut = 0
    happened = True
    while happened:
        cut += 1
        for _ in STEPS[:-1]:
            say(service, number)
            number += 1
        with pytest.MonkeyPatch.context() as patched:
            cutting = Cutting(patched, cut, done=done)
            receipt = say(service, number)
            happened = cutting.happened
        number += 1
        assert registered(store)[-1] == receipt and len(registered(store)) == cut
        assert len(store.leads.events(receipt or "")) == 1
    assert cut > 12, "a turn that registers has so many statements"
    (row,) = store.database.query("SELECT sum(version) AS turns FROM sessions")
    assert row["turns"] == number == len(store.database.query("SELECT 1 FROM turns"))


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_what_is_no_turn_is_told_when_it_is_cut(store: Store, done: bool) -> None:
    """Nobody says that it was kept; it was, or was not, whole."""
    receipt = add(store, "u", registration())
    for cut in range(2, 20):  # the first statement begins the transaction, and can be done again by itself
        events = len(store.leads.events(receipt))
        with pytest.MonkeyPatch.context() as patched:
            cutting = Cutting(patched, cut, done=done)
            try:
                store.leads.note(receipt, "张", "x", AT)
            except Interrupted as error:
                assert "ZHUYE_DATABASE_URL" in str(error)
            if not cutting.happened:
                break
        assert len(store.leads.events(receipt)) in (events, events + 1)
        (row,) = store.database.query("SELECT count(*) AS n FROM registration_events")
        assert row["n"] == len(store.leads.events(receipt))
    assert cut > 4


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_turn_of_the_chat_page_whose_connection_is_cut_is_done_again(service: Service, done: bool) -> None:
    """It is one transaction from the session's cookie to the transcript."""
    worker, number, happened = Worker("talk", lambda: service, lambda _: None), 0, True
    sessions = service.store.web_sessions
    while happened:
        number += 1
        token = new_token()
        csrf, spoken = sessions.csrf(token), Spoken(nonce="1", text=REGISTER)
        with pytest.MonkeyPatch.context() as patched:
            cutting = Cutting(patched, number, done=done)

            async def ask(token: str, csrf: str, spoken: Spoken) -> View:
                return await Together(worker).run(page_say, token, csrf, spoken, "")

            view = asyncio.run(ask(token, csrf, spoken))
            happened = cutting.happened
        assert [(one.position, one.said.text) for one in view.exchanges] == [(1, REGISTER)]
        assert service.store.turns.session(service.store.sender("web", str(sessions.person(token, AT)))).version == 1
    assert number > 5
    worker.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as a crash"])
def test_turns_go_on_when_the_server_is_started_again(
    postgres: Server, store: Store, service: Service, how: signal.Signals
) -> None:
    over, failed, told = threading.Event(), [], []

    def talk() -> None:
        number = 0
        try:
            while not over.is_set() or number % len(STEPS):
                told.append(say(service, number))
                number += 1
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=talk)
    thread.start()
    for _ in range(2):
        begun = len(told)
        while len(told) < begun + 10:
            assert thread.is_alive(), failed
        postgres.stop(how)
        postgres.start()
    over.set()
    thread.join()
    assert not failed
    assert registered(store) == [receipt for receipt in told if receipt]
    assert sum(row["version"] for row in store.database.query("SELECT version FROM sessions")) == len(told)


def test_a_server_that_stays_away_is_told_and_nothing_is_kept(
    postgres: Server, store: Store, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.store.postgres, "WAIT_SECONDS", 0.2)
    receipts = [say(service, number) for number in range(len(STEPS))]
    before = everything(store)
    postgres.stop()
    try:
        with pytest.raises(StoreError, match="see that the server runs"):
            say(service, len(STEPS))
    finally:
        postgres.start()
    assert everything(store) == before and registered(store) == [receipts[-1]]
    say(service, len(STEPS))


def test_a_server_that_stands_by_for_another_is_left(store: Store, service: Service) -> None:
    say(service, 0)
    store.database.query("SELECT set_config('default_transaction_read_only', 'on', false)")
    assert say(service, 1) is None and store.turns.session(store.sender(CHAT, "u0")).version == 2


def test_two_that_wait_for_each_other_are_told_so_that_one_begins_anew(store: Store, postgres_place: Settings) -> None:
    for sender in "ab":
        store.recipients.keep(sender, "web", "1", notices=True)
    outcomes: list[object] = []
    both = threading.Barrier(2)

    def work(first: str, second: str) -> None:
        with open_store(postgres_place) as mine:
            try:
                with mine.writing():
                    mine.recipients.block(first, blocked=True)
                    both.wait()
                    mine.recipients.block(second, blocked=True)
                outcomes.append("kept")
            except Interrupted as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=work, args=pair) for pair in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, ["kept", Interrupted]))


def test_what_is_wrong_with_an_index_is_found(store: Store) -> None:
    assert store.database.faults() == []
    store.database.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_registrations_receipt'::regclass"
    )
    assert [fault.startswith("the index ") for fault in store.database.faults()] == [True]


def test_a_failed_statement_that_was_passed_over_keeps_nothing_silently(store: Store) -> None:
    with pytest.raises(StoreError, match="had failed"), store.writing():
        store.recipients.keep("u", "web", "1", notices=True)
        with contextlib.suppress(StoreError):
            store.database.query("SELECT * FROM missing")
    assert store.recipients.get("u") is None


def test_a_long_copy_is_not_taken_for_a_machine_that_is_gone(
    store: Store, postgres_place: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "SELECT current_setting('idle_in_transaction_session_timeout') AS idle"
    seen: list[str] = []

    def looked(source: PostgresDatabase, file: Path) -> None:
        seen.append(source.query(allowed)[0]["idle"])
        write_copy(source, file)

    monkeypatch.setattr("bot.store.copying.write_copy", looked)
    store.database.back_up(tmp_path / "copy.db")
    with open_store(postgres_place) as other:
        other.database.replace_with(tmp_path / "copy.db", lambda: seen.append(other.database.query(allowed)[0]["idle"]))
        after = [one.database.query(allowed)[0]["idle"] for one in (store, other)]
    assert seen == ["0", "0"] and after == ["1min", "1min"]


def test_the_folder_holds_only_the_keys(store: Store, postgres_place: Settings) -> None:
    assert [path.name for path in Path(postgres_place.data_dir).iterdir()] == ["keys"]
