"""All programmes with what judging them needs, read straight from their files: no index, no words, no texts."""

from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable

import msgspec

from knowledge.corpus.folders import BadKnowledge, load_yaml, packaged, read_bytes
from knowledge.facts.files import load_vocabulary
from knowledge.facts.models import Vocabulary
from knowledge.models import Card
from knowledge.programmes.models import Programme, ProgrammeFile

SUFFIX = ".yaml"


class Catalogue(msgspec.Struct, frozen=True):
    """The programmes, the cards of their documents by id, the vocabulary of facts, and the places' names by code."""

    programmes: tuple[Programme, ...]
    cards: Mapping[str, Card]
    vocabulary: Vocabulary
    places: Mapping[str, str]

    def is_place(self, code: str) -> bool:
        """Whether `code` is a place of GB/T 2260."""
        return code in self.places


def load_catalogue(root: Traversable | None = None) -> Catalogue:
    """The catalogue below `root` (default: the packaged one).

    Raises:
        BadKnowledge: a file is missing, does not have its form, or is named after no document.

    """
    root = root or packaged()
    programmes = load_programmes(root / "programmes")
    return Catalogue(
        programmes=programmes,
        cards=_cards(root / "corpus", {programme.document for programme in programmes}),
        vocabulary=load_vocabulary(root / "facts"),
        places=msgspec.json.decode(
            read_bytes(root / "places" / "gb2260.json", "places/gb2260.json"), type=dict[str, str]
        ),
    )


def load_programmes(folder: Traversable | None = None) -> tuple[Programme, ...]:
    """Every programme in `folder` (default: the packaged one), by document, in the order of its file.

    Raises:
        BadKnowledge: a file does not have its form.

    """
    folder = folder or packaged("programmes")
    programmes = []
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(SUFFIX)):
        file = load_yaml(folder / name, f"programmes/{name}", ProgrammeFile)
        document = name.removesuffix(SUFFIX)
        programmes += [Programme(entry, document, file.regions) for entry in file.programmes]
    return tuple(programmes)


def _cards(corpus: Traversable, documents: Iterable[str]) -> Mapping[str, Card]:
    cards = {}
    for document in sorted(documents):
        if not (corpus / document).is_dir():
            raise BadKnowledge(f"programmes/{document}{SUFFIX}", None, "corpus has no such document; rename the file")
        cards[document] = load_yaml(corpus / document / "card.yaml", f"{document}/card.yaml", Card)
    return cards
