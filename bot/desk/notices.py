"""Telling a person that their registration moves on, if they asked for it: in the transaction in which it does."""

import datetime
import functools
from typing import Literal

from bot.desk.wording import load_words
from bot.pushing import push
from bot.store.store import Store
from conversations.registrations import Status
from conversations.understanding.contact import spaced_receipt
from conversations.wording import Wording


@functools.cache
def load_people_words() -> Wording:
    """What the desk says to people.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return Wording(load_words("people", dict[str, str]))


def tell_of_progress(store: Store, receipt: str, step: Status | Literal["claimed"], at: datetime.datetime) -> None:
    """Owe the sender of a registration the news, where they want it and can be reached."""
    sender = store.registrations.sender(receipt)
    recipient = store.recipients.get(sender) if sender else None
    if sender is None or recipient is None or not recipient.notices:
        return
    say = load_people_words()
    what = say("ended" if step == "closed" else step)
    push(store, sender, say("notice", receipt=spaced_receipt(receipt), what=what), at)
