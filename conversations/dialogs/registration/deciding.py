"""What to do with a registration: send it, change something, or leave it; one that was sent: change it, withdraw it."""

from collections.abc import Callable, Mapping, Sequence

from conversations.dialogs import menu
from conversations.dialogs.registration import records
from conversations.dialogs.registration.flow import (
    AGE,
    EARLIER,
    WHICH_AMEND,
    WHICH_WITHDRAW,
    YOUNG,
    begin_for_another,
    change,
    drop,
    go_on,
    not_of_a_child,
)
from conversations.dialogs.registration.sending import send
from conversations.forms.asking import ask
from conversations.forms.drafting import undone
from conversations.forms.offers import items, still_open
from conversations.forms.sequence import REVIEW, next_question
from conversations.messages import Reply
from conversations.scene import REGISTRATION, Scene
from conversations.understanding import Understood

CHANGE, WHICH_ITEM = "change", "which_item"

Step = tuple[Scene, Sequence[Reply]]


def _look_over(scene: Scene, understood: Understood) -> Step | None:
    """Send, change something, or stop."""
    chosen = understood.choice or ()
    chosen = (chosen,) if isinstance(chosen, str) else chosen
    agreed = understood.facts.get(REVIEW)
    wanted = [fact for fact in chosen if fact in items(scene)]
    if len(wanted) == 1:
        return change(scene, wanted[0])
    if wanted or CHANGE in chosen or (not chosen and agreed is False):
        return which_item(scene)
    if "stop" in chosen:
        if scene.draft.receipt:
            return drop(scene, scene.say("registration.as_it_is"))
        return menu.show(scene, scene.say("registration.stopped"))
    if ("send" in chosen or agreed) and understood.intent != "question" and not understood.refuses:
        return send(scene) if next_question(scene) == REVIEW else go_on(scene)
    return (scene, [ask(scene, scene.form[REVIEW].needed)]) if understood.dont_know else None


def which_item(scene: Scene) -> Step:
    """Ask what of all that was said shall be changed."""
    scene = scene.now(asked=WHICH_ITEM, wrong=0)
    return scene, [ask(scene)]


def _change(scene: Scene, understood: Understood) -> Step | None:
    fact = understood.choice
    return change(scene, fact) if isinstance(fact, str) else None


def _young(scene: Scene, understood: Understood) -> Step | None:
    """An age under which others must register: ask for it anew, or say who may."""
    if understood.choice == "right" or (understood.choice is None and understood.yes):
        return not_of_a_child(scene)
    if understood.choice == "rewrite" or understood.yes is False:
        scene = undone(scene, AGE).now(asked=AGE, wrong=0)
        return scene, [ask(scene)]
    return (scene, [ask(scene, scene.form[YOUNG].needed)]) if understood.dont_know else None


def _earlier(scene: Scene, understood: Understood) -> Step | None:
    if understood.choice == "amend":
        return amend(scene)
    if understood.choice == "another":
        return begin_for_another(scene)
    if understood.choice == "no" or understood.yes is False:
        return drop(scene, scene.say("registration.as_it_is"))
    return None


def amend(scene: Scene) -> Step:
    """Look over the registration that was sent, to change it; with several, ask which."""
    own = still_open(scene)
    if not own:
        return menu.show(scene, scene.say("my_data.no_registration"))
    if len(own) > 1:
        scene = scene.now(dialog=REGISTRATION, asked=WHICH_AMEND, wrong=0, results=())
        return scene, [ask(scene)]
    return go_on(records.reopened(scene, own[0]))


def withdraw(scene: Scene) -> Step:
    """Take the registration back; with several, ask which."""
    own = still_open(scene)
    if len(own) > 1:
        scene = scene.now(dialog=REGISTRATION, asked=WHICH_WITHDRAW, wrong=0, results=())
        return scene, [ask(scene)]
    return records.withdraw(scene, own[0]) if own else menu.show(scene, scene.say("my_data.no_registration"))


def _which(scene: Scene, understood: Understood) -> Step | None:
    own = next((own for own in still_open(scene) if own.receipt == understood.choice), None)
    if own is None:
        return None
    if scene.session.asked == WHICH_AMEND:
        return go_on(records.reopened(scene, own))
    return records.withdraw(scene, own)


DECISIONS: Mapping[str, Callable[[Scene, Understood], Step | None]] = {
    REVIEW: _look_over,
    WHICH_ITEM: _change,
    YOUNG: _young,
    EARLIER: _earlier,
    WHICH_AMEND: _which,
    WHICH_WITHDRAW: _which,
}
"""The questions that ask what to do, not what is."""
