"""A registration's questions one after the other: which comes next, and how many there are, where that is certain."""

from collections.abc import Sequence

from conversations.forms.choosing import fits
from conversations.forms.models import Gate
from conversations.scene import Scene

REVIEW = "review"
REGION = "region"


def next_question(scene: Scene) -> str:
    """What is asked next; when all is known or was skipped, the review."""
    return next(fact for fact in scene.materials.registration.order if fact == REVIEW or _is_open(scene, fact))


def position(scene: Scene) -> tuple[int, int] | None:
    """The number of the question that stands, and of all questions; None while answers may still bring others."""
    order = scene.materials.registration.order
    if scene.session.asked not in order or scene.session.asked == REVIEW or scene.draft.changing:
        return None
    waiting = [fact for fact in order if fact != REVIEW and _is_open(scene, fact)]
    if any(gate.fact in waiting and not _is_known(scene, fact) for fact in order for gate in _gates(scene, fact)):
        return None
    every = len({*scene.draft.trail, *waiting})
    return every - len(waiting) + 1, every


def at_county(scene: Scene) -> bool:
    """Whether the person's place is known as nearly as it is asked for."""
    region = str(scene.session.facts.get(REGION, ""))
    gazetteer = scene.materials.knowledge.snapshot.gazetteer
    return bool(region) and not gazetteer.has_parts(region)


def makes_sense(scene: Scene, fact: str) -> bool:
    """Whether what was said opens the way to a question."""
    answers = scene.answers
    return all(gate.fact in answers and fits(answers[gate.fact], gate) for gate in _gates(scene, fact))


def _is_open(scene: Scene, fact: str) -> bool:
    """Whether an answer is still wanted, and it makes sense to ask."""
    if _is_known(scene, fact) or (fact in scene.draft.skipped and (fact != REGION or REGION in scene.session.facts)):
        return False
    return makes_sense(scene, fact)


def _is_known(scene: Scene, fact: str) -> bool:
    return at_county(scene) if fact == REGION else fact in scene.answers


def _gates(scene: Scene, fact: str) -> Sequence[Gate]:
    return scene.materials.registration.questions[fact].gate
