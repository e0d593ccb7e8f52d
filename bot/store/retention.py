"""What is kept for a set time only (domain checklist, 11): nothing of a person stays because nobody thought of it."""

import datetime
import time

import msgspec

from bot.store.base import Database
from bot.store.copying import key_of
from bot.store.handovers import forget_where
from bot.store.registrations import erase_where
from bot.store.rotation import BATCH, PAUSE_SECONDS
from bot.store.rows import utc
from bot.store.schema import rows_in_order
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

    Others go on meanwhile: no transaction lasts long.

    Raises:
        StoreError: it cannot be written; what was removed before stays so, and the rest goes the next time.

    """
    database = store.database
    return Expired(
        sessions=_remove(database, "sessions", "at < ?", utc(now - IDLE_SESSION)),
        transcripts=_remove(database, "transcripts", FORGOTTEN.format("transcripts")),
        turns=_remove(database, "turns", f"at < ? AND {UNSHOWN}", utc(now - TURN)),
        registrations=erase_where(database, "expires <= ?", (utc(now),), utc(now)),
        unanswered=_remove(database, "unanswered", "day < ?", (now - QUESTION).date().isoformat()),
        outbox=_remove(database, "outbox", "owed < ?", (now - LETTER).timestamp()),
        consents=_remove(database, "consents", UNKNOWN.format("consents")),
        recipients=_remove(database, "recipients", UNKNOWN.format("recipients")),
        handovers=_forget_handovers(database, utc(now - HANDOVER)),
    )


def _remove(database: Database, table: str, condition: str, *values: object) -> int:
    """Delete the rows on a condition, so many a transaction; how many there were."""
    key, number = key_of(database, table), 0
    statement = f"DELETE FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in key)} AND {condition}"
    for rows in rows_in_order(database, table, key, key, BATCH, condition, values):
        with database.writing():
            # Each is looked at again: it may have changed since it was found.
            number += sum(database.execute(statement, (*row.values(), *values)) for row in rows)
        time.sleep(PAUSE_SECONDS)
    return number


def _forget_handovers(database: Database, before: str) -> int:
    with database.writing():
        return forget_where(database, "at < ?", (before,))
