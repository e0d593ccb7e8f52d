"""Charts and exports: asked for here, made when they are sent."""

import msgspec

from bot.desk.charts import charts
from bot.desk.drafts import Drafts
from bot.desk.models import Filter
from bot.desk.permissions import Refused, require
from bot.desk.telegram.choosing import BadWords, packed, read, unpacked
from bot.desk.telegram.lists import in_rows
from bot.desk.telegram.messages import Button, Content, Document, Picture, Say
from bot.desk.telegram.scene import Counter, Scene

LONGEST_CAPTION = 1000
"""Characters below a picture, with room below Telegram's 1024."""
LARGEST = 49 << 20
"""Bytes of a file, with room below Telegram's 50 MB."""
FIRST_CHART = "step"
"""Shown when statistics are asked for: how far the registrations are."""


def statistics(scene: Scene, words: str) -> list[Content]:
    """The numbers of what words choose: a picture, and buttons for others."""
    wanted = _read(scene, words)
    if isinstance(wanted, Say):
        return [wanted]
    require(scene.who, "stats")
    key = packed(wanted, scene.at.names)
    all_ = charts(scene.at.desk.statistics(scene.who, wanted), scene.at.names)
    first = next(one for one in all_ if one.key == FIRST_CHART)
    text = "\n".join([first.alt, *("　".join(row) for row in first.table)])
    others = in_rows([Button(one.title, f"chart:{one.key}:{key}") for one in all_])
    return [Picture(scene.who.name, wanted, FIRST_CHART), Say(text, others)]


def chart(scene: Scene, rest: str) -> list[Content]:
    """Another picture of the same."""
    name, _, key = rest.partition(":")
    require(scene.who, "stats")
    return [Picture(scene.who.name, unpacked(key, scene.at.names), name)]


def ask_export(scene: Scene, words: str) -> list[Content]:
    """Ask whether it is meant: names and phone numbers leave the desk."""
    wanted = _read(scene, words)
    if isinstance(wanted, Say):
        return [wanted]
    require(scene.who, "export")
    count = scene.at.desk.count(scene.who, wanted)
    if not count:
        return [Say(scene.say("export_none"))]
    key = packed(wanted, scene.at.names)
    buttons = ((scene.button("export", f"export:{key}"), scene.button("no", "no:")),)
    return [Say(scene.say("export_sure", count=str(count)), buttons)]


def export(scene: Scene, key: str) -> list[Content]:
    """The file, as it was agreed to."""
    require(scene.who, "export")
    return [Document(scene.who.name, unpacked(key, scene.at.names))]


def _read(scene: Scene, words: str) -> Filter | Say:
    try:
        return read(words, scene.at.names, scene.who.region)
    except BadWords as bad:
        return Say(scene.say("bad_words", words=str(bad)))


class File(msgspec.Struct, frozen=True):
    """A file to send, or a picture: its name, its bytes, and the words below it."""

    name: str
    data: bytes
    caption: str
    picture: bool = False


def drawn(at: Counter, wanted: Picture) -> File | None:
    """The picture, for the account as it is now; None if there is no such chart any more.

    Raises:
        Refused: the account may not see it.

    """
    who = at.accounts.get(wanted.caseworker)
    all_ = charts(at.desk.statistics(who, wanted.wanted), at.names)
    found = next((one for one in all_ if one.key == wanted.chart), None)
    return File(f"{found.key}.png", found.draw("png"), found.alt[:LONGEST_CAPTION], picture=True) if found else None


def exported(at: Counter, wanted: Document, drafts: Drafts, today: str) -> File:
    """The export, for the account as it is now; it is recorded.

    Raises:
        Refused: the account may not have it, or it is too large ("export_large").

    """
    from bot.desk.export import export as write

    who = at.accounts.get(wanted.caseworker)
    with drafts.file() as draft:
        file = draft.with_suffix(".xlsx")
        count = write(at.desk.export(who, wanted.wanted), file, at.names)
        data = file.read_bytes()
    if len(data) > LARGEST:
        raise Refused("export_large")
    say = at.words.say
    return File(say("export_name", day=today), data, say("export_caption", count=str(count)))
