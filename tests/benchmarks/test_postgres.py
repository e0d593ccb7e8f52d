"""What the benchmarks do on PostgreSQL only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import postgres, processes
from benchmarks.registrations import fill
from bot.settings import Settings
from bot.store.store import open_store
from tests.postgres import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres.served() as running:
        yield running


def test_turns_of_two_processes_are_all_kept(server: Server, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=server.new_schema())
    run = processes.turns_of(settings, server, 2, 3, ["你好", "开店有补贴吗"], "x")
    assert (
        len(run.turns) == 2 * 3 * 2
        and run.speed > 0
        and 0 < run.processor < max(run.turns) * len(run.turns)
        and run.server >= 0
    )
    with open_store(settings) as store:
        (row,) = store.database.query("SELECT count(*) AS kept FROM turns")
    assert row["kept"] == len(run.turns) + 2 * 2, "and a conversation each to warm up"


def test_a_backup_is_put_back(server: Server, tmp_path: Path) -> None:
    place, again = (Settings(data_dir=tmp_path / name, database_url=server.new_schema()) for name in ("one", "again"))
    with open_store(place) as store:
        fill(store, 200)
    assert [figure.name for figure in postgres.backing_up(place, again)] == ["postgres_backup", "postgres_restore"]
    with open_store(again) as store:
        (row,) = store.database.query("SELECT count(*) AS kept FROM registrations")
    assert row["kept"] == 200
