"""One turn: has the message been handled? — load — advance — keep, in one transaction — and only then deliver.

A message delivered twice gets the same replies and changes nothing. Two messages of one person that meet are handled
one after the other: the later one finds the session changed and begins again with the new one.
"""

import contextlib
import datetime
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from bot.desk.notify import offices, tell_of_handover, tell_of_new
from bot.json_forms import passage_json, verdict_json
from bot.pushing import WAYS
from bot.store.base import KeptSession, StaleSession
from bot.store.outbox import MOST, Letter
from bot.store.registrations import PERSON, new_receipt
from bot.store.store import Store
from conversations.dialogs.notices import CONSENT as NOTICES
from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import (
    Amended,
    ConsentGiven,
    Erased,
    Event,
    ForgetMessage,
    HandoverAsked,
    HandoverClosed,
    HandoverSaid,
    Incoming,
    Registered,
    Reply,
    Turn,
    Unanswered,
    Withdrawn,
)
from conversations.registrations import Account
from conversations.session import NewerSession, Session, dump_session

TRIES = 3
"""How often a turn may find that another one came first, before it shuts the others out."""


CHAT = "chat"
"""The channel of the terminal and of programs, which hand each reply over themselves."""
Letters = Callable[[Turn], Sequence[Letter]]
"""How a channel that must send writes what a turn comes to."""
Besides = Callable[[Turn], None]
"""What a channel keeps of a turn besides what every channel does."""


class Service:
    """Handles messages with the materials and one store."""

    def __init__(self, materials: Materials, store: Store, now: Callable[[], datetime.datetime]) -> None:
        self.materials = materials
        self.store = store
        self.now = now

    def handle(
        self,
        user: str,
        message_id: str,
        incoming: Incoming,
        channel: str = CHAT,
        letters: Letters | None = None,
        besides: Besides | None = None,
    ) -> list[dict[str, Any]]:
        """The replies to a message, in the JSON form of the contract.

        With `letters`, what they write of a new message's turn is also put in the channel's outbox, and `besides` is
        called with the turn to keep more of it, both in the same transaction.

        Raises:
            StoreError: it cannot be kept; nothing was changed.

        """
        for _ in range(TRIES):
            with contextlib.suppress(StaleSession):
                return self._turn(user, message_id, incoming, channel, letters, besides)
        with self.store.alone(self.store.sender(channel, user)):
            return self._turn(user, message_id, incoming, channel, letters, besides)

    def tell(self, user: str, message_id: str, letters: Sequence[Letter], channel: str) -> None:
        """Answer something that is no turn of the talk with letters, once.

        Raises:
            StoreError: they cannot be kept; nothing was changed.

        """
        store, sender, at = self.store, self.store.sender(channel, user), self.now()
        with store.writing():
            if store.turns.mark(sender, message_id, at):
                store.outbox.owe(channel, sender, letters, at.timestamp(), most=MOST)

    def said(self, user: str, message_id: str, channel: str) -> list[dict[str, Any]] | None:
        """The replies to a message that was handled; None for one that was not.

        Raises:
            StoreError: they cannot be read.

        """
        kept = self.store.turns.replies(self.store.sender(channel, user), message_id)
        return None if kept is None else _said_again(kept, user, message_id)

    def _turn(
        self,
        user: str,
        message_id: str,
        incoming: Incoming,
        channel: str,
        letters: Letters | None,
        besides: Besides | None,
    ) -> list[dict[str, Any]]:
        store, sender = self.store, self.store.sender(channel, user)
        kept = store.turns.replies(sender, message_id)
        if kept is not None:
            return _said_again(kept, user, message_id)
        before = store.turns.session(sender)
        at = self.now()
        account = self._account(sender, channel)
        try:
            turn = advance(before.data if before.data is not None else Session(), incoming, at, self.materials, account)
            after = dump_session(turn.session)
        except NewerSession:
            # Another process is of a newer version already: what it has kept is not for us to change.
            turn, after = Turn(Session(), (Reply(text=self.materials.say("talk.upgrading")),)), before.data or b""
        replies = self._json(user, message_id, turn, at.date())
        encoded = msgspec.json.encode(replies)
        # A turn that others came before is made again; the others that are stored with it are not.
        with store.part():
            store.turns.keep(sender, message_id, KeptSession(after, before.version + 1), encoded, at)
            for event in turn.events:
                self._apply(event, sender, channel, at)
            if any(isinstance(event, Erased) for event in turn.events):
                store.turns.forget(sender, after, encoded)
            if letters:
                store.outbox.owe(channel, sender, letters(turn), at.timestamp(), most=MOST)
            if channel in WAYS:
                self._keep_reachable(sender, channel, user, turn)
            if besides:
                besides(turn)
        return replies

    def _account(self, sender: str, channel: str) -> Account:
        store = self.store
        reachable = channel in WAYS
        handovers = store.handovers.of(sender)
        return Account(
            store.registrations.of(sender),
            new_receipt(),
            reachable,
            offices(store) if reachable else (),
            any(one.state == "open" for one in handovers),
            store.handovers.own(handovers),
        )

    def _keep_reachable(self, sender: str, channel: str, address: str, turn: Turn) -> None:
        """Keep where somebody can be reached who is waiting for an answer, or says whether they want notices."""
        for event in turn.events:
            agreed = isinstance(event, ConsentGiven) and event.consent == NOTICES
            if agreed or isinstance(event, HandoverAsked):
                known = self.store.recipients.get(sender)
                wanted = event.given if isinstance(event, ConsentGiven) else known is not None and known.notices
                self.store.recipients.keep(sender, channel, address, notices=wanted)

    def _apply(self, event: Event, sender: str, channel: str, at: datetime.datetime) -> None:
        """What a turn asks of the store; a registration that is no longer as the turn saw it begins the turn anew."""
        store = self.store
        match event:
            case Unanswered():
                store.ledger.unanswered(event, at.date())
            case ConsentGiven():
                store.ledger.consent(sender, event, at, channel)
            case Registered():
                store.registrations.add(sender, event.receipt, event.said, at, channel)
                tell_of_new(store, event.receipt, event.said.region, at)
            case Amended():
                store.registrations.amend(sender, event.receipt, event.said, at)
            case Withdrawn():
                store.registrations.withdraw(sender, event.receipt, at)
            case Erased():
                store.registrations.erase(sender, at)
                store.ledger.forget(sender)
                store.transcripts.forget(sender)
                store.handovers.forget(sender)
                store.recipients.forget(sender)
                store.outbox.drop(channel, sender)
            case HandoverAsked():
                tell_of_handover(store, store.handovers.begin(sender, event.region, event.words, at), at)
            case HandoverSaid():
                handover = store.handovers.still_open(sender)
                store.handovers.say(handover, PERSON, event.words, at)
                tell_of_handover(store, handover, at)
            case HandoverClosed():
                handover = store.handovers.still_open(sender)
                store.handovers.close(handover, at)
                tell_of_handover(store, handover, at)
            case ForgetMessage():
                pass  # the channel's

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


def _said_again(kept: bytes, user: str, message_id: str) -> list[dict[str, Any]]:
    """Replies that were kept, to the message that came again (what was deleted is answered by the last ones)."""
    replies = msgspec.json.decode(kept, type=list[dict[str, Any]])
    return [{**reply, "user": user, "in_reply_to": message_id} for reply in replies]
