"""Backups in the data folder: made while others work, verified, and removed in time so that erased data leaves them."""

import contextlib
import datetime
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from bot.store.base import BadBackup, Database, StoreError
from bot.store.schema import counts, hasher, unknown
from bot.store.sealing import Keyring
from bot.store.sqlite import FILE, PRIVATE_FOLDER, SqliteDatabase
from bot.store.store import Store

FOLDER = "backups"
KEPT = datetime.timedelta(days=30)
"""How long a backup is kept, and with it at most what was erased since (domain checklist, 11)."""
TIME = "%Y%m%d-%H%M%S"
NAME = re.compile(r"zhuye-(\d{8}-\d{6})(?:-before-restore)?\.db")
WORK = "work-"
LEFT = datetime.timedelta(days=1)
"""After how long a working folder is no longer anybody's."""
SECOND = datetime.timedelta(seconds=1)


class Backup(msgspec.Struct, frozen=True):
    """A backup: where it is, how many rows it has of each table, and which older ones were removed."""

    file: Path
    rows: Mapping[str, int]
    removed: tuple[Path, ...] = ()


def back_up(store: Store, folder: Path, now: datetime.datetime) -> Backup:
    """Remove the backups of the data `folder` that are too old, and write a verified one of `store`.

    Raises:
        BadBackup: what was written is not what the store has; it was removed.
        StoreError: it cannot be written.

    """
    # First: where the disk is full this one would fail, and none would ever go.
    removed = remove_old(folder, now)
    with working(folder) as work:
        with store.database.reading():
            rows = counts(store.database)
            store.database.back_up(work / FILE)
        with contextlib.closing(SqliteDatabase(work)) as written:
            try:
                check_sound(written, store.keys)
            except BadBackup as error:
                raise BadBackup(f"{folder / FOLDER}: the backup was not kept ({error})") from error
            if counts(written) != rows:
                raise BadBackup(f"{folder / FOLDER}: the backup has {counts(written)} where the store has {rows}")
        file = put(work / FILE, folder, now)
    return Backup(file, rows, removed)


def put(written: Path, folder: Path, now: datetime.datetime, suffix: str = "") -> Path:
    """Move a file that was written to its name among the backups of the data `folder`."""
    with _named(folder):
        while (target := folder / FOLDER / f"zhuye-{now.astimezone(datetime.UTC):{TIME}}{suffix}.db").exists():
            now += SECOND
        written.rename(target)
    return target


@contextlib.contextmanager
def working(folder: Path) -> Iterator[Path]:
    """A private folder among the backups of the data `folder`, removed afterwards."""
    with _named(folder):
        (folder / FOLDER).mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        work = tempfile.TemporaryDirectory(prefix=WORK, dir=folder / FOLDER)
    with work as path:
        yield Path(path)


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(folder / FOLDER, error) from error


def check_sound(database: Database, keys: Keyring) -> None:
    """Whether `database` is a sound store of a schema that is known, which the keys open.

    Raises:
        BadBackup: it is not.
        BadKeys: the keys do not open it.

    """
    if not {"migrations", "secrets"} <= set(database.tables()):
        raise BadBackup("it is a database, but none of zhuye's")
    if names := unknown(database):
        raise BadBackup(f"a newer version of zhuye made it ({', '.join(sorted(names))}); restore it with that one")
    if faults := database.faults():
        raise BadBackup(f"it is damaged: {faults[0]}")
    hasher(database, keys)


def backups(folder: Path) -> Mapping[Path, datetime.datetime]:
    """The backups of the data `folder`, newest first, with the time (UTC) that each names."""
    found = {
        file: datetime.datetime.strptime(match[1], TIME).replace(tzinfo=datetime.UTC)
        for file in (folder / FOLDER).glob("zhuye-*.db")
        if (match := NAME.fullmatch(file.name))
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1], reverse=True))


def remove_old(folder: Path, now: datetime.datetime, but: Path | None = None) -> tuple[Path, ...]:
    """Remove what is too old, `but` one, and what a copying that was killed has left; the backups that were removed.

    Several processes may do so at once.

    Raises:
        StoreError: something cannot be removed.

    """
    kept = but.resolve() if but else None
    old = tuple(file for file, made in backups(folder).items() if made < now - KEPT and file.resolve() != kept)
    with _named(folder):
        for file in old:
            file.unlink(missing_ok=True)
        for work in (folder / FOLDER).glob(f"{WORK}*"):
            with contextlib.suppress(FileNotFoundError):
                if work.stat().st_mtime < (now - LEFT).timestamp():
                    shutil.rmtree(work, ignore_errors=True)
    return old
