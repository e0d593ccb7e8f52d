"""Lists of leads, page by page in one message."""

from typing import Literal

import msgspec

from bot.desk.models import Filter
from bot.desk.telegram.choosing import STATUSES, BadWords, in_words, packed, read, unpacked
from bot.desk.telegram.messages import Button, Content, Rows, Say
from bot.desk.telegram.scene import Scene

Kind = Literal["leads", "mine", "due"]
PAGE = 5
FOUND = 20
"""How many a search shows."""
ACROSS = 2
"""Buttons in a row."""


def narrowed(scene: Scene, kind: Kind, wanted: Filter) -> Filter:
    """`wanted` as far as the list of this kind holds it: one's own, those that are due."""
    own = {"claimed_by": scene.who.name, "open": True}
    if kind == "mine":
        return msgspec.structs.replace(wanted, **own)
    if kind == "due":
        return msgspec.structs.replace(wanted, **own, due_by=scene.today.isoformat())
    return wanted


def typed(scene: Scene, kind: Kind, words: str) -> list[Content]:
    """The first page of what words choose."""
    try:
        wanted = read(words, scene.at.names, scene.who.region)
    except BadWords as bad:
        return [Say(scene.say("bad_words", words=str(bad)))]
    return [page(scene, kind, wanted)]


def page(scene: Scene, kind: Kind, wanted: Filter, before: str | None = None, edits: int | None = None) -> Say:
    """A page: the leads after the receipt `before`."""
    at, all_ = scene.at, narrowed(scene, kind, wanted)
    found = at.desk.page(scene.who, all_, PAGE + 1, before)
    shown = found[:PAGE]
    lines = [scene.say(f"list_{kind}", count=str(at.desk.count(scene.who, all_)))]
    if chosen := at.names.joined(in_words(wanted, at.names, at.words)):
        lines.append(scene.say("filtered", words=chosen))
    buttons: list[tuple[Button, ...]] = []
    for number, lead in enumerate(shown, 1):
        lines.append(scene.say("numbered", number=str(number), line=at.telling.line(lead)))
        label = {"number": str(number), "receipt": lead.receipt, "name": lead.said.call_name}
        buttons.append((scene.button("lead", f"show:{lead.receipt}", **label),))
    if not shown:
        lines.append(scene.say("list_none"))
    key = packed(wanted, at.names)
    turning = [scene.button("first", f"list:{kind}::{key}")] if before else []
    if len(found) > PAGE:
        turning.append(scene.button("next", f"list:{kind}:{shown[-1].receipt}:{key}"))
    buttons += [tuple(turning)] if turning else []
    buttons.append((scene.button("filter", f"pick:{kind}::{key}"),))
    return Say("\n".join(lines), tuple(buttons), edits)


def turned(scene: Scene, rest: str) -> list[Content]:
    """The page that a button wants, in the place of the one that it is under."""
    kind, before, wanted = _unpacked(scene, rest)
    return [page(scene, kind, wanted, before, scene.heard.message)]


def picking(scene: Scene, rest: str) -> list[Content]:
    """The same page with the statuses to choose from."""
    kind, _, wanted = _unpacked(scene, rest)
    shown = page(scene, kind, wanted, None, scene.heard.message)

    def choice(label: str, status: str | None) -> Button:
        key = packed(msgspec.structs.replace(wanted, status=status), scene.at.names)
        return Button(label, f"list:{kind}::{key}")

    choices = [choice(scene.at.names.terms.status[status], status) for status in STATUSES]
    choices.append(choice(scene.say("button_all"), None))
    return [msgspec.structs.replace(shown, buttons=in_rows(choices))]


def in_rows(buttons: list[Button]) -> Rows:
    """Buttons two by two."""
    return tuple(tuple(buttons[start : start + ACROSS]) for start in range(0, len(buttons), ACROSS))


def search(scene: Scene, query: str) -> list[Content]:
    """Those of a receipt, a phone number or a name."""
    if not query:
        return [Say(scene.say("find_how"))]
    at, wanted = scene.at, Filter(query=query)
    found = at.desk.page(scene.who, wanted, FOUND)
    if not found:
        return [Say(scene.say("find_none"))]
    lines = [scene.say("numbered", number=str(n), line=at.telling.line(lead)) for n, lead in enumerate(found, 1)]
    count = at.desk.count(scene.who, wanted)
    if count > len(found):
        lines.insert(0, scene.say("find_many", count=str(count), shown=str(len(found))))
    buttons = tuple(
        (scene.button("lead", f"show:{lead.receipt}", number=str(n), receipt=lead.receipt, name=lead.said.call_name),)
        for n, lead in enumerate(found, 1)
    )
    return [Say("\n".join(lines), buttons)]


def _unpacked(scene: Scene, rest: str) -> tuple[Kind, str | None, Filter]:
    kind, before, key = rest.split(":", 2)
    return msgspec.convert(kind, Kind), before or None, unpacked(key, scene.at.names)
