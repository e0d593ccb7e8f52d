"""What the store holds of people after a run."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bot.channels.web.forgetting import CHANNEL
from bot.store.store import Store
from conversations.registrations import OwnRegistration
from tests.faults.stories import Story

TABLES = ("sessions", "turns", "transcripts", "registrations", "web_sessions")


class Kept(msgspec.Struct, frozen=True):
    """Of one person. Turns are by the numbers of their messages; those of no message that they sent are `strange`."""

    version: int
    turns: Mapping[int, tuple[datetime.datetime, Sequence[Mapping[str, Any]]]]
    strange: int
    shown: Sequence[tuple[int, int | None]]
    """The positions of the transcript in order, each with its message; None for one that they did not send."""
    registrations: Sequence[OwnRegistration]
    by_phone: Sequence[str]
    """The receipts of all registrations, whoever's, that have the person's phone."""


def kept_of(store: Store, story: Story, began: datetime.datetime) -> Kept | None:
    """What is kept of a person; None if the store does not know them."""
    person = store.web_sessions.person(story.token, began) if story.token else None
    if person is None:
        return None
    sender, database = store.sender(CHANNEL, person), store.database
    message_ids = {_message_id(store, story, number): number for number in range(len(story.sent))}
    turns = database.query("SELECT message_id, at, sealed FROM turns WHERE sender = ?", (sender,))
    shown = database.query("SELECT position, message_id FROM transcripts WHERE sender = ? ORDER BY position", (sender,))
    phones = database.query(
        "SELECT receipt FROM registrations WHERE phone_hash = ?", (store._hasher.hash("phone", story.phone),)
    )
    return Kept(
        version=store.turns.session(sender).version,
        turns={
            message_ids[row["message_id"]]: (
                datetime.datetime.fromisoformat(row["at"]),
                msgspec.json.decode(store.keys.unseal(row["sealed"])),
            )
            for row in turns
            if row["message_id"] in message_ids
        },
        strange=sum(row["message_id"] not in message_ids for row in turns),
        shown=[(row["position"], message_ids.get(row["message_id"])) for row in shown],
        registrations=store.registrations.of(sender),
        by_phone=[row["receipt"] for row in phones],
    )


def _message_id(store: Store, story: Story, number: int) -> str:
    sent = story.sent[number]
    content = msgspec.json.encode((sent.line.text, sent.line.choice, sent.line.fact)).decode()
    return store.web_sessions.message_id(story.token, sent.nonce, content)


def senders(store: Store, table: str) -> int:
    """How many people something is kept of in one of TABLES."""
    column = "person" if table == "web_sessions" else "sender"
    (row,) = store.database.query(f"SELECT count(DISTINCT {column}) AS n FROM {table}")
    return int(row["n"])
