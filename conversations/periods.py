"""That a document's period is over or has not begun, what came after it, and whom to ask: wherever it is quoted."""

import datetime
from collections.abc import Iterable, Iterator

from conversations.wording import Wording
from knowledge.models import Card


def periods(cards: Iterable[Card], day: datetime.date, say: Wording) -> Iterator[str]:
    """The notices on those of `cards` that are not in force on `day`; nothing is said twice."""
    cards = list(dict.fromkeys(cards))
    for card in cards:
        if day < card.in_force_from:
            yield say("common.not_yet", label=card.short_title, day=say.day(card.in_force_from))
    over = [card for card in cards if day > card.in_force_to]
    ends = sorted({card.in_force_to for card in over})
    lines = [
        say("common.lapsed", labels=_labels(c for c in over if c.in_force_to == end), day=say.day(end)) for end in ends
    ]
    lines += [line for card in over for line in after(card, say)]
    yield from dict.fromkeys(lines)
    if over:
        yield say("common.ask_first")


def over_in_short(cards: Iterable[Card], day: datetime.date, say: Wording) -> Iterator[str]:
    """The same in one line, where it was said in full before."""
    labels = _labels(card for card in cards if day > card.in_force_to)
    if labels:
        yield say("common.lapsed_again", labels=labels)


def _labels(cards: Iterable[Card]) -> str:
    return "、".join(dict.fromkeys(card.short_title for card in cards))


def after(card: Card, say: Wording) -> Iterator[str]:
    """What came after the card's document, as publicly reported."""
    successor = card.successor
    if successor is None or not successor.own:
        yield say("common.no_own_successor")
    if successor is not None:
        year, month = successor.issued.split("-")[:2]
        number = say("common.successor_number", number=successor.number) if successor.number else ""
        yield say("common.successor", place=successor.place, year=year, month=str(int(month)), number=number)
