"""Telling caseworkers, in the transaction in which something happens, of what concerns their place."""

import datetime

from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.permissions import covers
from bot.desk.telegram.messages import New, letter
from bot.store.store import Store


def tell_of_new(store: Store, receipt: str, region: str, at: datetime.datetime) -> None:
    """Owe a new registration's card to everybody who works on the desk bot for its place."""
    for link, who in store.desk_links.reachable():
        if covers(who, region):
            told = letter(link.address, New(who.name, receipt))
            store.outbox.owe(DESK_TELEGRAM, link.user, [told], at.timestamp())
