"""Being told when one's registration moves on: only who asks for it, where they can be written to, until they stop."""

from conversations.forms.offers import still_open
from conversations.messages import ConsentGiven
from conversations.scene import Scene

CONSENT, VERSION = "notices", "notices-1"
"""The consent; its text is `notices.offer`, whose change is a new version."""


def offer(scene: Scene) -> list[str]:
    """The consent's text, where somebody can be written to unasked."""
    return [scene.say("notices.offer")] if scene.account.reachable else []


def agree(scene: Scene) -> tuple[Scene, str]:
    """A yes, and what to say."""
    if not scene.account.reachable:
        return scene, scene.say("notices.unreachable")
    if not still_open(scene):
        return scene, scene.say("notices.nothing_to_tell")
    return scene.emit(ConsentGiven(CONSENT, VERSION, given=True)), scene.say("notices.agreed")


def stop(scene: Scene) -> tuple[Scene, str]:
    """A no, and what to say."""
    if not scene.account.reachable:
        return scene, scene.say("notices.unreachable")
    return scene.emit(ConsentGiven(CONSENT, VERSION, given=False)), scene.say("notices.stopped")
