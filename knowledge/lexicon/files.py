"""Reading the lexicon's files."""

from importlib.resources.abc import Traversable
from typing import TypeVar

from knowledge.corpus.folders import load_yaml
from knowledge.lexicon.models import CardQuestion, Detail, Lexicon, NotHeld, Term

T = TypeVar("T")


def load_lexicon(folder: Traversable) -> Lexicon:
    """The lexicon in `folder`.

    Raises:
        BadKnowledge: a file is missing or does not have its form.

    """

    def read(name: str, form: type[T]) -> T:
        return load_yaml(folder / name, f"lexicon/{name}", form)

    return Lexicon(
        terms=read("everyday.yaml", tuple[Term, ...]),
        spoken=read("spoken.yaml", dict[str, str]),
        stopwords=read("stopwords.yaml", tuple[str, ...]),
        not_held=read("not_held.yaml", tuple[NotHeld, ...]),
        details=read("details.yaml", tuple[Detail, ...]),
        card_questions=read("card_questions.yaml", tuple[CardQuestion, ...]),
    )
