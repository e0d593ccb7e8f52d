"""What the caseworker's next message is for: kept in the store, so that no restart loses it."""

import datetime
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from bot.desk.leads import LONGEST_NOTE
from bot.desk.permissions import Refused, require
from bot.desk.telegram import cards, questions
from bot.desk.telegram.choosing import day_in
from bot.desk.telegram.messages import Content, Say
from bot.desk.telegram.scene import Scene

Wanted = Literal["note", "reveal", "due", "answer"]
LASTS = datetime.timedelta(hours=12)
"""After so long a message is no longer taken for what was asked."""


class Pending(msgspec.Struct, frozen=True):
    """A text that is wanted for a lead's receipt or a question's number, and since when."""

    wanted: Wanted
    subject: str
    since: datetime.datetime


def ask(scene: Scene, wanted: Wanted, subject: str) -> str:
    """Let the next message be for this; the question.

    Raises:
        Refused: the caseworker may not do it, or not see the lead or the question.

    """
    require(scene.who, wanted)
    if wanted == "answer":
        scene.at.handovers.show(scene.who, int(subject))
    else:
        scene.at.desk.show(scene.who, subject)
    pending = Pending(wanted, subject, scene.now)
    scene.at.store.desk_chats.wait_for(scene.heard.user, msgspec.json.encode(pending))
    return scene.say(f"{wanted}_ask", subject=subject, longest=str(LONGEST_NOTE))


def asked(scene: Scene) -> Pending | None:
    """What was asked and is still waited for."""
    kept = scene.at.store.desk_chats.waiting_for(scene.heard.user)
    pending = msgspec.json.decode(kept, type=Pending) if kept else None
    return pending if pending and scene.now - pending.since <= LASTS else None


def drop(scene: Scene) -> bool:
    """Wait for nothing any more; whether something was waited for."""
    waited = asked(scene) is not None
    scene.at.store.desk_chats.wait_for(scene.heard.user, None)
    return waited


def take(scene: Scene, pending: Pending) -> list[Content]:
    """Do what the message was wanted for. What is refused can be written again."""
    told = TAKERS[pending.wanted](scene, pending.subject, scene.heard.text.strip())
    scene.at.store.desk_chats.wait_for(scene.heard.user, None)
    return told


def _note(scene: Scene, receipt: str, text: str) -> list[Content]:
    scene.at.desk.note(scene.who, receipt, text)
    return [Say(scene.say("noted", receipt=receipt))]


def _reveal(scene: Scene, receipt: str, text: str) -> list[Content]:
    lead = scene.at.desk.reveal(scene.who, receipt, text)
    lines = [scene.say("revealed"), *scene.at.telling.card(lead)]
    return [Say("\n".join(lines), cards.buttons(lead, scene.who, scene.at.words))]


def _due(scene: Scene, receipt: str, text: str) -> list[Content]:
    try:
        day = day_in(text)
    except ValueError:
        raise Refused("bad_day") from None
    scene.at.desk.set_due(scene.who, receipt, day)
    return [Say(scene.at.telling.say("due_set", receipt=receipt, day=day.isoformat()))]


TAKERS: Mapping[Wanted, Callable[[Scene, str, str], list[Content]]] = {
    "note": _note,
    "reveal": _reveal,
    "due": _due,
    "answer": questions.answer,
}
