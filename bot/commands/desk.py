"""What the commands of the desk share: who is at it, the store, and how a refusal is told."""

import contextlib
import datetime
import sys
from collections.abc import Iterator

import msgspec

from bot.commands.output import REFUSED, fail
from bot.desk.accounts import OPERATOR, Accounts
from bot.desk.leads import Desk
from bot.desk.models import Caseworker
from bot.desk.names import load_names
from bot.desk.permissions import Refused
from bot.desk.telling import Telling
from bot.settings import Settings, load_settings
from bot.store.store import Store, open_existing, open_store


class AtDesk(msgspec.Struct, frozen=True):
    """A caseworker at the desk."""

    who: Caseworker
    desk: Desk
    accounts: Accounts
    store: Store
    telling: Telling
    settings: Settings

    @property
    def today(self) -> datetime.date:
        """The day in China."""
        return self.settings.today


@contextlib.contextmanager
def at_desk(name: str | None, *, as_json: bool = False, make: bool = False) -> Iterator[AtDesk]:
    """The desk, for the account of that `name` (default: the operator, who may read the data folder anyway).

    What is refused is told and ends the command. With `make` a store is made where there is none.

    Raises:
        BadKeys, StoreError: the store cannot be used.

    """
    settings = load_settings()
    names = load_names()
    telling = Telling(names)
    with (open_store if make else open_existing)(settings) as store:
        accounts = Accounts(store, names.gazetteer, settings.now)
        try:
            who = accounts.get(name) if name else OPERATOR
            yield AtDesk(who, Desk(store, names, settings.now), accounts, store, telling, settings)
        except Refused as refused:
            fail(refused.code, telling.refusal(refused), as_json=as_json)
            sys.exit(REFUSED)
