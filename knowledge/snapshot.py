"""Everything the bot knows, built once from the packaged files and passed about as one frozen value."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable

import msgspec

from knowledge.corpus.folders import Folder, clauses_quoted, load_folders, load_yaml, packaged, read_bytes
from knowledge.features import Featurizer
from knowledge.index import Index, Target, build_index
from knowledge.lexicon.files import load_lexicon
from knowledge.lexicon.models import Lexicon
from knowledge.models import Clause, Document
from knowledge.normalise import normalise
from knowledge.pinyin import common_characters, folded_sounds
from knowledge.places.gazetteer import EverydayNames, Gazetteer, build_gazetteer
from knowledge.tokens import jieba_dictionary, segmenter

NOT_HELD = "not-held"
"""The index's group of topics that no text answers."""
KINDS = (".py", ".yaml", ".json", ".txt")
"""How the names of the files end that a snapshot is made from."""
PATH_WEIGHT = 0.3
"""How much the words of a clause's heading count beside its own."""


class Ingredients(msgspec.Struct, frozen=True):
    """The files' contents: what a snapshot is made from."""

    folders: tuple[Folder, ...]
    lexicon: Lexicon
    gazetteer: Gazetteer


class Snapshot(msgspec.Struct, frozen=True):
    """What the bot knows, in a form that can be kept in a file: documents, lexicon, places, index, words, sounds."""

    documents: tuple[Document, ...]
    lexicon: Lexicon
    gazetteer: Gazetteer
    index: Index
    words: Mapping[str, int]
    sounds: Mapping[str, str]
    asked: Mapping[str, tuple[str, ...]]


def load_ingredients(root: Traversable | None = None) -> Ingredients:
    """Read all files below `root` (default: those packaged).

    Raises:
        BadKnowledge: a file is missing or does not have its form.

    """
    root = root or packaged()
    return Ingredients(
        folders=load_folders(root / "corpus"),
        lexicon=load_lexicon(root / "lexicon"),
        gazetteer=load_gazetteer(root),
    )


def load_gazetteer(root: Traversable | None = None) -> Gazetteer:
    """The places below `root` (default: those packaged).

    Raises:
        BadKnowledge: a file is missing or does not have its form.

    """
    folder = (root or packaged()) / "places"
    names = msgspec.json.decode(read_bytes(folder / "gb2260.json", "places/gb2260.json"), type=dict[str, str])
    return build_gazetteer(names, load_yaml(folder / "everyday.yaml", "places/everyday.yaml", EverydayNames))


def fingerprint(root: Traversable | None = None, kinds: tuple[str, ...] = KINDS) -> str:
    """A hash of every file that a snapshot is made from, code included: a snapshot is good while it stays the same.

    Of the files below `root` (default: those packaged), those of some `kinds`.
    """
    digest = hashlib.sha256()
    for file in sorted(_files(root or packaged(), kinds), key=lambda file: file[0]):
        digest.update(file[0].encode())
        digest.update(hashlib.sha256(file[1].read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Traversable, kinds: tuple[str, ...], path: str = "") -> Iterable[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, kinds, name)
        elif entry.name.endswith(kinds):
            yield name, entry


def build_snapshot(ingredients: Ingredients) -> Snapshot:
    """Index everything."""
    lexicon, gazetteer = ingredients.lexicon, ingredients.gazetteer
    documents = tuple(folder.document for folder in ingredients.folders)
    asked = questions_by_clause(ingredients)
    not_held = {topic.id: topic.questions for topic in lexicon.not_held}
    texts = [clause.text for document in documents for clause in document.clauses]
    texts += [question for questions in (*asked.values(), *not_held.values()) for question in questions]
    texts = [normalise(text) for text in texts]
    words = jieba_dictionary(texts, (word for term in lexicon.terms for word in term.words), gazetteer.codes)
    sounds = folded_sounds([*common_characters(), *(char for text in texts for char in text if "一" <= char <= "鿿")])
    features = Featurizer(lexicon, sounds, segmenter(words))
    targets = [
        _clause_target(clause, document, asked.get(clause.id, ()), features)
        for document in documents
        for clause in document.clauses
        if clause.kind in ("body", "card")
    ]
    targets += [
        Target(topic, NOT_HELD, {}, tuple(features.of_text(normalise(question)) for question in questions))
        for topic, questions in not_held.items()
    ]
    return Snapshot(documents, lexicon, gazetteer, build_index(targets), words, sounds, asked)


def questions_by_clause(ingredients: Ingredients) -> Mapping[str, tuple[str, ...]]:
    """How people ask about each clause, by its id."""
    asked: dict[str, list[str]] = {}
    for folder in ingredients.folders:
        for entry in folder.questions.asked:
            for clause in clauses_quoted(folder.document, entry.clause):
                asked.setdefault(clause.id, []).extend(entry.questions)
        for clause in folder.document.clauses:
            for fact in ingredients.lexicon.card_questions:
                if fact.field in clause.states:
                    asked.setdefault(clause.id, []).extend(fact.questions)
    return {clause: tuple(questions) for clause, questions in asked.items()}


def _clause_target(clause: Clause, document: Document, questions: Sequence[str], features: Featurizer) -> Target:
    """A clause's features; a line about the document itself ("成文日期:…") has those of the document's title too."""
    about = f"{document.card.title} {clause.text}" if clause.kind == "card" else clause.text
    own: dict[str, float] = dict(features.of_text(normalise(about)))
    for feature, count in features.of_text(normalise("".join(clause.path[-1:]))).items():
        # The number of a heading ("9. 实施…") is no word of its clauses.
        if feature[0] in "wt" and not feature[1:].isdigit():
            own[feature] = own.get(feature, 0.0) + PATH_WEIGHT * count
    return Target(
        clause.id, clause.document, own, tuple(features.of_text(normalise(question)) for question in questions)
    )
