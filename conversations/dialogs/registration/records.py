"""The registrations that somebody sent before: told in short, opened again to be changed, withdrawn."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from conversations.dialogs import menu
from conversations.forms.sequence import REGION, makes_sense
from conversations.forms.telling import WORDS
from conversations.messages import Reply, Withdrawn
from conversations.registrations import OwnRegistration, Registration
from conversations.scene import REGISTRATION, Scene
from conversations.session import Draft
from conversations.understanding.contact import spaced_receipt
from conversations.whom import APPLICANT

Step = tuple[Scene, Sequence[Reply]]


def lines_of(scene: Scene, own: Iterable[OwnRegistration]) -> list[str]:
    """Each registration in two lines: which it is, and how far it has come."""
    return [line for each in own for line in _lines(scene, each)]


def _lines(scene: Scene, own: OwnRegistration) -> list[str]:
    place = scene.materials.knowledge.snapshot.gazetteer.full_name(own.said.region)
    values = {"receipt": spaced_receipt(own.receipt), "name": own.said.call_name, "place": place}
    return [
        scene.say("registration.sent_before", day=day_of(scene, own.at), **values),
        scene.say(f"registration.status_{own.status}", day=day_of(scene, own.changed)),
    ]


def day_of(scene: Scene, day: str) -> str:
    """A day (ISO 8601) in words."""
    return scene.materials.say.day(datetime.date.fromisoformat(day))


def reopened(scene: Scene, own: OwnRegistration) -> Scene:
    """The scene with a registration that was sent opened again: the talk is about its person now."""
    said = own.said
    facts = {**_facts(said), APPLICANT: "family" if said.relation else "self"}
    same = said.relation is None and scene.session.facts.get(APPLICANT, "self") == "self"
    answers: dict[str, Any] = {
        "consent_sensitive": True,
        "consent_handover": True,
        "call_name": said.call_name,
        "phone": said.phone,
        **({"relation": said.relation, "agreed": True} if said.relation else {}),
        **_wishes("needs", said.needs, said.needs_words),
        **_wishes("contact_when", said.contacts, said.contacts_words),
    }
    draft = Draft(said=answers, receipt=own.receipt)
    known = {**(scene.session.facts if same else {}), **facts}
    scene = scene.now(dialog=REGISTRATION, facts=known, draft=draft, results=())
    left = [fact for fact in scene.materials.registration.order if fact not in scene.answers or fact == REGION]
    skipped = tuple(fact for fact in left if makes_sense(scene, fact))
    return scene.now(draft=msgspec.structs.replace(draft, skipped=skipped))


def _facts(said: Registration) -> dict[str, Any]:
    facts = {
        "region": said.region,
        "disability": said.disability,
        "levels": dict(said.levels),
        "area": said.area,
        "age": said.age,
    }
    return {fact: value for fact, value in facts.items() if value not in (None, (), {})}


def _wishes(fact: str, values: tuple[str, ...], words: str) -> dict[str, Any]:
    if not values and not words:
        return {}
    return {fact: values, **({f"{fact}{WORDS}": words} if words else {})}


def withdraw(scene: Scene, own: OwnRegistration) -> Step:
    """Take a registration back."""
    if scene.draft.receipt == own.receipt:
        scene = scene.now(draft=None)
    scene = scene.emit(Withdrawn(own.receipt))
    return menu.show(scene, scene.say("my_data.withdrawn", receipt=spaced_receipt(own.receipt)))
