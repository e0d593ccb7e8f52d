"""What any store must do, and how the one in SQLite keeps it."""

import contextlib
import datetime
import itertools
import multiprocessing
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import bot.store.postgres
import bot.store.schema
import bot.store.sqlite
from bot.settings import Settings
from bot.store.base import KeptSession, StaleSession, StoreError
from bot.store.schema import MIGRATIONS
from bot.store.sealing import FILE as KEYS
from bot.store.sqlite import FILE
from bot.store.store import Store, open_database, open_store
from tests.bot.store.madeup import at, place_of, words_of
from tests.postgres import Server

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
NOBODY = 65534
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def opened(place: Settings) -> Iterator[Callable[[], Store]]:
    """Opens the same store again and again, as so many processes would."""
    with contextlib.ExitStack() as stack:

        def another() -> Store:
            return stack.enter_context(contextlib.closing(open_store(place)))

        yield another


def keep(store: Store, user: str, message_id: str, data: bytes = b"{}") -> None:
    """A turn after which the session is `data` and the reply to a message names it."""
    store.turns.keep(
        user, message_id, KeptSession(data, store.turns.session(user).version + 1), message_id.encode(), AT
    )


def keep_many(place: Settings, name: str, count: int, acknowledge: Callable[[str], object] = lambda _: None) -> None:
    """So many turns of one person, each begun anew until it is kept."""
    with contextlib.closing(open_store(place)) as store:
        for number in range(count):
            message_id = f"{name}-{number}"
            while store.turns.replies("u", message_id) is None:
                with contextlib.suppress(StaleSession):
                    keep(store, "u", message_id)
            acknowledge(message_id)


