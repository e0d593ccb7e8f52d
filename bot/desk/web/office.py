"""What the desk's pages work with, in a thread of its own: the store and the operations on it."""

import datetime
from collections.abc import Callable

import msgspec

from bot.desk.accounts import Accounts
from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.logins import Logins
from bot.desk.names import load_names
from bot.desk.passwords import Passwords
from bot.desk.telling import Telling
from bot.settings import Settings
from bot.store.store import Store, open_store
from bot.worker import Worker


class Office(msgspec.Struct, frozen=True):
    """A store, and what is done with it."""

    store: Store
    desk: Desk
    accounts: Accounts
    logins: Logins
    telling: Telling
    now: Callable[[], datetime.datetime]

    @property
    def handovers(self) -> Handovers:
        """What is done with people's questions to a human."""
        return Handovers(self.store, self.now)


OfficeWorker = Worker[Office]


def open_office(settings: Settings) -> Office:
    """An office over the store of the settings.

    Raises:
        BadKeys, StoreError: the store cannot be used.

    """
    store, names = open_store(settings), load_names()
    accounts = Accounts(store, names.gazetteer, settings.now)
    logins = Logins(store, accounts, settings.now, Passwords())
    return Office(store, Desk(store, names, settings.now), accounts, logins, Telling(names), settings.now)


def office_worker(name: str, settings: Settings) -> OfficeWorker:
    """A thread with an office of its own."""
    return OfficeWorker(name, lambda: open_office(settings), lambda office: office.store.close())
