"""The caseworkers' bot with a thread and a store of its own, as the settings ask for it."""

import contextlib
from collections.abc import Iterator

from bot.channels.limits import Limits
from bot.channels.telegram.webhook import Hook
from bot.desk.accounts import Accounts
from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.names import load_names
from bot.desk.telegram.channel import DeskTelegram
from bot.desk.telegram.front import Front
from bot.desk.telegram.scene import Counter
from bot.desk.telegram.words import load_telegram_words
from bot.desk.telling import Telling
from bot.ownership import Ownership
from bot.settings import Settings
from bot.store.store import open_store
from bot.worker import Worker


@contextlib.contextmanager
def desk_telegram(
    settings: Settings, ownership: Ownership, hook: Hook | None, limits: Limits | None = None
) -> Iterator[DeskTelegram]:
    """The channel, ready to run.

    Raises:
        BadKeys, StoreError: the store cannot be used.

    """
    front = Worker[Front]("desk", lambda: _front(settings), lambda front: front.at.store.close())
    try:
        yield DeskTelegram(front, ownership, settings, hook, limits)
    finally:
        front.close()


def _front(settings: Settings) -> Front:
    store, names = open_store(settings), load_names()
    at = Counter(
        store,
        Desk(store, names, settings.now),
        Accounts(store, names.gazetteer, settings.now),
        Handovers(store, settings.now),
        Telling(names),
        load_telegram_words(),
    )
    return Front(at, settings.now)
