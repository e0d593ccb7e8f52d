"""Policy texts of other places in other words, made from the real ones: as many as a search is to be tried with."""

import itertools
import random
from collections.abc import Iterator, Sequence

import msgspec

from benchmarks.workload import indexed_clauses
from knowledge.models import Clause, Document
from knowledge.normalise import HAN_RUN
from knowledge.pinyin import common_characters
from knowledge.search import Knowledge
from knowledge.tokens import segmenter

SEED = 2260
SHARE = 0.5
"""The share of words that a made-up text says otherwise; it shares the rest with the real one."""
VOCABULARY = 20_000
"""How many made-up words there are in all."""
CHARACTERS = 1_500
"""How many characters they are written with: about what such texts use, so that pairs of characters recur."""


class MadeUp:
    """Makes any number of texts; the same ones at each run."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._random = random.Random(SEED)
        self.vocabulary = self._made_up_words()
        self._regions = itertools.cycle(_other_cities(knowledge))
        cut = segmenter(knowledge.snapshot.words)
        self._originals: dict[str, list[tuple[Clause, Sequence[str]]]] = {}
        for clause in indexed_clauses(knowledge):
            self._originals.setdefault(clause.document, []).append((clause, cut(clause.text)))
        self._documents = knowledge.documents

    def documents(self, copies: int) -> Iterator[Document]:
        """Each real document `copies` times, each copy of a city of another province and in words of its own."""
        for number in range(copies):
            yield from (self._copy(id_, number) for id_ in self._originals)

    def _copy(self, id_: str, number: int) -> Document:
        copy_id = f"{id_}-made-up-{number}"
        says: dict[str, str] = {}
        clauses = []
        for clause, words in self._originals[id_]:
            for word in words:
                if word not in says:
                    says[word] = self._another(word)
            text = "".join(map(says.__getitem__, words))
            clauses.append(msgspec.structs.replace(clause, id=f"{clause.id}-{number}", document=copy_id, text=text))
        original = self._documents[id_]
        card = msgspec.structs.replace(original.card, region=next(self._regions))
        return msgspec.structs.replace(original, id=copy_id, card=card, clauses=tuple(clauses), text="", fates=())

    def _another(self, word: str) -> str:
        said_otherwise = HAN_RUN.fullmatch(word) and self._random.random() < SHARE
        return self._random.choice(self.vocabulary) if said_otherwise else word

    def _made_up_words(self) -> list[str]:
        characters = self._random.sample(sorted(common_characters()), CHARACTERS)
        return ["".join(self._random.choices(characters, k=2)) for _ in range(VOCABULARY)]


def _other_cities(knowledge: Knowledge) -> list[str]:
    """The cities of the provinces that no real document is of."""
    held = {document.card.region[:2] for document in knowledge.snapshot.documents}
    codes = knowledge.snapshot.gazetteer.names
    return [code for code in codes if code.endswith("00") and not code.endswith("0000") and code[:2] not in held]
