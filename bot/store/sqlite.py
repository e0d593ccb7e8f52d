"""The database on one machine: a SQLite file in the data folder, through sqlite-utils.

Write-ahead log and full durability: what was kept survives a crash of the process and of the machine. A transaction
that writes begins as one (`BEGIN IMMEDIATE`), so that two processes take turns instead of failing half-way.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database as SqliteUtils

from bot.store.base import FOLDER_ADVICE, Row, Spoilt, StoreError

FILE = "zhuye.db"
WAIT_SECONDS = 10.0
"""How long a writer waits for its turn."""
PAUSE_SECONDS = 0.01
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
OTHERS = 0o077
PAGES_A_STEP = 8
"""How much is copied at once while a content is replaced: less than the smallest store has."""
STATEMENTS = 512
"""How many compiled statements are kept."""
DAMAGED = f"move {FILE}, {FILE}-wal and {FILE}-shm out of it, then put a backup back: `zhuye restore FILE`"
ADVICE = {
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: "another program has held it for too long: end that one, then try again",
}
"""What to do, by SQLite's primary result code."""
PRIMARY = 0xFF


class SqliteDatabase:
    """A database in `folder`, made if it is not there.

    Raises:
        StoreError: the folder cannot be made or written, or what is there is no database.

    """

    skip_locked = ""  # one writer at a time is all that SQLite has

    def __init__(self, folder: Path, name: str = FILE) -> None:
        self.begun: Callable[[], object] = lambda: None
        self._spoilt = False
        self.folder = folder
        self.file = folder / name
        with self._named():
            file = _private_file(folder, name)
            self._connection = sqlite3.connect(
                file, WAIT_SECONDS, isolation_level=None, cached_statements=STATEMENTS, check_same_thread=False
            )
            try:
                _write_ahead(self._connection)
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.execute("PRAGMA secure_delete=ON")
                self._connection.execute("PRAGMA trusted_schema=OFF")
                self._db = SqliteUtils(self._connection)
            except BaseException:
                self._connection.close()
                raise

    @property
    def place(self) -> str:
        """See `Database.place`."""
        return str(self.folder)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the file or the disk under the folder's name."""
        try:
            yield
        except (OSError, sqlite3.DatabaseError) as error:
            advice = ADVICE.get(getattr(error, "sqlite_errorcode", 0) & PRIMARY, FOLDER_ADVICE)
            raise StoreError(self.folder, error, advice) from error

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """See `Database.query`."""
        # Not through sqlite-utils, which puts a savepoint around each query: every turn makes three.
        with self._named():
            found = self._connection.execute(sql, parameters)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """See `Database.stream`."""
        with self._named():
            yield from self._db.query(sql, parameters)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Database.execute`."""
        with self._named():
            return self._connection.execute(sql, parameters).rowcount

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """See `Database.reading`."""
        if self.within:
            yield
            return
        with self._named():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.writing`."""
        if self.within:
            return self._joined()
        return self._transaction("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",), self.begun)

    def part(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.part`."""
        if self.within:
            return self._transaction("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))
        return self.writing()

    @contextlib.contextmanager
    def _joined(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._spoilt = True
            raise

    @contextlib.contextmanager
    def _transaction(
        self, begin: str, keep: str, undo: Sequence[str], begun: Callable[[], object] = lambda: None
    ) -> Iterator[None]:
        with self._named():
            self._connection.execute(begin)
            try:
                begun()
                yield
                if self._spoilt:
                    raise Spoilt(self.place)
                self._connection.execute(keep)
            except BaseException:
                self._spoilt = False
                # A full disk has ended it already; a failed COMMIT has not.
                if self.within:
                    for statement in undo:
                        self._connection.execute(statement)
                raise

    def alone(self, *names: str) -> contextlib.AbstractContextManager[None]:
        """See `Database.alone`; there is one writer at a time."""
        return self.writing()

    def exclusive(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.exclusive`; there is one writer at a time."""
        return self.writing()

    def create_table(
        self, name: str, columns: Mapping[str, type], *, key: str | Sequence[str], required: Sequence[str] = ()
    ) -> None:
        """See `Database.create_table`."""
        pk = key if isinstance(key, str) else tuple(key)
        sql = self._db.create_table_sql(name, dict(columns), pk=pk, not_null=set(required))
        # Otherwise SQLite gives the number of the newest row, once that is deleted, to the next one.
        self.execute(sql.replace('"id" INTEGER PRIMARY KEY', '"id" INTEGER PRIMARY KEY AUTOINCREMENT'))

    def create_index(self, table: str, columns: Sequence[str], *, unique: bool = False) -> None:
        """See `Database.create_index`."""
        self._db.table(table).create_index(list(columns), unique=unique)

    def tables(self) -> Sequence[str]:
        """See `Database.tables`."""
        with self._named():
            return [name for name in self._db.table_names() if not name.startswith("sqlite_")]

    def columns(self, table: str) -> Mapping[str, int]:
        """See `Database.columns`."""
        return {row["name"]: row["pk"] for row in self.query(f"PRAGMA table_info({table})")}

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """See `Database.put`; SQLite counts on by itself."""
        if rows:
            columns = tuple(rows[0])
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            with self._named(), self.writing():
                self._connection.executemany(sql, [tuple(row[column] for column in columns) for row in rows])

    def counters(self) -> Mapping[str, int]:
        """See `Database.counters`; SQLite makes its own table with the first that counts."""
        if not self.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
            return {}
        return {row["name"]: row["seq"] for row in self.query("SELECT name, seq FROM sqlite_sequence")}

    def count_on(self, counters: Mapping[str, int]) -> None:
        """See `Database.count_on`."""
        with self.writing():
            own = self.counters()
            for table, last in counters.items():
                self.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                self.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, max(last, own.get(table, 0)))
                )

    def size(self) -> int:
        """See `Database.size`."""
        with self._named():
            return self.file.stat().st_size

    @property
    def within(self) -> bool:
        """See `Database.within`."""
        return self._connection.in_transaction

    def version(self) -> str:
        """See `Database.version`."""
        return f"SQLite {sqlite3.sqlite_version}"

    def faults(self) -> Sequence[str]:
        """See `Database.faults`."""
        found = [row["integrity_check"] for row in self.query("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def back_up(self, file: Path) -> None:
        """See `Database.back_up`; SQLite's own online copy."""
        with self._named():
            file.touch(mode=PRIVATE)
            with contextlib.closing(sqlite3.connect(file)) as copy:
                self._connection.backup(copy)

    def replace_with(self, file: Path, shut: Callable[[], None]) -> None:
        """See `Database.replace_with`."""
        called = False

        def step(status: int, remaining: int, pages: int) -> None:
            nonlocal called
            if not called and status == sqlite3.SQLITE_OK:
                called = True
                shut()

        uri = f"{file.resolve().as_uri()}?mode=ro"
        with self._named(), contextlib.closing(sqlite3.connect(uri, uri=True)) as source:
            source.backup(self._connection, pages=PAGES_A_STEP, progress=step)

    def close(self) -> None:
        """See `Database.close`."""
        self._db.close()


def _private_file(folder: Path, name: str) -> Path:
    """The file in `folder`, both made if they are not there and shut to others.

    A folder that belongs to somebody else stays as it is (a volume that is mounted): the file is shut all the same.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    file = folder / name
    file.touch(mode=PRIVATE)
    for path, mode in ((folder, PRIVATE_FOLDER), (file, PRIVATE)):
        if path.stat().st_mode & OTHERS:
            with contextlib.suppress(PermissionError):
                path.chmod(mode)
    return file


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; SQLite itself does not wait here while another process does the same."""
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(PAUSE_SECONDS)
