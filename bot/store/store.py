"""The store: all that is kept, in one database, so that a turn is one transaction."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from bot.settings import Settings
from bot.store.access_log import AccessLog
from bot.store.api_tokens import ApiTokens
from bot.store.base import Database, NoStore
from bot.store.credentials import Credentials
from bot.store.desk_chats import DeskChats
from bot.store.desk_links import DeskLinks
from bot.store.desk_sessions import DeskSessions
from bot.store.handovers import Handovers
from bot.store.leads import Leads
from bot.store.leases import Leases
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
        database.begun = keys.refresh
        keys.within = lambda: database.within
        rows = Rows(keys, self._hasher)
        self.turns = Turns(database, keys)
        self.registrations = Registrations(database, keys, rows)
        self.leads = Leads(database, keys, rows)
        self.ledger = Ledger(database)
        self.outbox = Outbox(database, keys)
        self.recipients = Recipients(database, keys)
        self.staff = Staff(database, self._hasher)
        self.access_log = AccessLog(database, keys)
        self.credentials = Credentials(database, keys)
        self.desk_sessions = DeskSessions(database, keys, self._hasher)
        self.api_tokens = ApiTokens(database, self._hasher)
        self.transcripts = Transcripts(database, keys)
        self.web_sessions = WebSessions(database, self._hasher)
        self.desk_links = DeskLinks(database, keys)
        self.desk_chats = DeskChats(database, keys)
        self.handovers = Handovers(database, keys)
        self.leases = Leases(database)

    def sender(self, channel: str, user: str) -> str:
        """The keyed hash by which a user of a channel is named."""
        return self._hasher.hash("sender", f"{channel}:{user}")

    def writing(self) -> AbstractContextManager[None]:
        """A transaction: all of it is kept, or nothing."""
        return self.database.writing()

    def part(self) -> AbstractContextManager[None]:
        """A part of the transaction under way that can fail by itself; a transaction where none is."""
        return self.database.part()

    def alone(self, *names: str) -> AbstractContextManager[None]:
        """A transaction that nobody else has at the same time under any of these names.

        Turns are kept under the sender's: one that others keep coming before shuts them out so.
        """
        return self.database.alone(*names)

    def close(self) -> None:
        """Let go of it."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(settings: Settings) -> Database:
    """The database that the settings name, made if it is one in a folder and not there; nothing is put into it.

    Raises:
        StoreError: it cannot be used.

    """
    if settings.database_url is None:
        return SqliteDatabase(settings.data_dir)
    # Only who has set it pays for loading it.
    from bot.store.postgres import PostgresDatabase

    return PostgresDatabase(settings.database_url)


def open_store(settings: Settings) -> Store:
    """The store that the settings name, made if it is not there.

    Raises:
        BadKeys: the keys do not open what is stored.
        StoreError: it cannot be used.

    """
    return _store(open_database(settings), settings)


def open_existing(settings: Settings) -> Store:
    """The store that the settings name, as `open_store` does; nothing is made where there is none.

    Raises:
        NoStore: there is none.
        BadKeys, StoreError: as `open_store`.

    """
    if settings.database_url is None and not (settings.data_dir / FILE).exists():
        raise NoStore(settings.data_dir)
    database = open_database(settings)
    if "migrations" not in database.tables():
        database.close()
        raise NoStore(database.place)
    return _store(database, settings)


def _store(database: Database, settings: Settings) -> Store:
    try:
        return Store(database, Keyring(settings.data_dir, settings.data_keys))
    except BaseException:
        database.close()
        raise