def rows(place: Settings, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(open_database(place)) as database:
        return [tuple(row.values()) for row in database.query(sql)]


def execute(folder: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute(sql)


def kept_messages(place: Settings) -> list[str]:
    """The messages that are kept, in the order of the numbers that they end in."""
    ids = [id_ for (id_,) in rows(place, "SELECT message_id FROM turns")]
    return sorted(ids, key=lambda id_: int(id_.rpartition("-")[2]))


def test_nobody_knows_a_new_person(opened: Callable[[], Store]) -> None:
    store = opened()
    assert store.turns.session("u") == KeptSession(None, 0)
    assert store.turns.replies("u", "m") is None


def test_what_was_kept_is_there_for_whoever_opens_the_store(opened: Callable[[], Store]) -> None:
    store = opened()
    keep(store, "u", "m1", b"first")
    keep(store, "u", "m2", b"\x00second\xff")
    keep(store, "other", "m1", b"theirs")
    for reader in (store, opened()):
        assert reader.turns.session("u") == KeptSession(b"\x00second\xff", 2)
        assert reader.turns.session("other") == KeptSession(b"theirs", 1)
        assert reader.turns.replies("u", "m1") == b"m1" and reader.turns.replies("u", "m2") == b"m2"
        assert reader.turns.replies("other", "m2") is None


def test_a_stale_session_changes_nothing(opened: Callable[[], Store]) -> None:
    first, second = opened(), opened()
    keep(first, "u", "m1", b"first")
    loaded = second.turns.session("u").version
    keep(first, "u", "m2", b"second")
    for version in (loaded, loaded + 1, loaded + 3):
        with pytest.raises(StaleSession):
            second.turns.keep("u", "m3", KeptSession(b"stale", version), b"never said", AT)
    assert second.turns.session("u") == KeptSession(b"second", 2)
    assert second.turns.replies("u", "m3") is None
    keep(second, "u", "m3", b"third")
    assert first.turns.session("u") == KeptSession(b"third", 3)


def test_a_message_is_kept_once_even_with_the_session_of_now(opened: Callable[[], Store]) -> None:
    store = opened()
    keep(store, "u", "m1", b"first")
    with pytest.raises(StaleSession):
        keep(store, "u", "m1", b"again")
    assert store.turns.session("u") == KeptSession(b"first", 1)
    keep(store, "u", "m2", b"second")


def test_alone_is_one_transaction(opened: Callable[[], Store]) -> None:
    store = opened()
    with store.alone("u"):
        keep(store, "u", "m1", b"first")
        keep(store, "u", "m2", b"second")
    with contextlib.suppress(ZeroDivisionError), store.alone("u"):
        keep(store, "u", "m3", b"third")
        raise ZeroDivisionError
    assert opened().turns.session("u") == KeptSession(b"second", 2)
    assert store.turns.replies("u", "m3") is None


def test_alone_shuts_the_others_out(opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    for database in (bot.store.sqlite, bot.store.postgres):
        monkeypatch.setattr(database, "WAIT_SECONDS", 0)
    first, second = opened(), opened()
    with first.alone("u"):
        assert second.turns.session("u").version == 0
        with pytest.raises(StoreError, match=r"locked|lock timeout"):
            keep(second, "u", "m1")
        keep(first, "u", "m1")
    keep(second, "u", "m2")
    assert first.turns.session("u").version == 2


def test_processes_that_keep_turns_of_one_person_at_once_lose_none(place: Settings) -> None:
    count, names = 100, ("a", "b", "c")
    processes = [SPAWN.Process(target=keep_many, args=(place, name, count)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    kept = kept_messages(place)
    assert set(kept) == {f"{name}-{number}" for name in names for number in range(count)}
    assert len(kept) == count * len(names)
    assert rows(place, "SELECT version FROM sessions") == [(len(kept),)]


def acknowledging(folder: str, url: str) -> None:
    """Keeps turns without end and names each on standard output once it is kept."""
    keep_many(place_of(folder, url), "m", 1_000_000, lambda message_id: print(message_id, flush=True))


@pytest.mark.parametrize("turns", [1, 7, 40])
def test_what_was_acknowledged_outlives_a_kill(place: Settings, turns: int) -> None:
    code = "import sys, tests.bot.store.test_store as t; t.acknowledging(*sys.argv[1:])"
    process = subprocess.Popen([sys.executable, "-c", code, *words_of(place)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    acknowledged = [process.stdout.readline().strip() for _ in range(turns)]
    process.kill()
    acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with contextlib.closing(open_database(place)) as database:
        assert database.faults() == []
    kept = kept_messages(place)
    assert kept[: len(acknowledged)] == acknowledged and len(kept) - len(acknowledged) <= 1
    assert rows(place, "SELECT version FROM sessions") == [(len(kept),)]
    with contextlib.closing(open_store(place)) as store:
        keep(store, "u", "after")
        assert store.turns.session("u").version == len(kept) + 1


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_only_its_owner_may_read_it(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "new" / "data"
    before = os.umask(umask)
    try:
        with contextlib.closing(open_store(at(folder))) as store:
            keep(store, "u", "m")
            files = list(folder.iterdir())
            assert {file.name for file in files} == {KEYS, FILE, f"{FILE}-wal", f"{FILE}-shm"}
            assert {mode(file) for file in files} == {0o600}
            assert mode(folder) == 0o700
    finally:
        os.umask(before)


def test_what_lay_open_is_shut(tmp_path: Path) -> None:
    open_store(at(tmp_path)).close()
    tmp_path.chmod(0o755)
    (tmp_path / FILE).chmod(0o644)
    open_store(at(tmp_path)).close()
    assert mode(tmp_path) == 0o700 and mode(tmp_path / FILE) == 0o600


def test_a_folder_of_somebody_else_stays_as_it_is_and_the_file_is_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o770)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    open_store(at(tmp_path)).close()
    assert mode(tmp_path) == 0o770 and mode(tmp_path / FILE) == 0o600


def test_migrations_have_names_and_are_applied_once(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name, _ in MIGRATIONS]
    assert len(set(names)) == len(names) and all(names)
    with contextlib.closing(open_store(place)) as store:
        keep(store, "u", "m")
    applied = rows(place, "SELECT * FROM migrations ORDER BY at")
    open_store(place).close()
    assert [name for name, _ in applied] == names
    assert rows(place, "SELECT * FROM migrations ORDER BY at") == applied

    later = ("later", lambda db, keys: db.execute("ALTER TABLE sessions ADD COLUMN mood TEXT"))
    monkeypatch.setattr(bot.store.schema, "MIGRATIONS", (*MIGRATIONS, later))
    with contextlib.closing(open_store(place)) as store:
        assert store.turns.session("u").version == 1
    assert rows(place, "SELECT name FROM migrations ORDER BY at") == [*((name,) for name in names), ("later",)]


def test_a_migration_that_fails_leaves_the_store_as_it_was(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def state() -> object:
        with contextlib.closing(open_database(place)) as database:
            tables = {table: database.columns(table) for table in database.tables()}
            return tables, database.query("SELECT * FROM migrations")

    open_store(place).close()
    before = state()
    half = ("half", lambda db, keys: (db.create_table("new", {"a": str}, key="a"), db.execute("SELECT * FROM missing")))
    with monkeypatch.context() as patched:
        patched.setattr(bot.store.schema, "MIGRATIONS", (*MIGRATIONS, half))
        with pytest.raises(StoreError, match="missing"):
            open_store(place)
    assert state() == before
    open_store(place).close()


def open_at_once(places: list[Settings], barrier: "multiprocessing.synchronize.Barrier") -> None:
    try:
        for place in places:
            barrier.wait()
            open_store(place).close()
    except BaseException:
        barrier.abort()  # or the others would wait for ever
        raise


def test_processes_that_open_a_new_store_at_once_all_can(
    request: pytest.FixtureRequest, place: Settings, tmp_path: Path
) -> None:
    # SQLite refuses one in fifty at once where nobody waits, so that a few dozen stores show it.
    places = [at(tmp_path / str(number)) for number in range(60)]
    if place.database_url:
        server: Server = request.getfixturevalue("postgres")
        places = [replace(place, database_url=server.new_schema()) for place in places[:20]]
    barrier = SPAWN.Barrier(6)
    processes = [SPAWN.Process(target=open_at_once, args=(places, barrier), daemon=True) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    for place in places:
        assert len(rows(place, "SELECT * FROM migrations")) == len(MIGRATIONS)


@pytest.mark.parametrize("seconds", [0, 1])
def test_opening_waits_while_another_process_prepares_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """SQLite does not wait itself for the write-ahead log; the clock here goes on by `seconds` at each look."""
    clock = itertools.count(0, seconds)
    monkeypatch.setattr(bot.store.sqlite, "WAIT_SECONDS", 0)
    monkeypatch.setattr("bot.store.sqlite.time.monotonic", lambda: next(clock))
    with contextlib.closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr("bot.store.sqlite.time.sleep", lambda _: other.execute("COMMIT"))
        if seconds:
            with pytest.raises(StoreError, match="locked"):
                open_store(at(tmp_path))
        else:
            open_store(at(tmp_path)).close()


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that may be read and not written, whoever runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        yield Path(folder)
        Path(folder).chmod(0o755)


def assert_clear(error: StoreError, folder: Path) -> None:
    assert str(folder) in str(error) and "ZHUYE_DATA_DIR" in str(error)
    assert "\n" not in str(error) and "Traceback" not in str(error)


def test_a_read_only_place_is_named(read_only: Path) -> None:
    with pytest.raises(StoreError, match="ermission denied") as raised, without_privileges():
        open_store(at(read_only))
    assert_clear(raised.value, read_only)
    with pytest.raises(StoreError) as raised, without_privileges():
        open_store(at(read_only / "data"))
    assert_clear(raised.value, read_only / "data")


def test_a_place_where_something_else_is_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as raised:
        open_store(at(tmp_path / "file"))
    assert_clear(raised.value, tmp_path / "file")
    (tmp_path / FILE).write_text("this is no database, though it is long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="not a database"):
        open_store(at(tmp_path))
    assert (tmp_path / FILE).read_text().startswith("this is no database")


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_costs_only_the_turn_that_did_not_fit(tmp_path: Path) -> None:
    kept: list[str] = []
    with contextlib.closing(open_store(at(tmp_path))) as store:
        with room_for(400_000), pytest.raises(StoreError) as raised:
            for number in range(1000):
                keep(store, "u", str(number), b"x" * 10_000)
                kept.append(str(number))
        assert_clear(raised.value, tmp_path)
        assert 0 < len(kept) < 1000
        assert store.turns.session("u").version == len(kept)
        keep(store, "u", "room again")
    assert rows(at(tmp_path), "PRAGMA integrity_check") == [("ok",)]
    assert [id_ for (id_,) in rows(at(tmp_path), "SELECT message_id FROM turns ORDER BY rowid")] == [
        *kept,
        "room again",
    ]


def test_an_error_by_which_sqlite_itself_ends_the_turn_is_named_as_it_is(tmp_path: Path) -> None:
    with contextlib.closing(open_store(at(tmp_path))) as store:
        ends = "CREATE TRIGGER ends BEFORE INSERT ON turns BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END"
        execute(tmp_path, ends)
        with pytest.raises(StoreError, match="the disk is full"):
            keep(store, "u", "m1")
        execute(tmp_path, "DROP TRIGGER ends")
        keep(store, "u", "m2")
        assert store.turns.session("u").version == 1
