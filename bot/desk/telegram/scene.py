"""What every answer needs: who is at the desk, what they did, and the desk itself."""

import datetime

import msgspec

from bot.desk.accounts import Accounts
from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.models import Caseworker
from bot.desk.names import Names
from bot.desk.telegram.messages import Button, Heard
from bot.desk.telegram.words import Words
from bot.desk.telling import Telling
from bot.store.store import Store


class Counter(msgspec.Struct, frozen=True):
    """The desk with what serves it: all that an answer asks."""

    store: Store
    desk: Desk
    accounts: Accounts
    handovers: Handovers
    telling: Telling
    words: Words

    @property
    def names(self) -> Names:
        """The names of codes."""
        return self.telling.names


class Scene(msgspec.Struct, frozen=True):
    """A caseworker at the counter, and what they did just now."""

    at: Counter
    who: Caseworker
    heard: Heard
    now: datetime.datetime

    @property
    def today(self) -> datetime.date:
        """The day in China."""
        return self.now.date()

    def say(self, key: str, **values: str) -> str:
        """A sentence of the bot's."""
        return self.at.words.say(key, **values)

    def button(self, key: str, data: str, **values: str) -> Button:
        """A button with the words of `button_{key}`."""
        return Button(self.say(f"button_{key}", **values), data)
