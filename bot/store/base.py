"""What a database does for the store, whichever it is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec

Row = dict[str, Any]


class StaleSession(Exception):
    """Something that the turn was worked out from has changed since it was loaded: begin the turn anew."""


FOLDER_ADVICE = "make it writable and make room on its disk, or set ZHUYE_DATA_DIR to another folder"


class StoreError(Exception):
    """The place where it is kept cannot be used; the message names it, says why, and what to do."""

    advice = ""

    def __init__(self, place: object, why: object, advice: str = FOLDER_ADVICE) -> None:
        super().__init__(f"{place}: nothing can be kept there ({why}); {advice}")
        self.advice = advice


class Interrupted(StaleSession, StoreError):
    """The database cut it short (a connection that was lost, two that waited for each other): begin anew.

    Nothing was changed; only where the very end of a transaction was cut short, all of it may have been kept.
    """


class BadBackup(Exception):
    """A file that cannot be restored, or a backup that is not as what it was made of; nothing was changed."""


class NoStore(StoreError):
    """There is no store where there should be one."""

    def __init__(self, place: object) -> None:
        Exception.__init__(
            self,
            f"{place}: nothing has been kept there yet; set ZHUYE_DATA_DIR to the folder that the bot works in, "
            "or ZHUYE_DATABASE_URL to its database",
        )


class NewerSchema(StoreError):
    """A newer version of zhuye has changed the tables in a way that this one does not know."""

    def __init__(self, place: object, names: Collection[str]) -> None:
        Exception.__init__(
            self,
            f"{place}: a newer version of zhuye has worked here ({', '.join(sorted(names))}); upgrade this one, "
            "or restore a backup that it made",
        )


class Spoilt(RuntimeError):
    """Part of a transaction had failed and was passed over: none of it is kept."""


class Unfinished(StoreError):
    """A store is being moved here, and is not whole yet."""

    def __init__(self, place: object) -> None:
        Exception.__init__(
            self, f"{place}: a store is on its way here and not whole yet; do the same `zhuye migrate-store` again"
        )


class KeptSession(msgspec.Struct, frozen=True):
    """A person's session as kept: the version counts its turns from 1; 0 and None are nobody known yet."""

    data: bytes | None
    version: int


class Database(Protocol):
    """A SQL database. Statements have `?` for each parameter and keep to what SQLite and PostgreSQL share.

    For one thread at a time. Any method raises StoreError where the database cannot be read or written; nothing is
    changed then.
    """

    skip_locked: str
    """What a query for rows to be changed ends with, so that nobody waits for rows that others are changing."""
    begun: Callable[[], object]
    """Called whenever a transaction that writes has begun, before anything is done in it."""

    @property
    def place(self) -> str:
        """Where it is, for messages; never with a password."""
        ...

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[Row]:
        """The rows of a query (or of a statement that returns some)."""
        ...

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query, one after the other in bounded memory."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement that changes rows; how many it changed."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """While it lasts, all that is read is as it stood at one moment; others go on."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """A transaction, or what is done in the one under way: all of it is kept, or nothing.

        Where it fails, the one under way (or its `part`) can only fail too.
        """
        ...

    def part(self) -> AbstractContextManager[None]:
        """A part of the transaction under way that can fail by itself; a transaction where none is."""
        ...

    def alone(self, *names: str) -> AbstractContextManager[None]:
        """A transaction, or the rest of the one under way, that nobody else has at the same time under these names.

        Whoever names several at once waits for nobody in a circle.
        """
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """A transaction that begins when all others that write have ended, and while which none begins."""
        ...

    def create_table(
        self, name: str, columns: Mapping[str, type], *, key: str | Sequence[str], required: Sequence[str] = ()
    ) -> None:
        """Make a table. An `int` key called "id" counts up by itself and never gives a number twice."""
        ...

    def create_index(self, table: str, columns: Sequence[str], *, unique: bool = False) -> None:
        """Make an index."""
        ...

    def tables(self) -> Sequence[str]:
        """The tables' names."""
        ...

    def columns(self, table: str) -> Mapping[str, int]:
        """A table's columns in order, each with its place in the key: from 1, or 0 for none."""
        ...

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows as they are. Numbers that count up by themselves go on after those of the rows."""
        ...

    def counters(self) -> Mapping[str, int]:
        """The last number that each table whose "id" counts up by itself has given, kept or not."""
        ...

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Let each of these tables go on after that number, or after its own where that is higher."""
        ...

    def size(self) -> int:
        """How many bytes it takes."""
        ...

    @property
    def within(self) -> bool:
        """Whether a transaction is under way."""
        ...

    def version(self) -> str:
        """What it is, and of which version."""
        ...

    def faults(self) -> Sequence[str]:
        """What the database finds wrong with itself; nothing where it is sound."""
        ...

    def back_up(self, file: Path) -> None:
        """Write all of it as it stands at one moment into `file`, a new SQLite database, while others go on."""
        ...

    def replace_with(self, file: Path, shut: Callable[[], None]) -> None:
        """All of it becomes what is in the SQLite database `file`, at once, for every process that has it open.

        `shut` is called when nobody else can write any more, and before anything is changed for them: whatever it
        raises leaves all as it was.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
