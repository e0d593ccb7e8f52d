"""All that the talk draws on: the texts, the programmes, how people speak, the questions, the sentences."""

import msgspec

from conversations.forms.models import FactQuestion, load_fact_questions
from conversations.understanding import Understanding
from conversations.wording import Wording, load_wording
from knowledge.programmes.catalogue import Catalogue, load_catalogue
from knowledge.search import Knowledge


class Materials(msgspec.Struct, frozen=True):
    """Built once; immutable in use, and may be shared between threads."""

    knowledge: Knowledge
    catalogue: Catalogue
    understanding: Understanding
    questions: dict[str, FactQuestion]
    say: Wording

    def __repr__(self) -> str:
        return "Materials(…)"


def build_materials(knowledge: Knowledge) -> Materials:
    """The materials around `knowledge`.

    Raises:
        BadKnowledge: a file of the programmes or of the talk cannot be used.

    """
    snapshot = knowledge.snapshot
    return Materials(
        knowledge=knowledge,
        catalogue=load_catalogue(),
        understanding=Understanding(snapshot.gazetteer, snapshot.lexicon.spoken, snapshot.sounds),
        questions=dict(load_fact_questions()),
        say=load_wording(),
    )
