"""A short question about what was just told, which names nothing itself: how much, when, who, which papers, how."""

import re

from conversations.dialogs import units
from conversations.dialogs.commands import Step, stand, stand_briefly
from conversations.messages import Reply
from conversations.periods import over_in_short
from conversations.scene import Scene
from conversations.whom import EMPLOYERS
from knowledge.corpus.folders import clauses_quoted
from knowledge.models import Clause

ABOUT = "about_"
"""What the intents of such questions begin with; what follows is a particular of the lexicon, or one of those below."""
UNITS = "units"
HOW = "how"
"""Which steps to take: no text tells them."""


def answer(scene: Scene, intent: str) -> Step | None:
    """What the clause just told says on what `intent` is about ("about_amount"), or that it says nothing.

    Asks what is meant where none was told; None if it is another intent.
    """
    if not intent.startswith(ABOUT):
        return None
    about, clause = intent.removeprefix(ABOUT), _told(scene)
    if clause is None:
        return stand_briefly(scene, scene.say("question.about_what"))
    lines = [scene.say(f"question.not_stated_{about}")]
    detail = next((d for d in scene.materials.knowledge.snapshot.lexicon.details if d.id == about), None)
    if about == UNITS and clause.responsible:
        lines = [scene.say("question.units", units="、".join(clause.responsible))]
    elif detail and re.search(detail.stated, clause.text):
        lines = [scene.say("question.quotation", text=clause.text)]
    elif about != UNITS and clause.responsible and not scene.wording.easy:
        lines.append(units.told(clause.responsible, scene.wording))
    card = scene.materials.knowledge.documents[clause.document].card
    lines += over_in_short([card], scene.today, scene.wording)
    if about != UNITS:
        lines.append(scene.say("question.ask_office"))
        if scene.session.facts.get("applicant") not in EMPLOYERS:
            lines.append(scene.say("question.register"))
    if scene.question:
        return stand(scene, *lines)
    return scene, [Reply(text="\n".join(lines))]


def _told(scene: Scene) -> Clause | None:
    """The clause that was just told, or that the programme just told is from."""
    shown, knowledge = scene.session.shown or "", scene.materials.knowledge
    if shown in knowledge.clauses:
        return knowledge.clauses[shown]
    programme = next((p for p in scene.materials.catalogue.programmes if p.id == shown), None)
    if programme is None:
        return None
    document = knowledge.documents[programme.document]
    return next((c for q in programme.entry.quotations for c in clauses_quoted(document, q)), None)
