"""The store on one machine: a SQLite file in the data folder, written through sqlite-utils.

Write-ahead log and full durability: what was kept survives a crash of the process and of the machine. A transaction
that writes begins as one (`BEGIN IMMEDIATE`), so that two processes take turns instead of failing half-way.
"""

import contextlib
import datetime
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlite_utils import Database

from bot.store.base import KeptSession, StaleSession, StoreError

FILE = "zhuye.db"
WAIT_SECONDS = 10.0
"""How long a writer waits for its turn."""
PAUSE_SECONDS = 0.01
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
OTHERS = 0o077


def _first(db: Database) -> None:
    db.table("sessions").create(
        {"user": str, "version": int, "data": bytes, "at": str}, pk="user", not_null={"version"}
    )
    db.table("turns").create({"user": str, "message_id": str, "replies": bytes, "at": str}, pk=("user", "message_id"))


MIGRATIONS: tuple[tuple[str, Callable[[Database], None]], ...] = (("sessions and turns", _first),)
"""What makes each schema from the one before, by name, in order; applied ones are never changed."""


class SqliteStore:
    """A store in `folder`, made if it is not there. For one thread.

    Raises:
        StoreError: the folder cannot be made or written, or what is there is no store.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._named():
            file = _private_file(folder)
            self._connection = sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)
            try:
                _write_ahead(self._connection)
                self._connection.execute("PRAGMA synchronous=FULL")
                self._db = Database(self._connection)
                self._migrate()
            except BaseException:
                self._connection.close()
                raise

    def _migrate(self) -> None:
        with self._writing():
            self._connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at TEXT NOT NULL)")
            done = {row["name"] for row in self._db["migrations"].rows}
            for name, change in MIGRATIONS:
                if name not in done:
                    change(self._db)
                    now = datetime.datetime.now(datetime.UTC).isoformat()
                    self._connection.execute("INSERT INTO migrations VALUES (?, ?)", (name, now))

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the file or the disk under the folder's name."""
        try:
            yield
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreError(self._folder, error) from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction, or part of the one under way."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # A full disk has ended it already; a failed COMMIT has not.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def replies(self, user: str, message_id: str) -> bytes | None:
        """See `Store.replies`."""
        where = "user = ? and message_id = ?"
        with self._named():
            row = next(self._db["turns"].rows_where(where, (user, message_id), select="replies"), None)
        return row["replies"] if row else None

    def session(self, user: str) -> KeptSession:
        """See `Store.session`."""
        with self._named():
            row = next(self._db["sessions"].rows_where("user = ?", (user,)), None)
        return KeptSession(row["data"], row["version"]) if row else KeptSession(None, 0)

    def keep_turn(
        self, user: str, message_id: str, session: KeptSession, replies: bytes, at: datetime.datetime
    ) -> None:
        """See `Store.keep_turn`."""
        when = at.isoformat()
        with self._named(), self._writing():
            # Another process may have handled the message between the look-up here and the loading of the session.
            if self.session(user).version != session.version - 1 or self.replies(user, message_id) is not None:
                raise StaleSession(user)
            self._connection.execute(
                "INSERT OR REPLACE INTO sessions (user, version, data, at) VALUES (?, ?, ?, ?)",
                (user, session.version, session.data, when),
            )
            self._connection.execute(
                "INSERT INTO turns (user, message_id, replies, at) VALUES (?, ?, ?, ?)",
                (user, message_id, replies, when),
            )

    @contextlib.contextmanager
    def alone(self, user: str) -> Iterator[None]:
        """See `Store.alone`; one writer at a time is all that SQLite has."""
        with self._named(), self._writing():
            yield

    def close(self) -> None:
        """See `Store.close`."""
        self._db.close()


def _private_file(folder: Path) -> Path:
    """The file in `folder`, both made if they are not there and shut to others.

    A folder that belongs to somebody else stays as it is (a volume that is mounted): the file is shut all the same.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    file = folder / FILE
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
