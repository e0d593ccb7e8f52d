"""Telling a person something unasked, in the channel in which they can be reached."""

import datetime
from collections.abc import Callable, Mapping

import msgspec

from bot.store.outbox import Letter
from bot.store.recipients import Recipient
from bot.store.store import Store

Way = Callable[[Store, Recipient, str, datetime.datetime], None]


def _by_telegram(store: Store, to: Recipient, text: str, at: datetime.datetime) -> None:
    content = msgspec.Raw(msgspec.json.encode({"method": "sendMessage", "text": text}))
    store.outbox.owe(to.channel, to.sender, [Letter(to.address, content, lasting=True)], at.timestamp())


def _on_the_page(store: Store, to: Recipient, text: str, at: datetime.datetime) -> None:
    """It is there when the page is next looked at."""
    store.transcripts.tell(to.sender, text)


WAYS: Mapping[str, Way] = {"telegram": _by_telegram, "web": _on_the_page}
"""How each channel that can push does it."""


def push(store: Store, sender: str, text: str, at: datetime.datetime) -> bool:
    """Tell a person (keyed hash) a text; False where they cannot be reached, or do not want to."""
    found = store.recipients.get(sender)
    if found is None or found.blocked or found.channel not in WAYS:
        return False
    WAYS[found.channel](store, found, text, at)
    return True
