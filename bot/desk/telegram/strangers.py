"""Who has no account here: a one-time code lets a caseworker in, everybody else gets one polite line a day."""

import datetime
import re
import unicodedata
from collections.abc import Sequence

from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.permissions import NATION
from bot.desk.telegram.messages import Content, Heard, Say
from bot.desk.telegram.scene import Counter
from bot.store.staff import CODE_DIGITS

CODE = re.compile(rf"(?<!\d)\d{{{CODE_DIGITS}}}(?!\d)")
MOST_TRIES = 5
TRIES_WITHIN = datetime.timedelta(hours=1)


def answer(at: Counter, heard: Heard, now: datetime.datetime) -> Sequence[Content]:
    """What somebody is told who has no account, or a disabled one."""
    text = re.sub(r"(?<=\d)[\s-]+(?=\d)", "", unicodedata.normalize("NFKC", heard.text))
    if code := CODE.search(text):
        return _code(at, heard, code[0], now)
    return _once(at, heard, "stranger", now)


def in_group(at: Counter, heard: Heard, now: datetime.datetime) -> Sequence[Content]:
    """What is said in a group, whoever is there: nothing of the desk."""
    return _once(at, heard, "group", now) if heard.text.startswith("/") else []


def _code(at: Counter, heard: Heard, code: str, now: datetime.datetime) -> Sequence[Content]:
    tries = at.store.desk_chats.try_code(heard.user, now, TRIES_WITHIN)
    if tries > MOST_TRIES:
        return [Say(at.words.say("code_wait"))] if tries == MOST_TRIES + 1 else []
    who = at.accounts.link(code, heard.user, heard.chat)
    if who is None:
        return [Say(at.words.say("code_wrong"))]
    place = at.telling.say("nation") if who.region == NATION else at.names.place(who.region)
    role = at.names.terms.roles[who.role]
    return [Say(at.words.say("linked", name=who.name, role=role, place=place))]


def _once(at: Counter, heard: Heard, key: str, now: datetime.datetime) -> Sequence[Content]:
    chat = at.store.sender(DESK_TELEGRAM, heard.chat)
    return [Say(at.words.say(key))] if at.store.desk_chats.greet_once(chat, now.date()) else []
