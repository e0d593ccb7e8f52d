"""An update in, the answers owed: who it is, what they want, all in one transaction."""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import msgspec

from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.models import Caseworker
from bot.desk.permissions import NATION, Refused
from bot.desk.telegram import lists, outputs, pending, pressing, questions, strangers
from bot.desk.telegram.messages import Content, Heard, Say, letter
from bot.desk.telegram.scene import Counter, Scene
from bot.store.store import Store

RECEIPT = re.compile(r"\d{9}")


class Front:
    """Receives updates of the desk bot."""

    def __init__(self, at: Counter, now: Callable[[], datetime.datetime]) -> None:
        self.at = at
        self.now = now

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self.at.store

    def receive(self, heard: Heard) -> None:
        """Do what an update wants and owe the answers; one that comes again does nothing.

        Raises:
            StoreError: it cannot be kept; nothing was changed.

        """
        at, now = self.at, self.now()
        user = at.store.sender(DESK_TELEGRAM, heard.user)
        heard = msgspec.structs.replace(heard, user=user)
        with at.store.writing():
            if not at.store.turns.mark(user, heard.key, now):
                return
            told = self._answer(heard, now)
            # A group is owed what it is told by itself: it is not the person who wrote there.
            to = user if heard.private else at.store.sender(DESK_TELEGRAM, heard.chat)
            at.store.outbox.owe(DESK_TELEGRAM, to, [letter(heard.chat, one) for one in told], now.timestamp())

    def _answer(self, heard: Heard, now: datetime.datetime) -> Sequence[Content]:
        at = self.at
        if heard.kind in ("blocked", "unblocked"):
            blocked = heard.kind == "blocked"
            at.store.desk_links.block(heard.user, blocked=blocked)
            if blocked:
                at.store.outbox.drop(DESK_TELEGRAM, heard.user)
            return []
        if not heard.private:
            return strangers.in_group(at, heard, now)
        who = at.accounts.of_user(heard.user)
        if who is None:
            return strangers.answer(at, heard, now)
        at.store.desk_links.block(heard.user, blocked=False)
        scene = Scene(at, who, heard, now)
        try:
            return _act(scene)
        except Refused as refused:
            return [Say(_refusal(scene, refused))]


def _act(scene: Scene) -> Sequence[Content]:
    heard, words = scene.heard, scene.at.words
    if heard.kind == "button":
        return pressing.press(scene)
    if heard.kind == "other":
        return [Say(scene.say("only_text"))]
    if heard.answers.startswith("answer:"):
        # A reply to a person's question answers it, whatever else was waited for.
        return questions.answer(scene, heard.answers.removeprefix("answer:"), heard.text)
    waited = pending.asked(scene)
    command = words.command(heard.text)
    if command and (not waited or heard.text.lstrip().startswith("/") or command[0] == "cancel"):
        name, rest = command
        if name != "cancel":
            pending.drop(scene)
        return COMMANDS[name](scene, rest)
    if waited:
        return pending.take(scene, waited)
    compact = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", heard.text))
    if RECEIPT.fullmatch(compact):
        return [pressing.shown(scene, compact)]
    return [Say(scene.say("not_understood"))]


def _refusal(scene: Scene, refused: Refused) -> str:
    """Why not, in the desk's words, or in the bot's own for what only it refuses."""
    if refused.code == "bad_day":
        return scene.say(refused.code)
    return scene.at.telling.refusal(refused)


def _start(scene: Scene, _: str) -> list[Content]:
    return [Say(scene.say("welcome", name=scene.who.name))]


def _help(scene: Scene, _: str) -> list[Content]:
    lines = [
        scene.say("help_line", command=name, words=command.words[0], about=command.about)
        for name, command in scene.at.words.commands.items()
    ]
    return [Say(scene.say("help", **in_person(scene.at, scene.who), commands="\n".join(lines)))]


def in_person(at: Counter, who: Caseworker) -> dict[str, str]:
    """Who the caseworker is, in words."""
    place = at.telling.say("nation") if who.region == NATION else at.names.place(who.region)
    return {"name": who.name, "role": at.names.terms.roles[who.role], "place": place}


def _cancel(scene: Scene, _: str) -> list[Content]:
    return [Say(scene.say("cancelled" if pending.drop(scene) else "nothing_to_cancel"))]


def _unlink(scene: Scene, _: str) -> list[Content]:
    return [Say(scene.say("unlink_sure"), ((scene.button("unlink", "unlink:"), scene.button("no", "no:")),))]


COMMANDS: Mapping[str, Callable[[Scene, str], Sequence[Content]]] = {
    "start": _start,
    "help": _help,
    "leads": lambda scene, words: lists.typed(scene, "leads", words),
    "mine": lambda scene, words: lists.typed(scene, "mine", words),
    "due": lambda scene, words: lists.typed(scene, "due", words),
    "find": lists.search,
    "questions": questions.listed,
    "stats": outputs.statistics,
    "export": outputs.ask_export,
    "cancel": _cancel,
    "unlink": _unlink,
}
