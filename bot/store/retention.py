"""What is kept for a set time only (domain checklist, 11): nothing of a person stays because nobody thought of it."""

import datetime

import msgspec

from bot.store.handovers import forget_where
from bot.store.registrations import erase_where
from bot.store.rows import utc
from bot.store.store import Store

IDLE_SESSION = datetime.timedelta(days=180)
"""After how long without a message a talk is forgotten."""
TURN = datetime.timedelta(days=7)
"""How long the replies to a message are kept for its coming again; no channel tries for more than a day.

Those that a transcript still shows are kept with it.
"""
QUESTION = datetime.timedelta(days=400)
"""How long a question that no text answers is kept: a year's report, and time to write it."""
LETTER = datetime.timedelta(days=7)
"""After how long a message that could not be sent is not worth sending any more."""
HANDOVER = datetime.timedelta(days=90)
"""How long a conversation with caseworkers is kept after its end, or after it began and nobody ended it."""

FORGOTTEN = "NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.sender = {0}.sender)"
"""Of a talk that is forgotten. (With NOT IN, PostgreSQL goes through the whole of a large table for each row.)"""
UNKNOWN = f"{FORGOTTEN} AND NOT EXISTS (SELECT 1 FROM registrations WHERE registrations.sender = {{0}}.sender)"
"""Of somebody of whom nothing else is kept any more."""
UNSHOWN = (
    "NOT EXISTS (SELECT 1 FROM transcripts "
    "WHERE transcripts.sender = turns.sender AND transcripts.message_id = turns.message_id)"
)
"""A turn that no transcript shows; of one person a transcript has few."""


class Expired(msgspec.Struct, frozen=True):
    """How many of each were removed."""

    sessions: int
    turns: int
    registrations: int
    unanswered: int
    outbox: int
    consents: int
    recipients: int
    transcripts: int
    handovers: int


def expire(store: Store, now: datetime.datetime) -> Expired:
    """Remove what has been kept long enough. Registrations leave the backups too, when those are restored.

    Raises:
        StoreError: it cannot be written; nothing was removed.

    """
    database = store.database
    with store.writing():
        return Expired(
            sessions=database.execute("DELETE FROM sessions WHERE at < ?", (utc(now - IDLE_SESSION),)),
            transcripts=database.execute(f"DELETE FROM transcripts WHERE {FORGOTTEN.format('transcripts')}"),
            turns=database.execute(f"DELETE FROM turns WHERE at < ? AND {UNSHOWN}", (utc(now - TURN),)),
            registrations=erase_where(database, "expires <= ?", (utc(now),), utc(now)),
            unanswered=database.execute("DELETE FROM unanswered WHERE day < ?", ((now - QUESTION).date().isoformat(),)),
            outbox=database.execute("DELETE FROM outbox WHERE owed < ?", ((now - LETTER).timestamp(),)),
            consents=database.execute(f"DELETE FROM consents WHERE {UNKNOWN.format('consents')}"),
            recipients=database.execute(f"DELETE FROM recipients WHERE {UNKNOWN.format('recipients')}"),
            handovers=forget_where(database, "at < ?", (utc(now - HANDOVER),)),
        )
