"""The guided dialogs: a few questions, and then what somebody could apply for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.dialogs import menu
from conversations.dialogs.guided import load_guided
from conversations.dialogs.programmes import whole
from conversations.dialogs.results import more as more_of
from conversations.dialogs.results import results, telling_to
from conversations.dialogs.verdicts import closing
from conversations.forms.asking import ask, one_at_a_time, put_together
from conversations.forms.choosing import next_fact
from conversations.forms.reading import REGION, UNKNOWN, answered, usable
from conversations.forms.telling import said_back
from conversations.messages import Incoming, Reply
from conversations.scene import REGISTRATION, Scene
from conversations.understanding import Understood
from conversations.whom import APPLICANT, EMPLOYERS
from knowledge.eligibility import SUBJECT, judge_derived
from knowledge.normalise import normalise

MOST_WRONG = 2
"""After so many answers in a row that were not understood, the question is put more simply and a way out shown."""
EMPLOYER = "employer"
"""The dialog for those who employ."""
MONTHS = "months"
BARE_NUMBER = re.compile(r"[\d\s]+")

Step = tuple[Scene, Sequence[Reply]]


def start(scene: Scene, dialog: str, before: Sequence[str] = ()) -> Step:
    """Begin a guided dialog; what is known already is not asked."""
    facts = dict(scene.session.facts)
    applicants = load_guided()[dialog].applicants
    if facts.get(APPLICANT) not in (None, *applicants):
        # Somebody else speaks now: a firm's facts are not a person's.
        told = facts.keys() - {APPLICANT, SUBJECT, REGION}
        before = [*before, *([scene.say("talk.someone_else")] if told else [])]
        facts = _only_place(facts)
        scene = scene.now(draft=None)
    if scene.session.dialog == REGISTRATION and scene.session.draft and not scene.draft.receipt:
        before = [*before, scene.say("registration.put_aside")]
    return go_on(scene.now(dialog=dialog, facts=facts, trail=(), wrong=0, dont_know=(), results=()), before)


def go_on(scene: Scene, before: Sequence[str] = ()) -> Step:
    """The next question, or the result; the menu for somebody for whom the dialog is not meant."""
    dialog = scene.dialog
    assert dialog
    if scene.session.facts.get(APPLICANT, dialog.applicants[0]) not in dialog.applicants:
        if scene.session.facts[APPLICANT] in EMPLOYERS:
            return start(scene, EMPLOYER, before)
        return menu.show(scene, *before)
    verdicts = scene.verdicts()
    asked = {*scene.session.trail, *scene.session.dont_know}
    if _asks_for_another(scene) and APPLICANT not in asked:
        scene = scene.now(asked=APPLICANT, wrong=0)
        return scene, [ask(scene, *before, scene.say("form.not_disabled"))]
    fact = next_fact(verdicts, scene.facts, asked, scene.form)
    if fact is None:
        scene, replies = results(scene, verdicts)
        return scene, [*([Reply(text="\n".join(before))] if before else []), *replies]
    scene = one_at_a_time(scene.now(asked=fact, wrong=0))
    return scene, [ask(scene, *before)]


def _asks_for_another(scene: Scene) -> bool:
    """Whether somebody is not disabled, for whom these programmes are not meant: perhaps a relative of theirs is."""
    return scene.session.facts.get("disabled") is False and scene.facts.get(APPLICANT) == "self"


def take_answer(scene: Scene, incoming: Incoming, understood: Understood) -> Step | None:
    """Take the answer to the question that stands, with whatever else the message says; None if it answers nothing."""
    fact = str(scene.session.asked)
    value = answered(scene, incoming, understood)
    said = usable(scene, {name: v for name, v in understood.facts.items() if name != fact})
    other = put_together(scene)
    unasked = {name: v for name, v in said.items() if other is None or name != other.fact}
    if value is UNKNOWN:
        scene = scene.now(dont_know=(*scene.session.dont_know, fact), trail=(*scene.session.trail, fact))
        return go_on(keep(scene, said), said_back(scene, unasked))
    given = usable(scene, {fact: value}) if value is not None else {}
    if given:
        scene = scene.now(trail=(*scene.session.trail, fact))
    elif not said:
        return None
    if scene.form[fact].kind == MONTHS and BARE_NUMBER.fullmatch(normalise(incoming.text).strip()):
        # Taken for months, it may have been years.
        unasked = {**unasked, **given}
    return go_on(keep(scene, {**said, **given}), said_back(scene, unasked, given))


def keep(scene: Scene, said: Mapping[str, Any]) -> Scene:
    """The scene with the facts `said` remembered, in place of what was said before.

    Who now asks for somebody else is not taken to have spoken of them before: only the place stays.
    """
    if not said:
        return scene
    known, draft = scene.session.facts, scene.session.draft
    if APPLICANT in said and known.get("disabled") is False:
        # That nobody here is disabled was said before it was clear who is meant.
        known = {name: value for name, value in known.items() if name != "disabled"}
    if APPLICANT in said and known.get(APPLICANT, said[APPLICANT]) != said[APPLICANT]:
        known, draft = _only_place(known), draft.of_another() if draft else None
    dont_know = tuple(fact for fact in scene.session.dont_know if fact not in said)
    return scene.now(facts={**known, **said}, dont_know=dont_know, draft=draft)


def _only_place(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {REGION: facts[REGION]} if REGION in facts else {}


def reading_of(scene: Scene, understood: Understood) -> Mapping[str, Any]:
    """The facts that a message tells, as far as they can be used."""
    return usable(scene, understood.facts)


def not_an_answer(scene: Scene) -> Step:
    """The message did not answer: what, why, an example; after some times the simpler question and a way out.

    Of two questions put together the one alone is asked, which has options.
    """
    other = put_together(scene)
    if other:
        scene = scene.now(asked=other.fact)
    question = scene.form[str(scene.session.asked)]
    wrong = scene.session.wrong + 1
    lines = [scene.say("form.wrong")]
    if wrong > MOST_WRONG:
        scene = scene.now(easy=True)
        lines += [scene.say("form.wrong_again"), scene.say("form.way_out")]
    elif question.options:
        lines.append(scene.say("form.wrong_option"))
    else:
        lines.append(scene.say("form.wrong_open"))
    scene = scene.now(wrong=wrong)
    return scene, [ask(scene, *lines)]


def back(scene: Scene) -> Step:
    """The question before, to be answered anew."""
    trail = scene.session.trail
    if not trail:
        return go_on(scene, [scene.say("talk.nothing_back")])
    fact = trail[-1]
    facts = {name: value for name, value in scene.session.facts.items() if name != fact}
    dont_know = tuple(name for name in scene.session.dont_know if name != fact)
    scene = scene.now(facts=facts, dont_know=dont_know, trail=trail[:-1], asked=fact, wrong=0)
    return scene, [ask(scene)]


def expand(scene: Scene, programme_id: str) -> Step | None:
    """A programme of the last result, whole."""
    catalogue = scene.materials.catalogue
    programmes = [programme for programme in catalogue.programmes if programme.id == programme_id]
    verdicts = judge_derived(scene.facts, programmes, catalogue.vocabulary)
    if not verdicts:
        return None
    telling = telling_to(scene)
    lines = [*whole(telling, verdicts[0]), *closing(telling, verdicts)]
    return scene.now(shown=programme_id), [Reply(text="\n".join(lines), verdicts=tuple(verdicts))]


def more(scene: Scene) -> Step | None:
    """The next programmes of the last result; None if there is no result."""
    if scene.dialog is None or not scene.session.results:
        return None
    return more_of(scene, scene.verdicts())
