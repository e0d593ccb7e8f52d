"""Handing over to a human: a question to the caseworkers of one's place, and what is said until one side closes it.

While it is open the person's messages go to the caseworkers; a form that was under way waits.
"""

from collections.abc import Sequence

from conversations.duty import on_duty
from conversations.forms.asking import office_of
from conversations.messages import HandoverAsked, HandoverClosed, HandoverSaid, Reply
from conversations.scene import Scene
from knowledge.places.gazetteer import contains

LONGEST = 1000
"""Characters of a message to a caseworker."""
NATION = "000000"
"""The place of a caseworker who is responsible for all."""
LEAVING = ("cancel", "back", "restart", "menu")
"""Commands that end it."""
KEPT = ("help", "human", "repeat", "simpler", "notices_on", "notices_off")
"""Commands that work as ever while it is open."""

Step = tuple[Scene, Sequence[Reply]]


def hindrance(scene: Scene) -> Sequence[str]:
    """Why nobody can be asked from here now, and whom to ask instead; nothing where somebody can."""
    instead = scene.say("talk.human")
    if scene.account.handover:
        return []
    if not scene.account.reachable or not scene.account.offices:
        return [instead]
    region = _region(scene)
    if region is None:
        return [scene.say("handover.no_place")]
    if not any(office == NATION or contains(office, region) for office in scene.account.offices):
        return [instead]
    return [] if on_duty(scene.at) else [scene.say("handover.closed_now"), instead]


def begin(scene: Scene) -> Step:
    """Ask for the question, or say that there is one already; somebody can be asked."""
    if scene.account.handover:
        return scene, [Reply(text=scene.say("handover.open"))]
    text = scene.say("handover.ask", office=office_of(scene, str(_region(scene))))
    return scene.now(human=True, shown=None), [Reply(text=text)]


def under_way(scene: Scene) -> bool:
    """Whether a message is for the caseworkers."""
    return scene.account.handover or scene.session.human


def leave(scene: Scene) -> tuple[Scene, str]:
    """Close it; what to say before what stands then."""
    left = scene.now(human=False)
    if scene.account.handover:
        return left.emit(HandoverClosed()), scene.say("handover.ended")
    return left, scene.say("handover.not_asked")


def refuse_number(scene: Scene) -> Step:
    """A message with an ID number goes to nobody."""
    return scene, [Reply(text="\n".join([scene.say("talk.id_number"), scene.say("handover.not_passed_on")]))]


def take(scene: Scene, text: str) -> Step:
    """Hand a message on; the first one is the question."""
    words = text.strip()
    if not words:
        return scene, [Reply(text=scene.say("handover.empty"))]
    if len(words) > LONGEST:
        return scene, [Reply(text=scene.say("handover.long", count=str(len(words)), longest=str(LONGEST)))]
    done = scene.now(human=False)
    if scene.account.handover:
        return done.emit(HandoverSaid(words)), [Reply(text=scene.say("handover.passed_on"))]
    return done.emit(HandoverAsked(str(_region(scene)), words)), [Reply(text=scene.say("handover.sent"))]


def _region(scene: Scene) -> str | None:
    """Where the person is, as they said or registered."""
    told = scene.session.facts.get("region")
    if told:
        return str(told)
    return scene.account.registrations[0].said.region if scene.account.registrations else None
