"""The store: all that is kept, in one database, so that a turn is one transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from bot.store.access_log import AccessLog
from bot.store.base import Database, NoStore
from bot.store.desk_chats import DeskChats
from bot.store.desk_links import DeskLinks
from bot.store.handovers import Handovers
from bot.store.leads import Leads
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.recipients import Recipients
from bot.store.registrations import Registrations
from bot.store.rows import Rows
from bot.store.schema import hasher, migrate, sealed_secret
from bot.store.sealing import Keyring
from bot.store.sqlite import FILE, SqliteDatabase
from bot.store.staff import Staff
from bot.store.transcripts import Transcripts
from bot.store.turns import Turns
from bot.store.web_sessions import WebSessions


class Store:
    """The parts of a store over one database, brought to the present schema.

    Raises:
        BadKeys: the keys do not open what is stored.
        StoreError: the database cannot be used.

    """

    def __init__(self, database: Database, keys: Keyring) -> None:
        migrate(database, keys)
        self.database = database
        self.keys = keys
        self._hasher = hasher(database, keys)
        keys.proof = lambda: sealed_secret(database)
        rows = Rows(keys, self._hasher)
        self.turns = Turns(database, keys)
        self.registrations = Registrations(database, keys, rows)
        self.leads = Leads(database, keys, rows)
        self.ledger = Ledger(database)
        self.outbox = Outbox(database, keys)
        self.recipients = Recipients(database, keys)
        self.staff = Staff(database, self._hasher)
        self.access_log = AccessLog(database, keys)
        self.transcripts = Transcripts(database, keys)
        self.web_sessions = WebSessions(database, self._hasher)
        self.desk_links = DeskLinks(database, keys)
        self.desk_chats = DeskChats(database, keys)
        self.handovers = Handovers(database, keys)

    def sender(self, channel: str, user: str) -> str:
        """The keyed hash by which a user of a channel is named."""
        return self._hasher.hash("sender", f"{channel}:{user}")

    def writing(self) -> AbstractContextManager[None]:
        """A transaction: all of it is kept, or nothing."""
        return self.database.writing()

    def alone(self, sender: str) -> AbstractContextManager[None]:
        """While it lasts, nobody else keeps a turn of this person: for a turn that others keep coming before."""
        return self.database.alone(sender)

    def close(self) -> None:
        """Let go of it."""
        self.database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_existing(folder: Path, keys: Sequence[str] = ()) -> Store:
    """The store in `folder`, as `open_store` does; nothing is made where there is none.

    Raises:
        NoStore: there is none.
        BadKeys, StoreError: as `open_store`.

    """
    if not (folder / FILE).exists():
        raise NoStore(folder)
    return open_store(folder, keys)


def open_store(folder: Path, keys: Sequence[str] = ()) -> Store:
    """The store in `folder`, made if it is not there; `keys` are those of ZHUYE_DATA_KEYS, newest first.

    Raises:
        BadKeys: the keys do not open what is stored.
        StoreError: the folder cannot be used.

    """
    database = SqliteDatabase(folder)
    try:
        return Store(database, Keyring(folder, keys))
    except BaseException:
        database.close()
        raise
