"""Choices that are not written in the form's file: they follow from what was said, or from what is on record."""

from conversations.forms.models import FactQuestion
from conversations.forms.sequence import makes_sense
from conversations.forms.telling import in_words
from conversations.messages import Choice
from conversations.registrations import OwnRegistration
from conversations.scene import Scene
from conversations.understanding.contact import spaced_receipt

REGION = "region"
CONSENT = "consent"


def computed(scene: Scene, question: FactQuestion) -> list[Choice]:
    """The choices of a county, of what may be changed, or of a registration of one's own; none for other kinds."""
    if question.kind == "county":
        gazetteer = scene.materials.knowledge.snapshot.gazetteer
        region = str(scene.session.facts.get(REGION, ""))
        return [Choice(code, gazetteer.names[code]) for code in gazetteer.counties(region)]
    if question.kind in ("review", "item"):
        return [Choice(fact, _item(scene, scene.form[fact])) for fact in items(scene)]
    if question.kind == "own":
        return [Choice(own.receipt, _own(scene, own)) for own in still_open(scene)]
    return []


def items(scene: Scene) -> list[str]:
    """What of a registration can be looked over and changed, in order; a consent is given or not, never changed."""
    draft, answers = scene.draft, scene.answers
    return [
        fact
        for fact in scene.materials.registration.order
        if scene.form[fact].kind not in (CONSENT, "review")
        and (fact in answers or fact in draft.skipped)
        and makes_sense(scene, fact)
    ]


def still_open(scene: Scene) -> list[OwnRegistration]:
    """The sender's registrations that somebody follows up."""
    return [own for own in scene.account.registrations if own.status not in ("closed", "withdrawn")]


def _item(scene: Scene, question: FactQuestion) -> str:
    answers = scene.answers
    value = in_words(scene, question, answers) if question.fact in answers else ""
    return scene.say("registration.item", item=question.named[0], value=value or scene.say("registration.not_said"))


def _own(scene: Scene, own: OwnRegistration) -> str:
    return scene.say("registration.own", receipt=spaced_receipt(own.receipt), name=own.said.call_name)
