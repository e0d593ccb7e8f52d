"""The main menu."""

from collections.abc import Sequence

from conversations.dialogs.guided import load_guided
from conversations.messages import Ask, Choice, Reply
from conversations.scene import REGISTRATION, Scene
from conversations.understanding import Option

MENU = "menu"


def choices(scene: Scene) -> Sequence[Choice]:
    """The dialogs, by number."""
    return [Choice(dialog, scene.materials.say(f"talk.menu_{dialog}")) for dialog in (*load_guided(), REGISTRATION)]


def options(scene: Scene) -> Sequence[Option]:
    """The choices as the understanding takes them."""
    also = {dialog.id: dialog.also for dialog in load_guided().values()}
    return [Option(str(choice.value), choice.label, also.get(str(choice.value), ())) for choice in choices(scene)]


def show(scene: Scene, *before: str) -> tuple[Scene, Sequence[Reply]]:
    """The menu, after the lines `before`."""
    offered = tuple(choices(scene))
    lines = [*before, scene.say("talk.menu")]
    lines += [scene.say("form.option", number=str(n), label=choice.label) for n, choice in enumerate(offered, 1)]
    lines.append(scene.say("talk.menu_example"))
    scene = scene.now(dialog=None, asked=MENU, wrong=0, results=())
    return scene, [Reply(text="\n".join(lines), ask=Ask(MENU, offered))]


def remind(scene: Scene, *before: str) -> tuple[Scene, Sequence[Reply]]:
    """The lines `before`, and how to hear the menu again: who has just heard it need not hear it whole."""
    text = "\n".join([*before, scene.say("talk.menu_again")])
    return scene, [Reply(text=text, ask=Ask(MENU, tuple(choices(scene))))]
