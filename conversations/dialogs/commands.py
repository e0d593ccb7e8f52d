"""What works at every moment: 返回, 重听, 帮助, 取消, 人工, 为什么问, 说简单点, 更多, 重新开始, 我说过什么."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from conversations.dialogs import eligibility, handover, menu, notices, registration
from conversations.dialogs.question import clause_again
from conversations.forms.asking import ask, one_at_a_time
from conversations.forms.telling import everything_said
from conversations.messages import Incoming, Reply
from conversations.scene import REGISTRATION, Scene
from conversations.session import Session
from conversations.understanding import Understood

CONSOLING = ("talk.distress", "talk.distress_again")
"""The words to somebody who speaks of not wanting to live, the first time and when they say it again."""

Step = tuple[Scene, Sequence[Reply]]


class FormDialog(Protocol):
    """A dialog that fills in a form."""

    def go_on(self, scene: Scene, before: Sequence[str] = ()) -> Step:
        """The next question, or what the answers come to."""

    def take_answer(self, scene: Scene, incoming: Incoming, understood: Understood) -> Step | None:
        """Take the answer to the question that stands; None if the message answers nothing."""

    def reading_of(self, scene: Scene, understood: Understood) -> Mapping[str, Any]:
        """The facts that a message tells beside an answer."""

    def not_an_answer(self, scene: Scene) -> Step:
        """Say that the message did not answer, and ask again."""

    def back(self, scene: Scene) -> Step:
        """The question before."""


def form_of(scene: Scene) -> FormDialog:
    """The dialog whose form is under way; eligibility's where there is none."""
    dialog: FormDialog = registration if scene.session.dialog == REGISTRATION else eligibility
    return dialog


def stand(scene: Scene, *before: str) -> Step:
    """The lines `before`, and then what stands: a form's question, what can be done after a result, or the menu."""
    if scene.question:
        return scene, [ask(scene, *before)]
    if scene.session.results:
        return scene, [Reply(text="\n".join([*before, scene.say("results.more")]))]
    return menu.show(scene, *before)


def stand_briefly(scene: Scene, *before: str) -> Step:
    """Like `stand`, but a menu that was shown already is not read out again."""
    return menu.remind(scene, *before) if scene.session.asked == menu.MENU else stand(scene, *before)


def _back(scene: Scene) -> Step:
    if scene.session.dialog:
        return form_of(scene).back(scene.now(results=()))
    return stand_briefly(scene, *([scene.say("talk.nothing_back")] if scene.session.asked == menu.MENU else []))


def _repeat(scene: Scene) -> Step:
    if not scene.session.last:
        return stand(scene, scene.say("talk.nothing_to_repeat"))
    replies = [Reply(text=text) for text in scene.session.last[:-1]]
    if scene.session.asked is None or scene.session.last[-1] in [scene.say(words) for words in CONSOLING]:
        return scene, [*replies, Reply(text=scene.session.last[-1])]
    scene, standing = stand(scene)
    if scene.session.asked == menu.MENU:
        # What was told with the menu is repeated too.
        standing = [msgspec.structs.replace(standing[-1], text=scene.session.last[-1])]
    return scene, [*replies, *standing]


def _why(scene: Scene) -> Step:
    if scene.question:
        return stand(scene, scene.say("form.why", why=scene.question.why))
    return stand(scene, *([] if scene.session.results else [scene.say("talk.why_menu")]))


def _simpler(scene: Scene) -> Step:
    scene, shown = scene.now(easy=True), scene.session.shown or ""
    clause = scene.materials.knowledge.clauses.get(shown)
    if clause:
        knowledge, programmes = scene.materials.knowledge, scene.materials.catalogue.programmes
        said = clause_again(knowledge, clause, scene.today, scene.wording, programmes)
        lines = scene.say("talk.easy_on"), said
        return stand(scene, *lines) if scene.dialog else (scene, [Reply(text="\n".join(lines))])
    if scene.dialog and scene.session.results:
        return eligibility.expand(scene, shown) or eligibility.go_on(scene)
    return stand(one_at_a_time(scene), scene.say("talk.easy_on"))


def _cancel(scene: Scene) -> Step:
    if scene.draft.receipt:
        return menu.show(scene.now(draft=None), scene.say("registration.as_it_is"))
    return menu.show(scene, scene.say("registration.stopped" if scene.session.draft else "talk.cancelled"))


def _restart(scene: Scene) -> Step:
    fresh = scene.now(**{field: getattr(Session(), field) for field in Session.__struct_fields__})
    return menu.show(fresh, scene.say("talk.restarted"))


def _human(scene: Scene) -> Step:
    hindrance = handover.hindrance(scene)
    return stand_briefly(scene, *hindrance) if hindrance else handover.begin(scene)


def _more(scene: Scene) -> Step:
    return eligibility.more(scene) or stand_briefly(scene, scene.say("results.nothing_more"))


COMMANDS: Mapping[str, Callable[[Scene], Step]] = {
    "back": _back,
    "repeat": _repeat,
    "help": lambda scene: stand_briefly(scene, scene.say("talk.help")),
    "human": _human,
    "notices_on": lambda scene: stand_briefly(*notices.agree(scene)),
    "notices_off": lambda scene: stand_briefly(*notices.stop(scene)),
    "why": _why,
    "simpler": _simpler,
    "cancel": _cancel,
    "restart": _restart,
    "said_so_far": lambda scene: stand(scene, everything_said(scene)),
    "menu": lambda scene: menu.show(scene),
    "more": _more,
    "next_person": registration.begin_for_another,
}
