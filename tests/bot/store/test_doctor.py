import collections
import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

import bot.store.doctor
from bot.settings import Settings
from bot.store.backup import FOLDER, back_up
from bot.store.doctor import BACKUP_AGE, ROOM, Finding, examine
from bot.store.sealing import new_key
from bot.store.sqlite import FILE
from bot.store.store import Store
from tests.bot.store.madeup import AT, add, at, registration

CHECKS = ["versions", "permissions", "disk", "schema", "integrity", "keys", "access log", "counts", "backup"]


@pytest.fixture
def folder(store: Store, tmp_path: Path) -> Path:
    add(store, "u", registration())
    store.access_log.append(AT, "张", "show", "1")
    back_up(store, tmp_path / "data", AT)
    return tmp_path / "data"


def found(place: Settings, now: datetime.datetime = AT, keys: tuple[str, ...] = ()) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(replace(place, data_keys=keys), now)}


def only(place: Settings, check: str, level: str, now: datetime.datetime = AT, keys: tuple[str, ...] = ()) -> Finding:
    """The one thing that is not well; it comes with what to do."""
    findings = found(place, now, keys)
    (bad,) = (finding for finding in findings.values() if finding.level != "ok")
    assert (bad.check, bad.level) == (check, level) and bad.advice
    return bad


def test_all_is_well(place: Settings, folder: Path) -> None:
    findings = found(place)
    assert list(findings) == CHECKS
    assert {(finding.level, finding.advice) for finding in findings.values()} == {("ok", "")}
    assert "registrations 1" in findings["counts"].found and "SQLite 3." in findings["versions"].found


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    only(at(tmp_path / "new"), "database", "warning")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept_at", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", [".", FILE, "keys", FOLDER, f"{FOLDER}/zhuye-20261122-100000.db"])
def test_what_others_may_read(place: Settings, folder: Path, path: str) -> None:
    (folder / path).chmod(0o750 if (folder / path).is_dir() else 0o640)
    assert str((folder / path).resolve()) in only(place, "permissions", "fault").found


@pytest.mark.parametrize(("free", "level"), [(ROOM - 1, "fault"), (ROOM + 1, "warning")])
def test_a_disk_that_fills(
    place: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    usage = collections.namedtuple("usage", "free")
    monkeypatch.setattr("bot.store.doctor.shutil.disk_usage", lambda _: usage(free))
    monkeypatch.setattr(bot.store.doctor, "COPIES", 10**6)
    only(place, "disk", level)


def test_a_schema_of_another_version(store: Store, place: Settings, folder: Path) -> None:
    store.database.execute("INSERT INTO migrations VALUES ('newer', '2030')")
    assert "newer" in only(place, "schema", "fault").found
    store.database.execute("INSERT INTO additive VALUES ('newer')")
    assert "goes on beside it" in only(place, "schema", "warning").found
    store.database.execute("DELETE FROM migrations WHERE name IN ('newer', 'outbox')")
    assert "outbox" in only(place, "schema", "warning").found


def test_lost_and_wrong_keys(place: Settings, folder: Path) -> None:
    assert "none of these keys" in only(place, "keys", "fault", keys=(new_key(),)).found
    assert "form of a key" in only(place, "keys", "fault", keys=("x",)).found
    (folder / "keys").unlink()
    assert "there is no key" in only(place, "keys", "fault").found
    assert not (folder / "keys").exists()


def test_an_access_log_that_was_tampered_with(store: Store, place: Settings, folder: Path) -> None:
    store.database.execute("DELETE FROM access_log")
    assert "removed" in only(place, "access log", "fault").found


def test_backups_that_are_old_or_missing(place: Settings, folder: Path) -> None:
    only(place, "backup", "warning", AT + BACKUP_AGE + datetime.timedelta(seconds=1))
    file = folder / FOLDER / "zhuye-20261122-100000.db"
    file.rename(file.with_stem(f"{file.stem}-before-restore"))
    assert only(place, "backup", "warning").found == "there is none"


@pytest.mark.parametrize("kept_at", ["sqlite"], indirect=True)
def test_a_damaged_database(place: Settings, folder: Path, store: Store) -> None:
    store.close()
    data = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(data[:4096] + b"\xff" * 80_000 + data[84_096:])
    assert any(finding.level == "fault" and "zhuye restore" in finding.advice for finding in found(place).values())
    (folder / FILE).write_bytes(b"no database" * 1000)
    finding = found(place)["database"]
    assert finding.level == "fault" and "zhuye restore" in finding.advice and "not a database" in finding.found
    assert finding.advice not in finding.found


def test_an_old_sqlite(place: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.doctor.sqlite3.sqlite_version_info", (3, 34, 1))
    only(place, "versions", "fault")
