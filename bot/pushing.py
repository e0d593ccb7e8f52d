"""Writing to a person unasked, in the channel in which they can be reached."""

import datetime
from collections.abc import Callable, Mapping

import msgspec

from bot.store.outbox import Letter
from bot.store.store import Store


def _telegram(text: str) -> bytes:
    return msgspec.json.encode({"method": "sendMessage", "text": text})


FORMS: Mapping[str, Callable[[str], bytes]] = {"telegram": _telegram}
"""How each channel that can push wants a text in its outbox."""


def push(store: Store, sender: str, text: str, at: datetime.datetime) -> bool:
    """Owe a person (keyed hash) a text; False where they cannot be reached, or do not want to."""
    found = store.recipients.get(sender)
    if found is None or found.blocked or found.channel not in FORMS:
        return False
    letter = Letter(found.address, msgspec.Raw(FORMS[found.channel](text)), lasting=True)
    store.outbox.owe(found.channel, sender, [letter], at.timestamp())
    return True
