"""A store moved from each kind of database to each: whole, resumed, and never over something else."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import bot.store.copying
from bot.cli import cli
from bot.settings import BadSetting, Settings
from bot.store.base import Database, Unfinished
from bot.store.copying import digest
from bot.store.moving import CannotMove, move
from bot.store.schema import counts
from bot.store.store import open_database, open_store
from tests.bot.store.madeup import AT, add, registration
from tests.bot.store.test_rotation import fill
from tests.postgres import Server


@pytest.fixture(params=["to sqlite", "to postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty place with the keys of the other."""
    address = request.getfixturevalue("postgres").new_schema() if request.param == "to postgres" else None
    folder = tmp_path / "data" if address else tmp_path / "target"
    return Settings(data_dir=folder, database_url=address)


@pytest.fixture
def source(place: Settings, target: Settings) -> Settings:
    with open_store(place) as store:
        fill(store)
        for number in range(30):
            add(store, f"u{number}", registration(age=number))
        store.turns.mark("u", "id\x00with nul", AT)
    target.data_dir.mkdir(exist_ok=True)
    if target.data_dir != place.data_dir:
        (target.data_dir / "keys").write_bytes((place.data_dir / "keys").read_bytes())
    return place


class Cut(Exception):
    """Ends a move."""


def cut_at_once(table: str, rows: Any) -> None:
    raise Cut


@contextlib.contextmanager
def both(source: Settings, target: Settings) -> Iterator[tuple[Database, Database]]:
    with contextlib.closing(open_database(source)) as one, contextlib.closing(open_database(target)) as other:
        yield one, other


def content(database: Database) -> dict[str, Any]:
    return {table: digest(database, table) for table in database.tables()}


def test_all_is_there_afterwards_and_goes_on(source: Settings, target: Settings) -> None:
    with both(source, target) as (one, other):
        assert move(one, other) == counts(one)
        assert content(one) == content(other)
    with open_store(source) as old, open_store(target) as new:
        assert new.sender("web", "u") == old.sender("web", "u")
        assert new.registrations.of("u3")[0].said == registration(age=3)
        assert new.access_log.first_fault() is None and new.turns.session("a").data == b"said"
        assert new.turns.replies("u", "id\x00with nul") == b"[]"
        before = max(row["id"] for row in new.database.query("SELECT id FROM registrations"))
        add(new, "next", registration())
        assert max(row["id"] for row in new.database.query("SELECT id FROM registrations")) > before


def test_no_number_is_given_twice(source: Settings, target: Settings) -> None:
    with open_store(source) as store:
        seen = store.handovers.begin("u", "620500", "said", AT).id
        store.handovers.forget("u")
    with both(source, target) as (one, other):
        move(one, other)
    with open_store(target) as store:
        assert store.handovers.begin("u", "620500", "said", AT).id > seen


def test_cut_short_anywhere_it_goes_on_and_until_then_is_no_store(
    source: Settings, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.store.copying, "BATCH", 9)
    puts = 0
    for last in (1, 2, 3, 5, None):
        with both(source, target) as (one, other), monkeypatch.context() as patched:
            put, here = other.put, 0

            def cut(table: str, rows: Any, put: Any = put, last: int | None = last) -> None:
                nonlocal puts, here
                if here == last:
                    raise Cut
                puts, here = puts + 1, here + 1
                put(table, rows)

            patched.setattr(other, "put", cut)
            if last is None:
                move(one, other)
                assert content(one) == content(other)
                batches = sum(-(-number // 9) for number in counts(one).values())
                continue
            with pytest.raises(Cut):
                move(one, other)
        with pytest.raises(Unfinished, match="do the same `zhuye migrate-store` again"):
            open_store(target)
    assert puts == batches, "what was copied is not copied again"


def test_what_is_written_meanwhile_is_noticed_and_moved_the_next_time(
    source: Settings, target: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with both(source, target) as (one, other), open_store(source) as store:
        put = other.put

        def meanwhile(table: str, rows: Any) -> None:
            put(table, rows)
            if table == "turns":
                store.recipients.keep("late", "web", "1", notices=True)
                store.database.execute("UPDATE sessions SET version = version + 1")

        monkeypatch.setattr(other, "put", meanwhile)
        with pytest.raises(CannotMove, match="something was written while it was moved; stop all"):
            move(one, other)
        monkeypatch.undo()
        while True:
            with contextlib.suppress(CannotMove):
                move(one, other)
                break
        assert content(one) == content(other)


def test_a_target_with_something_in_it_is_refused(source: Settings, target: Settings) -> None:
    with open_store(target) as store:
        add(store, "theirs", registration())
    with both(source, target) as (one, other):
        before = content(other)
        with pytest.raises(CannotMove, match="something is kept there already"):
            move(one, other)
        assert content(other) == before


def test_another_move_under_way_is_refused(
    source: Settings, target: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with both(source, target) as (one, other), monkeypatch.context() as patched, pytest.raises(Cut):
        patched.setattr(other, "put", cut_at_once)
        move(one, other)
    third = Settings(data_dir=tmp_path / "third")
    open_store(third).close()
    with both(third, target) as (one, other), pytest.raises(CannotMove, match="another store is on its way"):
        move(one, other)


@pytest.mark.parametrize("sql", [None, "DELETE FROM migrations WHERE name = 'outbox'"])
def test_a_source_that_is_no_store_of_this_version_is_refused(place: Settings, tmp_path: Path, sql: str | None) -> None:
    target = Settings(data_dir=tmp_path / "target")
    if sql:
        with open_store(place) as store:
            store.database.execute(sql)
    with both(place, target) as (one, other):
        with pytest.raises(CannotMove, match="no whole store of this version"):
            move(one, other)
        assert other.tables() == []


def test_the_command(postgres: Server, tmp_path: Path) -> None:
    folder, address = tmp_path / "data", postgres.new_schema()
    with open_store(Settings(data_dir=folder)) as store:
        add(store, "u", registration())
    environment = {"ZHUYE_DATA_DIR": str(folder), "ZHUYE_DATABASE_URL": address, "ZHUYE_DATA_KEYS": ""}
    said = CliRunner().invoke(cli, ["migrate-store", str(folder), "ZHUYE_DATABASE_URL"], env=environment)
    assert said.exit_code == 0 and "moved and verified: " in said.stdout and "registrations 1" in said.stdout
    for words in (["doctor"], ["backup"], ["leads", "list"]):
        said = CliRunner().invoke(cli, words, env=environment)
        assert said.exit_code == 0, said.output
    back = CliRunner().invoke(cli, ["migrate-store", address, str(tmp_path / "back"), "--json"], env=environment)
    assert back.exit_code == 0 and '"registrations": 1' in back.stdout
    environment["ZHUYE_DATABASE_URL"] = ""
    wrong = CliRunner().invoke(cli, ["migrate-store", str(folder), "ZHUYE_DATABASE_URL"], env=environment)
    assert isinstance(wrong.exception, BadSetting)
