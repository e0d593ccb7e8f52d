"""What caseworkers are told unasked: the day's work in the morning, and in the afternoon what is still overdue.

Once a day each, on working days, in China's time: what was said on a day is kept, so it does not matter when this is
asked or how often, or whether the process was started again in between.
"""

import datetime

import msgspec

from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.models import Caseworker, Filter
from bot.desk.telegram.messages import Button, Say, letter
from bot.desk.telegram.scene import Counter
from conversations.duty import WORKING_DAYS, on_duty

AFTERNOON = datetime.time(14)
"""From when on reminders are sent."""
DAY = datetime.timedelta(days=1)
KEPT = datetime.timedelta(days=7)


def remind(at: Counter, now: datetime.datetime) -> int:
    """Owe what is to be said by now and was not said today; how many messages that is."""
    if not on_duty(now):
        return 0
    owed = 0
    kinds = ["morning", *(["overdue"] if now.time() >= AFTERNOON else [])]
    with at.store.writing():
        at.store.desk_chats.forget_before(now.date() - KEPT)
        for link, who in at.store.desk_links.reachable():
            for kind in kinds:
                if at.store.desk_chats.say_once(who.name, kind, now.date()):
                    told = _digest(at, who, now.date()) if kind == "morning" else _overdue(at, who, now.date())
                    letters = [letter(link.address, told)] if told else []
                    at.store.outbox.owe(DESK_TELEGRAM, link.user, letters, now.timestamp())
                    owed += len(letters)
    return owed


def _digest(at: Counter, who: Caseworker, today: datetime.date) -> Say:
    since = today - DAY
    while since.weekday() >= WORKING_DAYS:
        since -= DAY

    def count(wanted: Filter) -> str:
        return str(at.desk.count(who, wanted))

    own = Filter(claimed_by=who.name, open=True)
    due = at.desk.count(who, msgspec.structs.replace(own, due_by=today.isoformat()))
    overdue = _number_overdue(at, who, today)
    text = at.words.say(
        "morning",
        name=who.name,
        day=today.isoformat(),
        since=since.isoformat(),
        new=count(Filter(since=since.isoformat())),
        waiting=count(Filter(status="registered")),
        mine=count(own),
        today=str(due - overdue),
        overdue=str(overdue),
    )
    buttons = (
        (Button(at.words.say("button_leads"), f"list:leads::::::{since:%Y%m%d}:"),),
        (Button(at.words.say("button_mine"), "list:mine:::::::"),),
        (Button(at.words.say("button_duelist"), "list:due:::::::"),),
    )
    return Say(text, buttons)


def _overdue(at: Counter, who: Caseworker, today: datetime.date) -> Say | None:
    overdue = _number_overdue(at, who, today)
    if not overdue:
        return None
    button = Button(at.words.say("button_duelist"), "list:due:::::::")
    return Say(at.words.say("overdue", count=str(overdue)), ((button,),))


def _number_overdue(at: Counter, who: Caseworker, today: datetime.date) -> int:
    before = (today - DAY).isoformat()
    return at.desk.count(who, Filter(claimed_by=who.name, open=True, due_by=before))
