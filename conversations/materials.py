"""All that the talk draws on: the texts, the programmes, how people speak, the questions, the sentences."""

from collections.abc import Sequence

import msgspec

from conversations.dialogs.guided import load_guided
from conversations.forms.models import FactQuestion, load_fact_questions
from conversations.forms.registration import RegistrationForm, load_registration_form
from conversations.understanding import Understanding
from conversations.wording import Wording, load_wording
from knowledge.programmes.catalogue import Catalogue, load_catalogue
from knowledge.programmes.models import Programme
from knowledge.search import Knowledge


class Materials(msgspec.Struct, frozen=True):
    """Built once; immutable in use, and may be shared between threads.

    `programmes` are those that each guided dialog is about, by its id.
    """

    knowledge: Knowledge
    catalogue: Catalogue
    programmes: dict[str, Sequence[Programme]]
    understanding: Understanding
    questions: dict[str, FactQuestion]
    registration: RegistrationForm
    say: Wording

    def __repr__(self) -> str:
        return "Materials(…)"


def build_materials(knowledge: Knowledge) -> Materials:
    """The materials around `knowledge`.

    Raises:
        BadKnowledge: a file of the programmes or of the talk cannot be used.

    """
    snapshot = knowledge.snapshot
    catalogue = load_catalogue()
    questions = load_fact_questions()
    return Materials(
        knowledge=knowledge,
        catalogue=catalogue,
        programmes={dialog.id: dialog.programmes(catalogue.programmes) for dialog in load_guided().values()},
        understanding=Understanding(snapshot.gazetteer, snapshot.lexicon.spoken, snapshot.sounds),
        questions=dict(questions),
        registration=load_registration_form(questions),
        say=load_wording(),
    )
