"""What comes next in a registration: the question, the look over it all, or why it cannot go on."""

from collections.abc import Sequence

import msgspec

from conversations.dialogs import menu
from conversations.dialogs.registration.records import lines_of
from conversations.forms.asking import ask
from conversations.forms.drafting import undone
from conversations.forms.offers import CONSENT, REGION, still_open
from conversations.forms.own_words import RELATION
from conversations.forms.sequence import next_question
from conversations.messages import Reply
from conversations.scene import REGISTRATION, Scene
from conversations.session import Draft
from conversations.understanding.kinship import load_kinship
from conversations.whom import APPLICANT, EMPLOYERS
from knowledge.facts.models import FactValue

SHORTEST_AGE = 14
"""Under this age only a parent or guardian may register somebody (Personal Information Protection Law, article 31)."""
GUARDIANS = ("parent", "guardian")
AGE, YOUNG = "age", "young"
EARLIER, WHICH_AMEND, WHICH_WITHDRAW = "earlier", "which_amend", "which_withdraw"
OF_A_CHILD = ("young", "unguarded")
"""What keeps a registration from being taken down because it is a child's: nothing said of the child is kept."""
ABOUT_RECORDS = (EARLIER, WHICH_AMEND, WHICH_WITHDRAW)
"""The questions that make sense only while there is a registration on record."""

Step = tuple[Scene, Sequence[Reply]]


def settled(scene: Scene) -> Scene:
    """The scene without a question that what is on record, or what was stored, leaves no sense to."""
    if scene.session.dialog != REGISTRATION:
        return scene
    on_record = scene.session.asked in ABOUT_RECORDS and bool(still_open(scene))
    begun = scene.session.draft is not None and scene.question is not None
    return (
        scene
        if on_record or (begun and scene.session.asked not in ABOUT_RECORDS)
        else scene.now(dialog=None, asked=None)
    )


def start(scene: Scene, before: Sequence[str] = (), text: str = "") -> Step:
    """Go on with what was begun; who has a registration is shown it; else begin, as was asked for with `text`."""
    if scene.session.facts.get(APPLICANT) in EMPLOYERS:
        # A firm asked before; this is about a person.
        scene = scene.now(facts={}, dont_know=(), draft=None)
        before = [*before, scene.say("registration.for_a_person")]
    if scene.session.draft and not scene.draft.receipt:
        scene = scene.now(dialog=REGISTRATION, results=())
        return go_on(scene, [*before, scene.say("registration.goes_on")])
    if still_open(scene):
        scene = scene.now(dialog=REGISTRATION, asked=EARLIER, results=(), wrong=0, draft=None)
        return scene, [ask(scene, *before, *lines_of(scene, still_open(scene)))]
    return begin(scene, before, text)


def begin(scene: Scene, before: Sequence[str] = (), text: str = "") -> Step:
    """Tell who keeps what, why and how long, and ask for the first consent."""
    order = scene.materials.registration.order
    skipped = tuple(fact for fact in scene.session.dont_know if fact in order and fact != REGION)
    relation = load_kinship().relation(text) if scene.session.facts.get(APPLICANT) == "family" else None
    said: dict[str, FactValue] = {RELATION: relation} if relation else {}
    scene, replies = go_on(scene.now(dialog=REGISTRATION, draft=Draft(said=said, skipped=skipped), results=()))
    return scene, [Reply(text="\n".join([*before, scene.say("registration.notice")])), *replies]


def begin_for_another(scene: Scene) -> Step:
    """Begin for the next person; of the last one nothing is left in the talk, but what is not sent is not lost so."""
    if _written(scene):
        return go_on(scene.now(dialog=REGISTRATION, results=()), [scene.say("registration.unsent_first")])
    own_one = any(own.said.relation is None for own in still_open(scene))
    facts = {APPLICANT: "family"} if own_one or scene.session.facts.get(APPLICANT) == "family" else {}
    fresh = scene.now(facts=facts, dont_know=(), trail=(), draft=None, results=())
    return begin(fresh, [scene.say("registration.next_person")])


def go_on(scene: Scene, before: Sequence[str] = ()) -> Step:
    """The next question, or the look over it all; the menu for somebody who may not go on."""
    hindrance = _hindrance(scene)
    if hindrance in OF_A_CHILD:
        # A slip must cost nobody what they have said: the age is asked back first.
        scene = scene.now(asked=YOUNG, wrong=0)
        return scene, [ask(scene, *before, scene.say("registration.young_age", age=str(scene.session.facts[AGE])))]
    if hindrance:
        return drop(scene, *before, scene.say(f"registration.{hindrance}"))
    scene = scene.now(asked=next_question(scene), wrong=0, draft=msgspec.structs.replace(scene.draft, changing=False))
    return scene, [ask(scene, *before)]


def drop(scene: Scene, *before: str) -> Step:
    """The menu; nothing of the registration is kept."""
    return menu.show(scene.now(draft=None), *before)


def change(scene: Scene, fact: str) -> Step:
    """Ask for one thing anew; all others stand."""
    scene = scene.now(asked=fact, wrong=0, draft=msgspec.structs.replace(scene.draft, changing=True))
    return scene, [ask(scene)]


def back(scene: Scene) -> Step:
    """The question before, to be answered anew; from a change, the look over it all."""
    draft = scene.session.draft
    if draft is None:
        return drop(scene)
    if draft.changing or scene.session.asked not in scene.materials.registration.order:
        return go_on(scene)
    if not draft.trail:
        return go_on(scene, [scene.say("talk.nothing_back")])
    scene = undone(scene, draft.trail[-1]).now(asked=draft.trail[-1], wrong=0)
    return scene, [ask(scene)]


def not_of_a_child(scene: Scene) -> Step:
    """Why a child is not registered so; nothing that was said of the child is kept, the place aside."""
    hindrance, region = _hindrance(scene), scene.session.facts.get(REGION)
    if hindrance not in OF_A_CHILD:
        return go_on(scene)
    age = str(scene.session.facts[AGE])
    nothing = scene.now(facts={REGION: region} if region else {}, dont_know=())
    return drop(nothing, scene.say(f"registration.{hindrance}", age=age))


def _written(scene: Scene) -> bool:
    """Whether a registration is begun, and more said to it than consents, that is not sent."""
    questions, draft = scene.materials.registration.questions, scene.draft
    told = [fact for fact in draft.trail if fact != APPLICANT and questions[fact].kind != CONSENT]
    return draft.receipt is None and bool(told)


def _hindrance(scene: Scene) -> str | None:
    """Why the registration cannot be taken down, as the name of a sentence."""
    answers = scene.answers
    if any(answers.get(fact) is False for fact, question in scene.form.items() if question.kind == CONSENT):
        return "refused"
    if answers.get("agreed") is False:
        return "disagreed"
    age = answers.get(AGE)
    if isinstance(age, int) and age < SHORTEST_AGE:
        if answers.get(APPLICANT) == "self":
            return "young"
        if answers.get(RELATION, GUARDIANS[0]) not in GUARDIANS:
            return "unguarded"
    return None
