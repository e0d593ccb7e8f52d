"""The questions of a demand registration, and their file (registration.yaml).

What eligibility asks too is asked with its question; the file says where in the order it stands.
"""

from collections.abc import Mapping

import msgspec

from conversations.forms.models import FactQuestion, Gate
from conversations.packaged import load_data
from knowledge.corpus.folders import BadKnowledge

FILE = "forms/registration.yaml"


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question's place in the order: when it is asked, and words that name what it asks for."""

    fact: str
    gate: tuple[Gate, ...] = ()
    named: tuple[str, ...] = ()


class RegistrationFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """registration.yaml: the questions asked in turn, and those that only a registration asks."""

    order: tuple[Place, ...]
    questions: tuple[FactQuestion, ...]


class RegistrationForm(msgspec.Struct, frozen=True):
    """All questions by fact, and which of them are asked in turn."""

    order: tuple[str, ...]
    questions: dict[str, FactQuestion]


def load_registration_form(shared: Mapping[str, FactQuestion]) -> RegistrationForm:
    """The packaged form; `shared` are eligibility's questions.

    Raises:
        BadKnowledge: the file does not have its form, or orders a question that is nowhere.

    """
    file = load_data(FILE, RegistrationFile)
    questions = {question.fact: question for question in file.questions}
    for place in file.order:
        question = questions.get(place.fact) or shared.get(place.fact)
        if question is None:
            raise BadKnowledge(FILE, None, f'"{place.fact}" is in the order, but there is no question for it')
        questions[place.fact] = msgspec.structs.replace(question, gate=place.gate, named=place.named)
    return RegistrationForm(tuple(place.fact for place in file.order), questions)
