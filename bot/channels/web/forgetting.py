"""What is forgotten of a talk on the chat page: with its session, whether that was ended or nobody came again."""

import datetime

from bot.desk.notify import tell_of_handover
from bot.store.store import Store

CHANNEL = "web"


def forget_expired(store: Store, now: datetime.datetime) -> int:
    """Forget the talks that nobody can continue; how many.

    Raises:
        StoreError: it cannot be written; nothing was forgotten.

    """
    with store.writing():
        people = store.web_sessions.expired(now)
        for person in people:
            forget(store, person, now)
    return len(people)


def forget(store: Store, person: str, now: datetime.datetime) -> None:
    """Nothing of a talk that nobody continues stays; a human who was asked is told that nobody waits any more."""
    sender = store.sender(CHANNEL, person)
    store.transcripts.forget(sender)
    store.turns.drop(sender)
    store.recipients.forget(sender)
    if handover := store.handovers.open_of(sender):
        store.handovers.close(handover, now)
        tell_of_handover(store, handover, now)
