"""The database of several processes and machines: PostgreSQL, through psycopg 3.

A transaction that writes is READ COMMITTED: what must not be changed twice is changed on a condition (a version, a
claim by nobody), or under a name that one transaction has at a time. Each object has one connection, since it serves
one thread: there is nothing to pool. A connection that was lost (a restart, a failover) is made anew for the next
transaction.
"""

import contextlib
import functools
import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from bot.store.base import Interrupted, Row, Spoilt, StoreError
from bot.store.postgres_text import escape_nul

WAIT_SECONDS = 10.0
"""How long a writer waits for its turn, and everybody for a server that is away."""
PAUSE_SECONDS = 0.1
"""Between two tries to reach the server."""
OLDEST = 120000
"""The first server version with WITH … AS MATERIALIZED, which the store uses."""
BATCH = 500
"""How many rows of a stream are fetched at once."""
TRIES = 3
"""How often a transaction may find its connection lost before it has done anything."""
TYPES: Mapping[type, str] = {int: "bigint", str: 'text COLLATE "C"', bytes: "bytea", float: "double precision"}
"""Text is compared by its code points, as in SQLite: so times that are written alike compare as times."""
OPTIONS: Mapping[str, str] = {
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
"""So that what a machine holds that is gone is free again within seconds."""
ADVICE = "see that the server runs and lets this user in, that there is room on its disk, and try again"
T = TypeVar("T")


def lock_number(name: str) -> int:
    """The number of the advisory lock of that name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


WRITERS = lock_number("all that write")
"""Shared by all transactions that write, but for one that lets no other write."""
BEGIN_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
BEGIN_WRITING = f"{BEGIN}; SELECT pg_advisory_xact_lock_shared({WRITERS})".encode()
BEGIN_EXCLUSIVE = f"{BEGIN}; SELECT pg_advisory_xact_lock({WRITERS})".encode()


class PostgresDatabase:
    """The database at `url` (ZHUYE_DATABASE_URL), in the first schema of its search path.

    Raises:
        StoreError: it cannot be reached, or is none that zhuye can use.

    """

    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self._password = str(given.get("password") or "")
        host, name = given.get("host") or "localhost", given.get("dbname") or given.get("user") or ""
        self._place = f"ZHUYE_DATABASE_URL (database {name} at {host})"
        options = {"lock_timeout": f"{int(WAIT_SECONDS * 1000) or 1}ms", **OPTIONS}
        self._address = make_conninfo(
            url,
            options=" ".join(
                [str(given.get("options") or ""), *(f"-c {key}={value}" for key, value in options.items())]
            ),
            client_encoding="UTF8",
            connect_timeout=given.get("connect_timeout") or int(WAIT_SECONDS) or 1,
            tcp_user_timeout=given.get("tcp_user_timeout") or int(WAIT_SECONDS * 1000),
            # Of several servers in the address, the one that takes writes now.
            target_session_attrs=given.get("target_session_attrs") or "read-write",
            fallback_application_name="zhuye",
        )
        self.begun: Callable[[], object] = lambda: None
        self.within = self._spoilt = False
        self._cursors = itertools.count()
        self._connection = self._connect()

    @property
    def place(self) -> str:
        """See `Database.place`."""
        return self._place

    def _connect(self) -> psycopg.Connection[Row]:
        try:
            connection = psycopg.connect(self._address, autocommit=True, row_factory=dict_row)
        except psycopg.Error as error:
            raise self._error(error) from None
        escape_nul(connection.adapters)
        encoding = connection.info.parameter_status("server_encoding")
        version = connection.info.server_version
        if encoding == "UTF8" and version >= OLDEST:
            return connection
        connection.close()
        why = f"it is of PostgreSQL {version // 10000} with the encoding {encoding}"
        raise StoreError(self.place, why, "set it to a database with ENCODING 'UTF8' of PostgreSQL 12 or newer")

    def _error(self, error: psycopg.Error, kind: type[StoreError] = StoreError) -> StoreError:
        """The error for the outside: in one line, and without the password, whatever the server repeats."""
        why = " ".join((error.diag.message_primary or str(error)).split())
        if self._password:
            why = why.replace(self._password, "…")
        return kind(self.place, why, ADVICE)

    def _present(self) -> psycopg.Connection[Row]:
        """The connection, made anew where it was lost, for as long as a server may take to be there again."""
        give_up = time.monotonic() + WAIT_SECONDS
        while self._connection.closed:
            try:
                self._connection = self._connect()
            except StoreError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(PAUSE_SECONDS)
        return self._connection

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Errors of the database under its name; those that come of a moment's bad luck as such."""
        try:
            yield
        except psycopg.Error as error:
            if isinstance(error, errors.ReadOnlySqlTransaction) and not self._connection.closed:
                # The server stands by for another one now: that one is to be found.
                self._connection.close()
            passing = isinstance(error, errors.SerializationFailure | errors.DeadlockDetected)
            lost = passing or self._connection.closed
            raise self._error(error, Interrupted if lost else StoreError) from None

    def _begun(self, begin: Callable[[psycopg.Connection[Row]], T]) -> T:
        """What `begin` makes of a connection that lives: nothing is lost yet where it finds out that it does not."""
        for _ in range(TRIES):
            with contextlib.suppress(Interrupted), self._named():
                return begin(self._present())
        with self._named():
            return begin(self._present())

    def _run(self, sql: str, parameters: Sequence[Any]) -> psycopg.Cursor[Row]:
        """A statement of the transaction under way, or one that only reads."""
        statement = _translated(sql)
        if not self.within:
            return self._begun(lambda connection: connection.execute(statement, parameters))
        with self._named():
            return self._connection.execute(statement, parameters)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """See `Database.query`."""
        with contextlib.nullcontext() if self.within or sql.startswith("SELECT") else self.writing():
            return self._run(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """See `Database.stream`; a cursor of the server, which outlives the transaction it began in."""
        if not self.within:
            self._run("SELECT 1", ())
        name = f"stream_{next(self._cursors)}"
        with self._named(), self._connection.cursor(name, withhold=True) as cursor:
            cursor.itersize = BATCH
            yield from cursor.execute(_translated(sql), parameters)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Database.execute`."""
        with contextlib.nullcontext() if self.within else self.writing():
            return self._run(sql, parameters).rowcount

    def reading(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.reading`."""
        return contextlib.nullcontext() if self.within else self._transaction(BEGIN_READING)

    def writing(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.writing`."""
        return self._joined() if self.within else self._transaction(BEGIN_WRITING)

    def part(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.part`."""
        return self._saved() if self.within else self.writing()

    def alone(self, *names: str) -> contextlib.AbstractContextManager[None]:
        """See `Database.alone`."""
        if not names:
            return self.writing()
        numbers = sorted({lock_number(name) for name in names})
        lock = "; ".join(f"SELECT pg_advisory_xact_lock({number})" for number in numbers).encode()
        return self._joined(lock) if self.within else self._transaction(BEGIN_WRITING + b"; " + lock)

    def exclusive(self) -> contextlib.AbstractContextManager[None]:
        """See `Database.exclusive`."""
        assert not self.within
        return self._transaction(BEGIN_EXCLUSIVE)

    @contextlib.contextmanager
    def _joined(self, lock: bytes | None = None) -> Iterator[None]:
        try:
            if lock:
                with self._named():
                    self._connection.execute(lock)
            yield
        except BaseException:
            self._spoilt = True
            raise

    @contextlib.contextmanager
    def _transaction(self, begin: bytes) -> Iterator[None]:
        """A transaction; what it begins with goes to the server at once."""
        self._begun(lambda connection: self._begin(connection, begin))
        self.within = True
        try:
            with self._kept(b"COMMIT", b"ROLLBACK"):
                if begin != BEGIN_READING:
                    self.begun()
                yield
        finally:
            self.within = False

    @contextlib.contextmanager
    def _saved(self) -> Iterator[None]:
        with self._named():
            self._connection.execute(b"SAVEPOINT part")
        with self._kept(b"RELEASE part", b"ROLLBACK TO part; RELEASE part"):
            yield

    @contextlib.contextmanager
    def _kept(self, keep: bytes, undo: bytes) -> Iterator[None]:
        try:
            yield
            if self._spoilt:
                raise Spoilt(self.place)
            with self._named():
                # What had failed and was passed over cannot be kept; the server would undo it without a word.
                if self._connection.execute(keep).statusmessage == "ROLLBACK":
                    raise psycopg.OperationalError("a statement of the transaction had failed")
        except BaseException:
            self._spoilt = False
            with contextlib.suppress(psycopg.Error):
                self._connection.execute(undo)
            raise

    def _begin(self, connection: psycopg.Connection[Row], begin: bytes) -> None:
        try:
            connection.execute(begin)
        except psycopg.Error:
            # It began, and then waited in vain for the others.
            if connection.info.transaction_status == TransactionStatus.INERROR:
                connection.execute("ROLLBACK")
            raise

    def create_table(
        self, name: str, columns: Mapping[str, type], *, key: str | Sequence[str], required: Sequence[str] = ()
    ) -> None:
        """See `Database.create_table`."""
        lines = [
            f"{column} {TYPES[kind]}{' NOT NULL' if column in required else ''}"
            f"{' GENERATED BY DEFAULT AS IDENTITY' if (column, kind) == (key, int) else ''}"
            for column, kind in columns.items()
        ]
        keys = ", ".join([key] if isinstance(key, str) else key)
        self.execute(f"CREATE TABLE {name} ({', '.join(lines)}, PRIMARY KEY ({keys}))")

    def create_index(self, table: str, columns: Sequence[str], *, unique: bool = False) -> None:
        """See `Database.create_index`."""
        kind = "UNIQUE INDEX" if unique else "INDEX"
        self.execute(f"CREATE {kind} idx_{table}_{'_'.join(columns)} ON {table} ({', '.join(columns)})")

    def tables(self) -> Sequence[str]:
        """See `Database.tables`."""
        found = self.query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        return [row["tablename"] for row in found]

    def columns(self, table: str) -> Mapping[str, int]:
        """See `Database.columns`."""
        found = self.query(
            "SELECT attname, coalesce(array_position(indkey::smallint[], attnum), -1) + 1 AS place FROM pg_attribute "
            "LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary "
            "WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (table,),
        )
        return {row["attname"]: row["place"] for row in found}

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """See `Database.put`."""
        if not rows:
            return
        columns = tuple(rows[0])
        with self.writing(), self._named():
            with (
                self._connection.cursor() as cursor,
                cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy,
            ):
                for row in rows:
                    copy.write_row([row[column] for column in columns])
            if "id" in columns:
                self.count_on({table: max(row["id"] for row in rows)})

    def counters(self) -> Mapping[str, int]:
        """See `Database.counters`."""
        found = self.query(
            "SELECT relname, pg_sequence_last_value(pg_get_serial_sequence(relname::text, 'id')::regclass) AS last "
            "FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'id' AND attidentity <> '' "
            "WHERE relnamespace = current_schema()::regnamespace"
        )
        return {row["relname"]: row["last"] for row in found if row["last"]}

    def count_on(self, counters: Mapping[str, int]) -> None:
        """See `Database.count_on`."""
        with self.writing():
            for table, last in counters.items():
                self._run(
                    "SELECT setval(counter, greatest(?, pg_sequence_last_value(counter::regclass), 1)) "
                    "FROM pg_get_serial_sequence(?, 'id') AS counter WHERE counter IS NOT NULL",
                    (last, table),
                )

    def size(self) -> int:
        """See `Database.size`."""
        (row,) = self.query("SELECT pg_database_size(current_database()) AS size")
        return int(row["size"])

    def version(self) -> str:
        """See `Database.version`."""
        return f"PostgreSQL {self._connection.info.parameter_status('server_version')}"

    def faults(self) -> Sequence[str]:
        """See `Database.faults`; what the server itself has noticed of pages, indexes and constraints."""
        found = self.query(
            "SELECT 'the index ' || i.indexrelid::regclass || ' is not valid' AS fault FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace AND NOT (i.indisvalid AND i.indisready) "
            "UNION ALL SELECT 'the constraint ' || conname || ' is not valid' FROM pg_constraint "
            "WHERE connamespace = current_schema()::regnamespace AND NOT convalidated "
            "UNION ALL SELECT checksum_failures || ' pages were damaged on the disk' FROM pg_stat_database "
            "WHERE datname = current_database() AND checksum_failures > 0"
        )
        return [row["fault"] for row in found]

    def back_up(self, file: Path) -> None:
        """See `Database.back_up`."""
        from bot.store.copying import write_copy

        with self.reading():
            self._take_time()
            write_copy(self, file)

    def replace_with(self, file: Path, shut: Callable[[], None]) -> None:
        """See `Database.replace_with`."""
        from bot.store.copying import read_copy

        with self.exclusive():
            self._take_time()
            shut()
            read_copy(file, self)

    def _take_time(self) -> None:
        """The transaction under way may be idle for long: indexes of a large copy are made meanwhile."""
        self._run("SELECT set_config('idle_in_transaction_session_timeout', '0', true)", ())

    def close(self) -> None:
        """See `Database.close`."""
        self._connection.close()


@functools.lru_cache(maxsize=512)
def _translated(sql: str) -> bytes:
    """A statement with psycopg's placeholders."""
    return sql.replace("%", "%%").replace("?", "%s").encode()
