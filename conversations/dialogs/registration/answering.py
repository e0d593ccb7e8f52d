"""What an answer does to a registration."""

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.dialogs import eligibility
from conversations.dialogs.eligibility import MOST_WRONG
from conversations.dialogs.registration.deciding import DECISIONS, WHICH_ITEM
from conversations.dialogs.registration.flow import YOUNG, go_on
from conversations.forms.asking import ask
from conversations.forms.drafting import remembered, skipped
from conversations.forms.offers import CONSENT, REGION
from conversations.forms.own_words import Heard, heard, volunteered
from conversations.forms.reading import UNKNOWN
from conversations.forms.sequence import REVIEW
from conversations.forms.telling import WORDS, said_back
from conversations.messages import ConsentGiven, Incoming, Reply
from conversations.scene import Scene
from conversations.understanding import Understood
from conversations.whom import APPLICANT

OF_WHOM = (APPLICANT, "subject")

Step = tuple[Scene, Sequence[Reply]]


def reading_of(scene: Scene, understood: Understood) -> Mapping[str, Any]:
    """The facts that a message tells beside an answer; whom it is about changes only where that is asked, or said."""
    told = eligibility.reading_of(scene, understood)
    if understood.intent == "register":
        return told
    return {fact: value for fact, value in told.items() if fact not in OF_WHOM}


def take_answer(scene: Scene, incoming: Incoming, understood: Understood) -> Step | None:
    """Take the answer to the question that stands, with whatever else the message says; None if it answers nothing."""
    question = scene.question
    assert question
    more = volunteered(scene, incoming, understood)
    if question.fact in DECISIONS:
        corrected = _only(scene, more) if question.fact in (REVIEW, WHICH_ITEM, YOUNG) else None
        return corrected or DECISIONS[question.fact](scene, understood)
    found = heard(scene, incoming, understood)
    if found.problem:
        return not_an_answer(remembered(scene, more), found)
    if found.value is None:
        return _only(scene, more)
    if found.value is UNKNOWN:
        return _skip(remembered(scene, more), said_back(scene, more))
    if question.kind == CONSENT:
        scene = scene.emit(ConsentGiven(question.fact.removeprefix("consent_"), question.version, found.value is True))
    return go_on(remembered(scene, {**more, **_given(question.fact, found)}), said_back(scene, more))


def _only(scene: Scene, more: Mapping[str, Any]) -> Step | None:
    """What a message tells that does not answer the question."""
    return go_on(remembered(scene, more), said_back(scene, more)) if more else None


def _given(fact: str, found: Heard) -> Mapping[str, Any]:
    """The answer as what is remembered of it."""
    return {fact: found.value, f"{fact}{WORDS}": found.words} if found.words else {fact: found.value}


def _skip(scene: Scene, before: Sequence[str]) -> Step:
    """Go on without an answer, where it can be done without."""
    question = scene.question
    assert question
    if question.needed:
        return scene, [ask(scene, *before, question.needed)]
    if question.fact == REGION and REGION not in scene.session.facts:
        return scene, [ask(scene, *before, scene.say("registration.place_needed"))]
    return go_on(skipped(scene, question.fact, keep_known=question.fact == REGION), before)


def not_an_answer(scene: Scene, found: Heard | None = None) -> Step:
    """The message did not answer: what, why, an example; after some times the simpler question and a way out."""
    question = scene.question
    assert question
    wrong = scene.session.wrong + 1
    if found:
        lines = [scene.say(found.problem, **found.blanks)]
    else:
        lines = [scene.say("form.wrong")]
        lines.append(scene.say("form.wrong_option" if question.options or not question.example else "form.wrong_open"))
    scene = scene.now(wrong=wrong)
    if wrong > MOST_WRONG:
        scene = scene.now(easy=True)
        lines.append(scene.say("form.way_out"))
    return scene, [ask(scene, *lines)]
