"""What people say beside business, and warnings that must not wait."""

from collections.abc import Mapping, Sequence

from conversations.dialogs.commands import CONSOLING, Step, stand, stand_briefly
from conversations.messages import Reply
from conversations.scene import Scene
from knowledge.places.gazetteer import contains

DIALOGS: Mapping[str, str] = {
    "subsidy": "subsidy",
    "training": "training",
    "massage": "massage",
    "apply_for_what": "apply",
    "employer": "employer",
}
"""The guided dialog that an intent asks for."""
ANSWERED = ("thanks", "abuse", "voice", "others")
REGISTER = "register"
FIND_WORK = "find_work"
"""The intent of somebody who asks where to find work: no text lists any, caseworkers help."""
DISTRESS = "distress"
"""The intent of somebody who speaks of not wanting to live."""
HOTLINE = "12345"


def reply(scene: Scene, intent: str | None, said: Sequence[str]) -> Step | None:
    """What is said, after the lines `said`, to an intent that is no dialog of ours; None if it is something else."""
    if intent == "scam_worry":
        return _scam(scene)
    if intent == "where":
        return stand_briefly(scene, *said, scene.say("talk.where"), " ".join(HOTLINE))
    if intent == "greeting":
        return stand(scene, scene.say("talk.welcome"))
    if intent in ANSWERED:
        return stand_briefly(scene, scene.say(f"talk.{intent}"))
    return None


def distress(scene: Scene) -> Step:
    """To somebody who speaks of not wanting to live: who helps now, and no menu or question beside it.

    Who says so again has not been helped by those words, and is not told them a second time.
    """
    first, again = (scene.say(words) for words in CONSOLING)
    return scene, [Reply(text=again if scene.session.last[-1:] == (first,) else first)]


def _scam(scene: Scene) -> Step:
    """The warning that the texts give of certificates lent out for show, and whom to tell."""
    region = scene.session.facts.get("region")
    bans = [programme for programme in scene.materials.catalogue.programmes if programme.entry.kind == "ban"]
    here = [ban for ban in bans if region and any(contains(place, str(region)) for place in ban.regions)]
    ban = (here or bans)[0]
    card = scene.materials.catalogue.cards[ban.document]
    lines = [scene.say("talk.scam"), scene.say("question.stands_in", label=card.label)]
    lines += [scene.say("question.quotation", text=ban.entry.quotations[0]), scene.say("talk.scam_report")]
    return stand_briefly(scene, *lines)
