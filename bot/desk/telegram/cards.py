"""One registration as a message: its card, masked or in clear, with what can be done."""

from collections.abc import Sequence

from bot.desk.models import Caseworker, Filter, Lead, LeadEvent
from bot.desk.permissions import ALLOWED
from bot.desk.telegram.messages import Button, New, Rows, Say
from bot.desk.telegram.scene import Counter
from bot.desk.telegram.words import Words
from bot.desk.telling import Telling
from bot.store.leads import ENDED

LONGEST = 3500
"""Characters of a message, with room below Telegram's 4096."""


def card(lead: Lead, who: Caseworker, telling: Telling, words: Words, *heading: str) -> Say:
    """A lead as it is given, with the buttons that the caseworker may use now."""
    return Say("\n".join([*heading, *telling.card(lead)]), buttons(lead, who, words))


def new(at: Counter, told: New) -> Say | None:
    """A new registration's masked card; None if it is not there any more, or not in the caseworker's place.

    Raises:
        Refused: the account may see none.

    """
    who = at.accounts.get(told.caseworker)
    found = at.desk.page(who, Filter(query=told.receipt), 1)
    return card(found[0], who, at.telling, at.words, at.words.say("new")) if found else None


def whole(
    lead: Lead,
    events: Sequence[LeadEvent],
    linked: Sequence[Lead],
    who: Caseworker,
    telling: Telling,
    words: Words,
) -> Say:
    """A lead as it is given with what happened to it, the last of it if there is too much for a message."""
    lines = list(telling.card(lead))
    if linked:
        lines.append(telling.say("linked", value=telling.names.joined(other.receipt for other in linked)))
    told: list[str] = []
    room = LONGEST - sum(len(line) + 1 for line in lines)
    for event in reversed(events):
        line = telling.event(event)
        room -= len(line) + 1
        if room < 0:
            told.append(words.say("more_before"))
            break
        told.append(line)
    return Say("\n".join([*lines, *reversed(told)]), buttons(lead, who, words))


def buttons(lead: Lead, who: Caseworker, words: Words) -> Rows:
    """What the caseworker may do with the lead as it is now."""
    allowed, open_ = ALLOWED[who.role], lead.status not in ENDED

    def button(key: str) -> Button:
        return Button(words.say(f"button_{key}"), f"{key}:{lead.receipt}")

    first: list[Button] = []
    if "claim" in allowed and open_ and lead.claimed_by is None:
        first.append(button("claim"))
    if "release" in allowed and lead.claimed_by and (lead.claimed_by == who.name or who.role == "admin"):
        first.append(button("release"))
    first.append(button("show"))
    second = [button("note")] if "note" in allowed else []
    if "status" in allowed and lead.status != "withdrawn":
        second.append(button("status"))
    third = [button("due")] if "due" in allowed and open_ else []
    if "reveal" in allowed:
        third.append(button("reveal"))
    return tuple(tuple(row) for row in (first, second, third) if row)
