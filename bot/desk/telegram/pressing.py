"""What a button under a message does. One that no longer fits changes nothing, and says why."""

import datetime
from collections.abc import Callable, Mapping

import msgspec

from bot.desk.permissions import require
from bot.desk.steps import NEXT
from bot.desk.telegram import cards, lists, outputs, pending, questions
from bot.desk.telegram.messages import Button, Content, Say
from bot.desk.telegram.scene import Scene
from conversations.registrations import Status

DAYS = (3, 7, 14, 30)
"""Offered for the next follow-up, beside tomorrow."""


def press(scene: Scene) -> list[Content]:
    """What the pressed button comes to.

    Raises:
        Refused: it may not be done, or cannot be.

    """
    name, _, rest = scene.heard.data.partition(":")
    action = ACTIONS.get(name)
    try:
        told = action(scene, rest) if action else None
    except (ValueError, msgspec.ValidationError):
        told = None
    return told or [Say(scene.say("old_button"))]


def _claim(scene: Scene, receipt: str) -> list[Content]:
    scene.at.desk.claim(scene.who, receipt)
    return _changed(scene, receipt, scene.at.telling.say("claimed", receipt=receipt))


def _release(scene: Scene, receipt: str) -> list[Content]:
    scene.at.desk.release(scene.who, receipt)
    return _changed(scene, receipt, scene.at.telling.say("released", receipt=receipt))


def _show(scene: Scene, receipt: str) -> list[Content]:
    return [shown(scene, receipt)]


def shown(scene: Scene, receipt: str) -> Say:
    """A lead, masked, with what happened to it."""
    lead, events = scene.at.desk.show(scene.who, receipt)
    linked = scene.at.desk.linked(scene.who, receipt)
    return cards.whole(lead, events, linked, scene.who, scene.at.telling, scene.at.words)


def _note(scene: Scene, receipt: str) -> list[Content]:
    return [Say(pending.ask(scene, "note", receipt))]


def _reveal(scene: Scene, receipt: str) -> list[Content]:
    return [Say(pending.ask(scene, "reveal", receipt))]


def _answer(scene: Scene, number: str) -> list[Content]:
    return [Say(pending.ask(scene, "answer", number))]


def _due(scene: Scene, rest: str) -> list[Content]:
    receipt, _, chosen = rest.partition(":")
    if not chosen:
        return [Say(pending.ask(scene, "due", receipt), _days(scene, receipt))]
    day = None if chosen == "none" else datetime.date.fromisoformat(chosen)
    scene.at.desk.set_due(scene.who, receipt, day)
    pending.drop(scene)
    if day is None:
        return _changed(scene, receipt, scene.say("due_gone", receipt=receipt))
    return _changed(scene, receipt, scene.at.telling.say("due_set", receipt=receipt, day=day.isoformat()))


def _days(scene: Scene, receipt: str) -> tuple[tuple[Button, ...], ...]:
    def button(days: int) -> Button:
        day = (scene.today + datetime.timedelta(days=days)).isoformat()
        key = "days" if days > 1 else "tomorrow"
        return scene.button(key, f"due:{receipt}:{day}", day=day, **({"days": str(days)} if days > 1 else {}))

    offered = [button(1), *(button(days) for days in DAYS), scene.button("no_due", f"due:{receipt}:none")]
    return lists.in_rows(offered)


def _status(scene: Scene, rest: str) -> list[Content]:
    receipt, _, chosen = rest.partition(":")
    terms = scene.at.names.terms
    if chosen:
        status = msgspec.convert(chosen, Status)
        scene.at.desk.set_status(scene.who, receipt, status)
        told = scene.at.telling.say("status_changed", receipt=receipt, status=terms.status[status])
        return _changed(scene, receipt, told)
    require(scene.who, "status")
    lead, _ = scene.at.desk.show(scene.who, receipt)
    choices = [Button(terms.status[after], f"status:{receipt}:{after}") for after in NEXT[lead.status]]
    choices.append(scene.button("back", f"show:{receipt}"))
    asked = scene.say("status_ask", receipt=receipt, status=terms.status[lead.status])
    return [Say(asked, lists.in_rows(choices))]


def _changed(scene: Scene, receipt: str, told: str) -> list[Content]:
    """What was done, and the lead as it is now, in the place of the message with the button."""
    lead, _ = scene.at.desk.show(scene.who, receipt)
    now = cards.card(lead, scene.who, scene.at.telling, scene.at.words)
    return [msgspec.structs.replace(now, edits=scene.heard.message), Say(told)]


def _unlink(scene: Scene, _: str) -> list[Content]:
    scene.at.accounts.unlink(scene.who)
    return [Say(scene.say("unlinked"))]


def _no(scene: Scene, _: str) -> list[Content]:
    return [Say(scene.say("cancelled"), edits=scene.heard.message)]


ACTIONS: Mapping[str, Callable[[Scene, str], list[Content]]] = {
    "claim": _claim,
    "release": _release,
    "show": _show,
    "note": _note,
    "reveal": _reveal,
    "due": _due,
    "answer": _answer,
    "end": questions.end,
    "status": _status,
    "list": lists.turned,
    "pick": lists.picking,
    "chart": outputs.chart,
    "export": outputs.export,
    "unlink": _unlink,
    "no": _no,
}
