"""Is the store healthy? Each thing that was looked at, and what to do where it is not as it should be."""

import contextlib
import datetime
import platform
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec

from bot.settings import Settings
from bot.store.access_log import AccessLog
from bot.store.backup import FOLDER, backups
from bot.store.base import Database, StoreError
from bot.store.schema import MIGRATIONS, applied, breaking, counts, hasher
from bot.store.sealing import FILE as KEYS
from bot.store.sealing import BadKeys, Keyring
from bot.store.sqlite import FILE, OTHERS
from bot.store.store import open_database

ROOM = 100_000_000
"""Bytes below which the disk is as good as full."""
COPIES = 3
"""How many copies of the database there should be room for: a backup is written beside the last one."""
BACKUP_AGE = datetime.timedelta(days=2)
OLDEST_SQLITE = (3, 35)
"""The first with RETURNING, which the store uses."""
Level = Literal["ok", "warning", "fault"]


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it is, and what to do (nothing where it is well)."""

    check: str
    level: Level
    found: str
    advice: str = ""


def examine(settings: Settings, now: datetime.datetime) -> list[Finding]:
    """Look at the data folder of `settings`. Nothing is made there."""
    folder = settings.data_dir
    looked = [_versions()]
    if settings.database_url is None and not (folder / FILE).exists():
        nothing = Finding("database", "warning", f"{folder / FILE} is not there", "it is made at the first start")
        return [*looked, nothing]
    if folder.exists():
        looked.append(_permissions(folder))  # before it is opened, which shuts it
    inside: list[Finding] = []
    size = 0
    try:
        with contextlib.closing(open_database(settings)) as database:
            size = database.size()
            inside += _database(database, settings)
    except StoreError as error:
        inside.append(Finding("database", "fault", str(error).removesuffix(f"; {error.advice}"), error.advice))
    if folder.exists():
        looked.append(_disk(folder, size))
    return [*looked, *inside, _backups(folder, now)]


def _advice(settings: Settings) -> str:
    back = "put a backup back: `zhuye restore FILE`"
    return f"put it right, or {back}" if settings.database_url else back


def _versions() -> Finding:
    found = f"zhuye {version('zhuye')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding("versions", "fault", found, "install a Python with SQLite 3.35 or newer")
    return Finding("versions", "ok", found)


def _permissions(folder: Path) -> Finding:
    files = [file for file in folder.glob("*") if file.name == KEYS or file.name.startswith(FILE)]
    kept = folder / FOLDER
    paths = [folder, *files, *([kept] if kept.exists() else []), *kept.glob("*.db")]
    open_ = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & OTHERS]
    if open_:
        found = "others may read " + ", ".join(map(str, open_))
        return Finding("permissions", "fault", found, f"shut it: chmod -R go= {folder}")
    return Finding("permissions", "ok", f"only its owner may read {folder}")


def _disk(folder: Path, size: int) -> Finding:
    """Of the data folder's disk, on which backups are written; `size` is that of the database."""
    free = shutil.disk_usage(folder).free
    found = f"{free // 1_000_000} MB free, the database has {size // 1_000_000} MB"
    if free < ROOM:
        return Finding("disk", "fault", found, "make room on the disk; nothing can be kept soon")
    if free < COPIES * size:
        return Finding("disk", "warning", found, "make room on the disk for the next backup")
    return Finding("disk", "ok", found)


def _database(database: Database, settings: Settings) -> Iterator[Finding]:
    known = [name for name, _ in MIGRATIONS]
    done = applied(database) if "migrations" in database.tables() else set()
    if newer := sorted(done - set(known)):
        found = f"a newer version of zhuye has worked here: {', '.join(newer)}"
        if breaking(database):
            yield Finding("schema", "fault", found, "upgrade zhuye, or restore a backup that this version made")
        else:
            yield Finding("schema", "warning", f"{found}; this one goes on beside it", "upgrade this one too")
    elif missing := [name for name in known if name not in done]:
        yield Finding("schema", "warning", f"not there yet: {', '.join(missing)}", "it is made at the next start")
    else:
        yield Finding("schema", "ok", f"as this version has it ({len(known)} migrations)")
    if faults := database.faults():
        yield Finding("integrity", "fault", "; ".join(faults[:3]), _advice(settings))
    else:
        yield Finding("integrity", "ok", f"{database.version()} finds nothing wrong with itself")
    if "secrets" in done:
        yield from _sealed(database, settings)
    rows = ", ".join(f"{table} {number}" for table, number in counts(database).items())
    yield Finding("counts", "ok", rows or "no tables")


def _sealed(database: Database, settings: Settings) -> Iterator[Finding]:
    try:
        keys = Keyring(settings.data_dir, settings.data_keys)
        hasher(database, keys)
    except BadKeys as error:
        yield Finding("keys", "fault", str(error), "put the right key back; without it nothing personal can be read")
        return
    yield Finding("keys", "ok", f"{keys.place} opens what is stored")
    if "access_log" in database.tables():
        fault = AccessLog(database, keys).first_fault()
        if fault:
            advice = "find out who could write the database; a backup shows what was there before"
            yield Finding("access log", "fault", str(fault), advice)
        else:
            yield Finding("access log", "ok", "the chain is whole")


def _backups(folder: Path, now: datetime.datetime) -> Finding:
    for file, made in backups(folder).items():
        if "before-restore" not in file.name:
            found = f"the last one is {file.name}"
            if now - made > BACKUP_AGE:
                return Finding("backup", "warning", found, "run `zhuye backup` every day")
            return Finding("backup", "ok", found)
    return Finding("backup", "warning", "there is none", "run `zhuye backup` every day")
