import contextlib
import datetime
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.store.backup import FOLDER, KEPT, WORK, back_up, backups
from bot.store.base import BadBackup, StoreError
from bot.store.schema import counts
from bot.store.sqlite import SqliteDatabase
from bot.store.store import Store, open_store
from tests.bot.store.madeup import AT, add, at, registration

DAY = datetime.timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_backup_has_all_and_is_its_owners_only(store: Store, folder: Path) -> None:
    receipt = add(store, "u", registration())
    before = os.umask(0)
    try:
        backup = back_up(store, folder, AT)
    finally:
        os.umask(before)
    assert backup.file == folder / FOLDER / "zhuye-20261122-100000.db"
    assert backup.rows == counts(store.database) and backup.rows["registrations"] == 1
    assert [path.name for path in (folder / FOLDER).iterdir()] == [backup.file.name]
    assert stat.S_IMODE(backup.file.stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / FOLDER).stat().st_mode) == 0o700
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    backup.file.rename(elsewhere / "zhuye.db")
    with open_store(at(elsewhere, (folder / "keys").read_text().strip())) as opened:
        assert [own.receipt for own in opened.registrations.of("u")] == [receipt]


def test_two_in_one_second_have_names_of_their_own(store: Store, folder: Path) -> None:
    files = [back_up(store, folder, AT).file for _ in range(3)]
    assert list(backups(folder)) == files[::-1]


def test_old_ones_are_removed_and_what_is_no_backup_stays(store: Store, folder: Path) -> None:
    first = back_up(store, folder, AT).file
    second = back_up(store, folder, AT + DAY).file
    (folder / FOLDER / "zhuye-mine.db").touch()
    kept = first.rename(first.with_name("zhuye-20261122-100000-before-restore.db"))
    assert back_up(store, folder, AT + KEPT).removed == ()
    assert back_up(store, folder, AT + KEPT + DAY).removed == (kept,)
    assert second.exists() and (folder / FOLDER / "zhuye-mine.db").exists() and not kept.exists()


def test_what_a_killed_one_left_is_removed_when_it_is_nobodys(store: Store, folder: Path) -> None:
    left, used = folder / FOLDER / f"{WORK}left", folder / FOLDER / f"{WORK}used"
    now = datetime.datetime.now(datetime.UTC)
    for path in (left, used):
        path.mkdir(parents=True)
        (path / "zhuye.db").write_bytes(b"half")
    os.utime(left, ((now - 2 * DAY).timestamp(),) * 2)
    back_up(store, folder, now)
    assert used.exists() and not left.exists()


def test_old_ones_go_also_where_no_new_one_can_be_written(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that they have filled."""
    old = back_up(store, folder, AT).file
    left = folder / FOLDER / f"{WORK}left"
    left.mkdir()
    os.utime(left, ((AT - 2 * DAY).timestamp(),) * 2)

    def full(file: Path) -> None:
        raise StoreError(folder, "No space left on device")

    monkeypatch.setattr(store.database, "back_up", full)
    with pytest.raises(StoreError, match="No space"):
        back_up(store, folder, AT + KEPT + DAY)
    assert not old.exists() and not left.exists()


def hooked(monkeypatch: pytest.MonkeyPatch, store: Store, hook: Callable[[Callable[[Path], None], Path], None]) -> None:
    """Lets `hook` do what is done when the database is copied."""
    back_up = store.database.back_up
    monkeypatch.setattr(store.database, "back_up", lambda file: hook(back_up, file))


def test_it_is_of_one_moment_while_others_go_on(
    store: Store, place: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(copy: Callable[[Path], None], file: Path) -> None:
        with open_store(place) as other:
            add(other, "u", registration())
        copy(file)

    hooked(monkeypatch, store, meanwhile)
    assert back_up(store, folder, AT).rows["registrations"] == 0
    assert counts(store.database)["registrations"] == 1


@pytest.mark.parametrize(
    "how", ["DELETE FROM registrations", "DROP TABLE secrets", "INSERT INTO migrations VALUES ('newer', '2030')"]
)
def test_one_that_is_not_as_the_store_is_not_kept(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def damaging(copy: Callable[[Path], None], file: Path) -> None:
        copy(file)
        with contextlib.closing(SqliteDatabase(file.parent, file.name)) as written:
            written.execute(how)

    add(store, "u", registration())
    hooked(monkeypatch, store, damaging)
    with pytest.raises(BadBackup, match="backups: the backup "):
        back_up(store, folder, AT)
    assert list((folder / FOLDER).iterdir()) == []


def test_where_it_cannot_be_written_it_says_so(store: Store, folder: Path) -> None:
    (folder / FOLDER).write_text("in the way")
    with pytest.raises(StoreError, match=r"backups: nothing can be kept there"):
        back_up(store, folder, AT)
