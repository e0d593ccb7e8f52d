"""All of a store in another database, row by row as it is: what is sealed stays sealed with its keys."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bot.store.base import Database, Row
from bot.store.schema import check_known, migrate, rows_in_order
from bot.store.sealing import Keyring, new_key
from bot.store.sqlite import SqliteDatabase

BATCH = 1000
DIGEST_BITS = 256
CACHE_KIB = 64 * 1024
"""What a new file's pages may take in memory while it is written."""


def lay_out(database: Database) -> None:
    """Make what is in `database` the tables of the present schema, with nothing in them.

    Raises:
        NewerSchema: a newer version has worked on it.
        StoreError: it cannot be written.

    """
    with database.writing():
        # Secrets come with the rows: those made here are thrown away, and their key with them.
        migrate(database, Keyring(Path(), [new_key()]))
        for table in database.tables():
            database.execute(f"DELETE FROM {table}")


def batches(database: Database, table: str, after: Sequence[object] = ()) -> Iterator[Sequence[Row]]:
    """All rows of a table in the order of its key, those after the key `after`, so many at once."""
    columns = database.columns(table)
    yield from rows_in_order(database, table, tuple(columns), key_of(database, table), BATCH, after=after)


def key_of(database: Database, table: str) -> tuple[str, ...]:
    """The columns of a table's key."""
    columns = database.columns(table)
    return tuple(sorted((column for column, place in columns.items() if place), key=columns.__getitem__))


def digest(database: Database, table: str) -> tuple[int, str]:
    """How many rows a table has, and what tells their content from any other, whatever their order."""
    columns = sorted(database.columns(table))
    number = total = 0
    for row in database.stream(f"SELECT {', '.join(columns)} FROM {table}"):
        number += 1
        encoded = msgspec.msgpack.encode([row[column] for column in columns])
        total += int.from_bytes(hashlib.sha256(encoded).digest())
    return number, f"{total % 2**DIGEST_BITS:064x}"


def _fill(source: Database, target: Database) -> None:
    check_known(source)
    for table in source.tables():
        for rows in batches(source, table):
            target.put(table, rows)
    target.count_on(source.counters())


def write_copy(source: Database, file: Path) -> None:
    """Write all of `source` into `file`, a new SQLite database, which is of no use if that fails.

    Raises:
        NewerSchema: it has tables that only a newer version knows.
        StoreError: one of them cannot be used.

    """
    with contextlib.closing(SqliteDatabase(file.parent, file.name)) as target:
        for setting in ("journal_mode=OFF", f"cache_size=-{CACHE_KIB}"):
            target.execute(f"PRAGMA {setting}")
        with target.writing():
            lay_out(target)
            # An index that is made at the end is written once; one that grows row by row, again and again.
            indexes = target.query("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            for index in indexes:
                target.execute(f"DROP INDEX {index['name']}")
            _fill(source, target)
            for index in indexes:
                target.execute(index["sql"])


def read_copy(file: Path, target: Database) -> None:
    """Make `target` what is in the SQLite database `file`, of the present schema."""
    with contextlib.closing(SqliteDatabase(file.parent, file.name)) as source, target.writing():
        lay_out(target)
        _fill(source, target)
