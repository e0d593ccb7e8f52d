"""One turn: has the message been handled? — load — advance — keep, in one transaction — and only then deliver.

A message delivered twice gets the same replies and changes nothing. Two messages of one person that meet are handled
one after the other: the later one finds the session changed and begins again with the new one.
"""

import contextlib
import datetime
from collections.abc import Callable
from typing import Any

import msgspec

from bot.json_forms import passage_json, verdict_json
from bot.store.base import KeptSession, StaleSession, Store
from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Incoming, Reply, Turn
from conversations.session import Session, dump_session

TRIES = 3
"""How often a turn may find that another one came first, before it shuts the others out."""


class Service:
    """Handles messages with the materials and one store."""

    def __init__(self, materials: Materials, store: Store, now: Callable[[], datetime.datetime]) -> None:
        self.materials = materials
        self.store = store
        self.now = now

    def handle(self, user: str, message_id: str, incoming: Incoming) -> list[dict[str, Any]]:
        """The replies to a message, in the JSON form of the contract.

        Raises:
            StoreError: it cannot be kept; nothing was changed.

        """
        for _ in range(TRIES):
            with contextlib.suppress(StaleSession):
                return self._turn(user, message_id, incoming)
        with self.store.alone(user):
            return self._turn(user, message_id, incoming)

    def _turn(self, user: str, message_id: str, incoming: Incoming) -> list[dict[str, Any]]:
        kept = self.store.replies(user, message_id)
        if kept is not None:
            return msgspec.json.decode(kept, type=list[dict[str, Any]])
        before = self.store.session(user)
        at = self.now()
        turn = advance(before.data if before.data is not None else Session(), incoming, at, self.materials)
        replies = self._json(user, message_id, turn, at.date())
        after = KeptSession(dump_session(turn.session), before.version + 1)
        self.store.keep_turn(user, message_id, after, msgspec.json.encode(replies), at)
        return replies

    def _json(self, user: str, message_id: str, turn: Turn, day: datetime.date) -> list[dict[str, Any]]:
        region = str(turn.session.facts.get("region", ""))
        rows = [self._reply_json(reply, region, day) for reply in turn.replies]
        return [
            {"user": user, "in_reply_to": message_id, **row, "done": number == len(rows)}
            for number, row in enumerate(rows, 1)
        ]

    def _reply_json(self, reply: Reply, region: str, day: datetime.date) -> dict[str, Any]:
        materials = self.materials
        ask = reply.ask
        return {
            "text": reply.text,
            "ask": {"fact": ask.fact, "options": [{"value": o.value, "label": o.label} for o in ask.options]}
            if ask
            else None,
            "verdicts": None
            if reply.verdicts is None
            else [verdict_json(materials.catalogue, verdict, region, day) for verdict in reply.verdicts],
            "passages": None
            if reply.passages is None
            else [passage_json(materials.knowledge, passage, day) for passage in reply.passages],
            "receipt": reply.receipt,
        }
