"""Answers that are no option: what somebody is called, a telephone number, wishes in their own words."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from conversations.forms import reading
from conversations.forms.asking import DONT_KNOW, REGION
from conversations.forms.models import FactQuestion
from conversations.forms.reading import UNKNOWN
from conversations.forms.sequence import REVIEW
from conversations.forms.telling import WORDS
from conversations.messages import Incoming
from conversations.scene import Scene
from conversations.understanding import Option, Understood
from conversations.understanding.contact import load_contacts
from conversations.understanding.kinship import load_kinship
from conversations.whom import APPLICANT, EMPLOYERS
from knowledge.places.gazetteer import contains

NAME, PHONE, CONTACT = "call_name", "phone", "contact_when"
RELATION, AGREED = "relation", "agreed"
KINSHIP = (RELATION, APPLICANT)
"""The questions whose answers may be what somebody is called ("我妈")."""
OTHER = "other"
LONGEST_WORDS = 200
LOCAL_NUMBER = (7, 8)
"""Digits of a number at home without its area code."""
WORD = re.compile("[\u3400-\u9fff]{2}|[a-z]{3}", re.IGNORECASE)
MEANT = {REVIEW: REGION, "young": "age"}
"""A place that is named when all is read back is where the person is; a number beside a doubted age is the age."""
OF_WISHES = (None, "register", "find_work", "wish", "subsidy", "training", "massage", "employer", "contact_way")
"""What a message may be about that is meant as a wish: the words that name a dialog also name what is wanted."""


class Heard(msgspec.Struct, frozen=True):
    """What an answer says: `value` of the fact asked for (`UNKNOWN`: not known, None: nothing), `words` beside it, and
    what is wrong with it, as a sentence's key with its blanks.
    """

    value: Any = None
    words: str = ""
    problem: str = ""
    blanks: Mapping[str, str] = {}


def heard(scene: Scene, incoming: Incoming, understood: Understood) -> Heard:
    """What a message answers to the question that stands."""
    question = scene.question
    assert question
    if question.kind == "words" and incoming.text:
        return _wishes(scene, incoming.text, understood)
    plain = reading.answered(scene, incoming, understood)
    if question.fact == APPLICANT and plain in EMPLOYERS:
        # Who works for an office or a village registers somebody else.
        plain = "family"
    if plain is True and _no_consent(question, understood):
        return Heard()
    if plain is not None:
        return Heard(plain)
    if question.kind == "name":
        return _name(scene, incoming.text, understood)
    return _phone(incoming.text, understood) if question.kind == "phone" else Heard()


def _no_consent(question: FactQuestion, understood: Understood) -> bool:
    """Whether what sounds like a yes to `question` is none: a refusal elsewhere, "may you?", a greeting."""
    if question.fact == AGREED:
        return understood.refuses or understood.intent == "question"
    return question.kind == "consent" and (
        understood.refuses or understood.intent not in (None, "register", "contact_way")
    )


def volunteered(scene: Scene, incoming: Incoming, understood: Understood) -> dict[str, Any]:
    """What else a message surely tells of what the registration asks for."""
    asked, contacts = scene.session.asked, load_contacts()
    order = scene.materials.registration.order
    told: dict[str, Any] = {
        fact: value for fact, value in understood.facts.items() if fact in order and fact not in (asked, APPLICANT)
    }
    if asked == NAME and contacts.name(incoming.text) and len(_parts(scene, incoming.text)) < 2:
        told = {}
    meant = MEANT.get(asked or "")
    if meant and (asked == REVIEW or understood.choice is None):
        read = scene.materials.understanding.understand(
            incoming.text, asked=meant, settled=scene.settled, today=scene.today
        )
        told |= {fact: value for fact, value in read.facts.items() if fact == meant}
    said: dict[str, Any] = reading.usable(scene, told)
    if REGION in said and contains(str(said[REGION]), str(scene.session.facts.get(REGION, ""))):
        del said[REGION]
    helping = asked == APPLICANT or scene.session.facts.get(APPLICANT) == "family"
    told = {
        NAME: contacts.name(incoming.text),
        PHONE: contacts.phone(incoming.text),
        RELATION: load_kinship().relation(incoming.text) if helping else None,
    }
    if told[PHONE] and asked != CONTACT:
        told |= _ways(scene.now(asked=CONTACT), incoming.text)
    return said | {fact: value for fact, value in told.items() if value not in (None, "") and fact != asked}


def _ways(scene: Scene, text: str) -> dict[str, Any]:
    """How and when to get in touch, or not to, where that is said beside a number."""
    contacts = load_contacts()
    parts = [part for clause in contacts.clauses(contacts.without_phone(text)) for part in contacts.parts(clause)]
    if not any(_understood(scene, part).choice or _refuses_way(scene, part) for part in parts):
        return {}
    found = _wishes(scene, "\n".join(parts), Understood())
    return {CONTACT: found.value, f"{CONTACT}{WORDS}": found.words}


def _refuses_way(scene: Scene, clause: str) -> bool:
    """Whether a clause names a way to get in touch as one that is not wanted."""
    question = scene.question
    assert question
    ways = (word for option in question.options for word in option.also)
    return load_contacts().unwanted(clause) and any(way in clause for way in ways)


def _name(scene: Scene, text: str, understood: Understood) -> Heard:
    contacts = load_contacts()
    told = contacts.name(text)
    if told:
        return Heard(told)
    if understood.intent:
        return Heard()
    if contacts.withheld(text.strip()):
        return Heard(UNKNOWN)
    clauses = _parts(scene, text)
    if len(clauses) > 1:
        clauses = [clause for clause in clauses if not _facts_in(scene, clause)]
    if len(clauses) != 1:
        return Heard(problem="registration.name_several") if clauses else Heard()
    if _facts_in(scene, clauses[0]):
        # A place or a level is what was told too early; whoever is called so has the words for saying it.
        return Heard()
    name = contacts.name_answered(clauses[0])
    problem = contacts.problem(name)
    if not problem and _answers_another(scene, name):
        return Heard(problem="registration.name_word", blanks={"word": name})
    return Heard(problem=f"registration.name_{problem}", blanks={"count": str(len(name))}) if problem else Heard(name)


def _parts(scene: Scene, text: str) -> list[str]:
    """The clauses of `text`; one whose spaces part a name from what else is told, as its parts."""
    contacts = load_contacts()
    clauses = contacts.clauses(contacts.without_phone(text))
    parts = [part for clause in clauses for part in contacts.parts(clause)]
    return parts if any(_facts_in(scene, part) for part in parts) else clauses


def _answers_another(scene: Scene, name: str) -> bool:
    """Whether a name is what chooses something elsewhere in the form (a consent, a wish), not somebody."""
    others = [question for question in scene.form.values() if question.fact not in KINSHIP]
    offered = [Option(str(option.value), option.label, option.also) for other in others for option in other.options]
    understanding = scene.materials.understanding
    return len(name) > 1 and bool(understanding.understand(name, options=offered, many=True, today=scene.today).choice)


def _phone(text: str, understood: Understood) -> Heard:
    contacts = load_contacts()
    number, digits = contacts.phone(text), contacts.digits(text)
    if number:
        return Heard(number)
    if digits:
        problem = "registration.phone_area" if digits in LOCAL_NUMBER else "registration.phone_digits"
        return Heard(problem=problem, blanks={"count": str(digits)})
    return Heard(UNKNOWN) if understood.yes is False or contacts.names_phone(text) else Heard()


def _wishes(scene: Scene, text: str, understood: Understood) -> Heard:
    """The options that the clauses of `text` name, and the clauses that say more, or else, than an option."""
    if understood.dont_know or understood.command == "skip":
        return Heard(UNKNOWN)
    if understood.facts.get(APPLICANT, scene.session.facts.get(APPLICANT)) != scene.session.facts.get(APPLICANT):
        return Heard()
    question, contacts = scene.question, load_contacts()
    assert question
    chosen: list[str] = []
    words = []
    for clause in contacts.clauses(contacts.without_phone(text)):
        found = _understood(scene, clause)
        if found.choice:
            more = WORD.search(clause) and not _is_option(question, clause)
            if more:
                words.append(clause)
            if not (more and contacts.unwanted(clause)):
                # Not to be called in the afternoon is not to be called: only their own words say which it is.
                chosen += found.choice
        elif found.yes is None and WORD.search(clause) and not contacts.name(clause) and not _facts_in(scene, clause):
            words.append(clause)
    if DONT_KNOW in chosen or (words and not chosen and understood.intent not in OF_WISHES):
        return Heard(UNKNOWN) if DONT_KNOW in chosen else Heard()
    if not chosen and not words:
        return Heard()
    offered = [str(option.value) for option in question.options]
    values = [value for value in offered if value in chosen or (value == OTHER and words and not chosen)]
    return Heard(values, "，".join(words)[:LONGEST_WORDS])


def _understood(scene: Scene, clause: str) -> Understood:
    options = reading.options(scene)
    return scene.materials.understanding.understand(clause, options=options, many=True, today=scene.today)


def _is_option(question: FactQuestion, clause: str) -> bool:
    return any(clause in name for option in question.options for name in (option.label, *option.also))


def _facts_in(scene: Scene, clause: str) -> bool:
    """Whether a clause tells something that the form asks for elsewhere."""
    found = scene.materials.understanding.understand(clause, today=scene.today)
    return any(fact in scene.materials.registration.order and fact != APPLICANT for fact in found.facts)
