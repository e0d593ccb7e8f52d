"""Putting a backup back, while others have the store open, without bringing back what was deleted since."""

import contextlib
import datetime
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from tqdm import tqdm

from bot.settings import Settings
from bot.store.backup import check_sound, put, remove_old, working
from bot.store.base import BadBackup, Database, Row, StoreError
from bot.store.carrying import carry_over, erase_again
from bot.store.erasures import erasures
from bot.store.schema import SEALED, counts, held, sealed_rows, sealed_secret
from bot.store.sealing import Keyring, Unopened
from bot.store.sqlite import FILE, PRIVATE, SqliteDatabase
from bot.store.store import Store, open_database

BATCH = 500


class Restored(msgspec.Struct, frozen=True):
    """What was put back, where what was there before is kept, and how many deletions were done again.

    `access`: the accounts that are let in as they were before and not as in the backup, by name.
    """

    rows: Mapping[str, int]
    before: Path | None
    erased: int
    access: Sequence[str]


class _Erased(Exception):
    """Somebody deleted something while the backup was being prepared."""


def restore(settings: Settings, file: Path, now: datetime.datetime) -> Restored:
    """Replace all that the store of `settings` holds by what is in `file`.

    What was deleted since the backup was made stays deleted, and who may get in at the desk stays as it is, as far as
    the present database knows of it. A copy of what was there is kept with the backups.

    Raises:
        BadBackup: `file` is no sound store of a known schema, or not of the store that is there, or that is damaged.
        BadKeys: the keys do not open it.
        StoreError: the database or the data folder cannot be written. Nothing was changed then, as with the others.

    """
    folder, given = settings.data_dir, settings.data_keys
    keys = Keyring(folder, given)
    remove_old(folder, now, but=file)
    with working(folder) as work, contextlib.closing(_present(settings)) as present:
        _prepare(file, work, keys)
        erased = 0
        while True:
            known = erasures(present)
            with Store(SqliteDatabase(work), Keyring(folder, given)) as candidate:
                _check_same(present, candidate.database, keys, settings)
                erased += erase_again(candidate.database, known)
            with contextlib.suppress(_Erased):
                before, access = _replace(settings, work, known, now)
                return Restored(counts(present), before, erased, access)


def _present(settings: Settings) -> Database:
    """The present database, which must tell what was deleted."""
    try:
        database = open_database(settings)
        if faults := database.faults():
            database.close()
            raise StoreError(database.place, faults[0])
    except StoreError as error:
        raise BadBackup(
            f"it cannot be told what was deleted since the backup was made ({error.__cause__ or error}); "
            f"to restore all the same, {_put_away(settings)} first"
        ) from error
    return database


def _put_away(settings: Settings) -> str:
    """How what is there is put out of the way."""
    if settings.database_url is None:
        return f"move {FILE}, {FILE}-wal and {FILE}-shm out of {settings.data_dir}"
    return "set ZHUYE_DATABASE_URL to an empty database"


def _replace(
    settings: Settings, work: Path, known: Sequence[Row], now: datetime.datetime
) -> tuple[Path | None, Sequence[str]]:
    """Put the prepared copy in place; where what was there is kept, and whose access stayed as it was there.

    Raises _Erased where it must be prepared anew.
    """
    before: Path | None = None
    access: Sequence[str] = ()

    def shut() -> None:
        nonlocal before, access
        if erasures(reader) != known:
            raise _Erased
        if held(reader):
            reader.back_up(work / "before.db")
            before = put(work / "before.db", settings.data_dir, now, "-before-restore")
        with contextlib.closing(SqliteDatabase(work)) as candidate:
            access = carry_over(reader, candidate)

    with contextlib.closing(open_database(settings)) as reader, contextlib.closing(open_database(settings)) as writer:
        writer.replace_with(work / FILE, shut)
    return before, access


def _prepare(file: Path, work: Path, keys: Keyring) -> None:
    """A copy of `file` in the folder `work`, sound, and opened to the last row."""
    try:
        if file.with_name(f"{file.name}-wal").exists():
            raise BadBackup("it is in use, or half of a copy: restore what `zhuye backup` wrote")
        (work / FILE).touch(PRIVATE)
        shutil.copyfile(file, work / FILE)
        with contextlib.closing(SqliteDatabase(work)) as database:
            check_sound(database, keys)
            for table in tqdm([name for name in SEALED if name in database.tables()], "opening", disable=None):
                for rows in sealed_rows(database, table, BATCH):
                    for row in rows:
                        _open(table, row, keys)
    except (BadBackup, OSError, StoreError) as error:
        why = error.__cause__ if isinstance(error, StoreError) else error
        raise BadBackup(f"{file}: cannot be restored ({why}); nothing was changed") from error


def _open(table: str, row: Row, keys: Keyring) -> None:
    try:
        keys.unseal(row["sealed"])
    except Unopened as error:
        # A session that does not open is begun anew; anything else would be lost.
        if table != "sessions":
            raise BadBackup(f"the keys do not open all that is in it, as a row of {table}") from error


def _check_same(present: Database, candidate: Database, keys: Keyring, settings: Settings) -> None:
    """People are named by hashes: with another secret nobody would be found, nor what they deleted."""
    if not held(present):
        return
    try:
        same = keys.unseal(sealed_secret(present)) == keys.unseal(sealed_secret(candidate))
    except Unopened:
        same = False
    if not same:
        raise BadBackup(
            f"{present.place}: what is kept there is not of the store that the backup was made of; "
            f"restore into another place, or {_put_away(settings)} first"
        )
