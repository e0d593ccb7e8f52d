"""Telling caseworkers, in the transaction in which something happens, of what concerns their place."""

import datetime
from collections.abc import Sequence

from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.models import Caseworker
from bot.desk.permissions import ALLOWED, covers
from bot.desk.telegram.messages import Asked, Content, New, letter
from bot.store.desk_links import Link
from bot.store.handovers import Handover
from bot.store.store import Store


def tell_of_new(store: Store, receipt: str, region: str, at: datetime.datetime) -> None:
    """Owe a new registration's card to everybody who works on the desk bot for its place."""
    for link, who in _concerned(store, region):
        _owe(store, link, New(who.name, receipt), at)


def tell_of_handover(store: Store, handover: Handover, at: datetime.datetime, but: str | None = None) -> None:
    """Owe what was last said in a conversation to who answered it last, else to all who may answer, `but` to one."""
    able = [(link, who) for link, who in _concerned(store, handover.region) if "answer" in ALLOWED[who.role]]
    held = [(link, who) for link, who in able if who.name == handover.caseworker]
    for link, who in held or able:
        if who.name != but:
            _owe(store, link, Asked(who.name, handover.id), at)


def offices(store: Store) -> tuple[str, ...]:
    """The places whose caseworkers answer questions."""
    return store.staff.places([role for role, allowed in ALLOWED.items() if "answer" in allowed])


def _concerned(store: Store, region: str) -> Sequence[tuple[Link, Caseworker]]:
    return [(link, who) for link, who in store.desk_links.reachable() if covers(who, region)]


def _owe(store: Store, link: Link, content: Content, at: datetime.datetime) -> None:
    store.outbox.owe(DESK_TELEGRAM, link.user, [letter(link.address, content)], at.timestamp())
