"""What somebody may do at any moment with what is kept of them: see, change, take back, delete."""

from collections.abc import Callable, Mapping

from conversations.dialogs import handover, menu, my_data, registration
from conversations.dialogs.commands import Step, stand_briefly
from conversations.forms import reading
from conversations.forms.offers import items, still_open
from conversations.forms.own_words import CONTACT, volunteered
from conversations.forms.sequence import REVIEW
from conversations.forms.telling import everything_said
from conversations.messages import Incoming
from conversations.scene import REGISTRATION, Scene


def _amend(scene: Scene, text: str) -> Step | None:
    """Change the registration that is being written or, where there is none, the one that was sent."""
    if scene.session.dialog == REGISTRATION and scene.session.draft:
        return _change_named(scene, text)
    if not still_open(scene):
        if scene.session.draft:
            resumed, replies = registration.start(scene)
            return _change_named(resumed, text) or (resumed, replies)
        said = [everything_said(scene), scene.say("talk.said_back_change")] if scene.session.facts else []
        return stand_briefly(scene, *(said or [scene.say("my_data.no_registration")]))
    scene, replies = registration.amend(scene)
    if scene.session.asked != REVIEW:
        return scene, replies
    understood = scene.materials.understanding.understand(
        text, options=reading.options(scene), many=True, today=scene.today
    )
    return registration.take_answer(scene, Incoming(text=text), understood) or (scene, replies)


def _change_named(scene: Scene, text: str) -> Step | None:
    """Change what `text` names or tells of what was said, or ask what; a question that lists it takes it itself."""
    if scene.session.asked not in scene.materials.registration.order or scene.session.asked == REVIEW:
        return None
    options = [reading.named(scene, fact) for fact in items(scene)]
    understanding, incoming = scene.materials.understanding, Incoming(text=text)
    found = understanding.understand(text, options=options, many=True, today=scene.today).choice or ()
    offered, many = reading.options(scene), reading.several(scene)
    asked = scene.session.asked
    understood = understanding.understand(text, asked=asked, options=offered, many=many, today=scene.today)
    if len(found) == 1 and found[0] not in volunteered(scene, incoming, understood):
        return registration.change(scene, found[0])
    answer = registration.take_answer(scene, incoming, understood)
    return answer or (registration.which_item(scene) if options else None)


def _contact(scene: Scene, text: str) -> Step | None:
    """Change how to get in touch in the registration that was sent; where something is asked, `text` answers that."""
    if scene.question or handover.under_way(scene) or not still_open(scene):
        return None
    scene, replies = registration.amend(scene)
    if scene.session.asked != REVIEW:
        return scene, replies
    changed, _ = registration.change(scene, CONTACT)
    understood = scene.materials.understanding.understand(
        text, asked=CONTACT, options=reading.options(changed), many=True, today=scene.today
    )
    return registration.take_answer(changed, Incoming(text=text), understood) or (scene, replies)


def _withdraw(scene: Scene, text: str) -> Step:
    """Take back what was sent; where only a draft is there, drop it."""
    if still_open(scene):
        return registration.withdraw(scene)
    if scene.session.draft:
        return menu.show(scene.now(draft=None), scene.say("my_data.draft_dropped"))
    return stand_briefly(scene, scene.say("my_data.no_registration"))


OWN_RECORDS: Mapping[str, Callable[[Scene, str], Step | None]] = {
    "my_data": lambda scene, text: my_data.show(scene),
    "progress": lambda scene, text: my_data.progress(scene),
    "amend": _amend,
    "contact_way": _contact,
    "withdraw": _withdraw,
    "delete_my_data": lambda scene, text: my_data.erase(scene),
}
"""By the intent of a message."""
