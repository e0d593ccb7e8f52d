from pathlib import Path

import msgspec
import pytest

from bot.settings import Settings
from bot.store import schema
from bot.store.backup import back_up
from bot.store.base import BadBackup, Database, NewerSchema
from bot.store.outbox import Letter
from bot.store.rotation import rotate
from bot.store.schema import (
    CHAIN,
    HEAD,
    LOOKUP,
    MIGRATIONS,
    SEALED,
    applied,
    hasher,
    sealed_rows,
    sealed_secret,
    unknown,
)
from bot.store.sealing import BadKeys, Keyring, new_key
from bot.store.sqlite import SqliteDatabase
from bot.store.store import Store, open_database, open_store
from tests.bot.store.madeup import AT, at


def test_a_newer_schema_is_refused_and_left_as_it_is(place: Settings) -> None:
    with open_store(place) as store:
        store.database.execute("INSERT INTO migrations VALUES ('of tomorrow', '2030-01-01')")
    with pytest.raises(NewerSchema, match=r"of tomorrow.*upgrade this one, or restore a backup"):
        open_store(place)
    database = open_database(place)
    assert applied(database) == {"of tomorrow", *(name for name, _ in MIGRATIONS)}
    database.close()


def newer(monkeypatch: pytest.MonkeyPatch, *, additive: bool) -> None:
    """From now on this version is the next one, with a migration that this one does not know."""

    def change(database: Database, keys: Keyring) -> None:
        database.create_table("wishes", {"id": int, "said": str}, key="id", required=["said"])
        database.execute("ALTER TABLE outbox ADD COLUMN urgent bigint")

    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, ("wishes", change)))
    monkeypatch.setattr(schema, "ADDITIVE", {*schema.ADDITIVE, *(["wishes"] if additive else [])})


def test_beside_what_was_only_added_older_processes_go_on_and_start(
    place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = Letter("1", msgspec.Raw(b"1"))
    with open_store(place) as running:
        running.outbox.owe("web", "before", [letter], 0)
        with monkeypatch.context() as upgraded:
            newer(upgraded, additive=True)
            with open_store(place) as next_one:
                next_one.database.execute("INSERT INTO wishes (said) VALUES ('a ramp')")
        running.outbox.owe("web", "running", [letter], 0)
        with open_store(place) as started:
            started.outbox.owe("web", "started", [letter], 0)
            assert [one.sender for one in started.outbox.take("web", 1, 9, 1)] == ["before", "running", "started"]
            for leaves_out in (rotate, lambda store: back_up(store, place.data_dir, AT)):
                with pytest.raises((NewerSchema, BadBackup), match="wishes"):
                    leaves_out(started)
        with monkeypatch.context() as upgraded:
            newer(upgraded, additive=True)
            with open_store(place) as next_one:
                assert not unknown(next_one.database)
                assert back_up(next_one, place.data_dir, AT).rows["wishes"] == 1


def test_beside_what_was_changed_older_processes_do_not_start(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as upgraded:
        newer(upgraded, additive=False)
        open_store(place).close()
    with pytest.raises(NewerSchema, match="wishes"):
        open_store(place)


def test_the_hashes_are_the_databases_own_and_stay(tmp_path: Path) -> None:
    with open_store(at(tmp_path / "a")) as one, open_store(at(tmp_path / "b")) as other:
        assert one.sender("chat", "u") != other.sender("chat", "u")
        assert one.sender("chat", "u") != one.sender("web", "u")
        again = Store(SqliteDatabase(tmp_path / "a"), one.keys)
        assert again.sender("chat", "u") == one.sender("chat", "u")
        again.close()
        hashes = {hasher(one.database, one.keys, name).hash("x", "y") for name in (LOOKUP, CHAIN)}
        assert len(hashes) == 2
        assert one.keys.unseal(sealed_secret(one.database, HEAD)) == b""
        with pytest.raises(BadKeys):
            hasher(one.database, Keyring(tmp_path, [new_key()]))


def test_numbers_are_never_given_twice(store: Store) -> None:
    def put() -> int:
        (row,) = store.database.query(
            "INSERT INTO unanswered (day, outcome, words) VALUES ('2026-01-01', '', '') RETURNING id"
        )
        return int(row["id"])

    first = put()
    store.database.execute("DELETE FROM unanswered")
    assert put() > first
    assert "unanswered" in store.database.tables()
    assert not any(table.startswith("sqlite") for table in store.database.tables()), "its own are no tables of ours"


def test_what_is_read_together_is_of_one_moment(store: Store, place: Settings) -> None:
    with open_store(place) as other:
        count = "SELECT count(*) AS n FROM unanswered"
        with store.database.reading():
            before = store.database.query(count)
            other.database.execute("INSERT INTO unanswered (day, outcome, words) VALUES ('2026-01-01', '', '')")
            with store.database.reading():
                assert store.database.query(count) == before
        assert store.database.query(count) != before


def test_every_sealed_table_is_read_by_its_key(store: Store) -> None:
    for table in SEALED:
        assert list(sealed_rows(store.database, table, 1)) is not None
