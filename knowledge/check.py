"""Finding what is wrong with the knowledge's files, each with its file, its line, and what to do about it."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable

import msgspec

from knowledge.account import account_for
from knowledge.corpus.folders import BadKnowledge, Folder, clauses_quoted, load_folder, packaged
from knowledge.corpus.models import Asked, NotAsked
from knowledge.facts.files import load_vocabulary
from knowledge.lexicon.files import load_lexicon
from knowledge.models import MAX_CLAUSE, Clause, Document
from knowledge.places.gazetteer import Gazetteer
from knowledge.programmes.catalogue import load_programmes
from knowledge.programmes.checks import check_programmes
from knowledge.reading.document import squeeze
from knowledge.snapshot import load_gazetteer

FEWEST_QUESTIONS = 3


class Problem(msgspec.Struct, frozen=True):
    """Something to mend in `file` (below the knowledge's folder), at `line` (from 1) where it can be told."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


def check_knowledge(root: Traversable | None = None) -> list[Problem]:
    """Every problem below `root` (default: the packaged knowledge)."""
    root = root or packaged()
    problems: list[Problem] = []
    documents: list[Document] = []
    try:
        gazetteer = load_gazetteer(root)
        problems += _check_lexicon(root)
    except BadKnowledge as error:
        return [Problem(error.file, error.line, error.message)]
    names = sorted(entry.name for entry in (root / "corpus").iterdir() if entry.is_dir() and entry.name[0] not in "._")
    for name in names:
        try:
            folder = load_folder(root / "corpus" / name)
        except BadKnowledge as error:
            problems.append(Problem(f"corpus/{error.file}", error.line, error.message))
            continue
        documents.append(folder.document)
        problems += check_folder(root / "corpus" / name, folder, gazetteer)
    return problems + _check_programmes(root, documents)


def check_folder(place: Traversable, folder: Folder, gazetteer: Gazetteer) -> Iterator[Problem]:
    """Every problem of one document."""
    yield from _check_card(place, folder, gazetteer)
    yield from _check_reading(folder)
    yield from _check_questions(place, folder)


def _check_card(place: Traversable, folder: Folder, gazetteer: Gazetteer) -> Iterator[Problem]:
    document, card = folder.document, folder.document.card
    file = f"corpus/{place.name}/card.yaml"
    lines = Lines(place / "card.yaml")
    digest = hashlib.sha256((place / "source.txt").read_bytes()).hexdigest()
    if digest != card.sha256:
        yield Problem(
            file, lines.of("sha256:"), f"the source has changed: its SHA-256 is {digest}; put that here if it is meant"
        )
    if not gazetteer.exists(card.region):
        yield Problem(file, lines.of("region:"), f'"{card.region}" is no GB/T 2260 code; write one like "620500"')
    if card.in_force_from > card.in_force_to:
        yield Problem(file, lines.of("in_force_to:"), "in force to a day before it begins; mend one of the two dates")
    for fact in card.facts:
        found = sum(squeeze(fact.quote) in clause.text for clause in document.clauses)
        if found != 1:
            told = "is not in the source" if not found else f"is in {found} clauses"
            yield Problem(
                file, lines.of(fact.quote), f'the quotation for {fact.field} {told}: "{fact.quote}"; quote one clause'
            )
    for misprint in card.misprints:
        if misprint.printed not in document.text:
            yield Problem(
                file, lines.of(misprint.printed), f'"{misprint.printed}" is not in the source; quote it as printed'
            )


def _check_reading(folder: Folder) -> Iterator[Problem]:
    document = folder.document
    file = f"corpus/{document.id}/source.txt"
    for clause in document.clauses:
        if len(clause.text) > MAX_CLAUSE:
            yield Problem(
                file,
                None,
                f"clause {clause.id} has {len(clause.text)} characters, over {MAX_CLAUSE}: {clause.text[:20]}…",
            )
    unaccounted = account_for(document).unaccounted
    if unaccounted:
        yield Problem(
            file, None, f"{unaccounted} characters are in no clause and not dropped; see `zhuye knowledge report`"
        )


def _check_questions(place: Traversable, folder: Folder) -> Iterator[Problem]:
    document = folder.document
    file = f"corpus/{place.name}/questions.yaml"
    lines = Lines(place / "questions.yaml")
    covered: set[str] = set()
    counts: Counter[str] = Counter()
    entries: tuple[Asked | NotAsked, ...] = (*folder.questions.asked, *folder.questions.not_asked)
    for entry in entries:
        quoted = list(clauses_quoted(document, entry.clause))
        if len(quoted) != 1:
            told = "is in no clause" if not quoted else f"is in {len(quoted)} clauses"
            yield Problem(
                file, lines.of(entry.clause), f'the quotation {told}: "{entry.clause}"; quote words of one clause only'
            )
        covered.update(clause.id for clause in quoted)
        if isinstance(entry, Asked):
            counts.update({clause.id: len(entry.questions) for clause in quoted})
            if len(set(entry.questions)) < len(entry.questions):
                yield Problem(file, lines.of(entry.clause), "a question stands twice; keep one")
    for clause in document.clauses:
        if clause.id in counts and counts[clause.id] < FEWEST_QUESTIONS:
            yield Problem(
                file,
                lines.of(clause.text[:8]),
                f"clause {clause.id} has fewer than {FEWEST_QUESTIONS} questions; add some",
            )
        if _could_be_asked(clause) and clause.id not in covered:
            message = (
                f"nothing about clause {clause.id} ({clause.text[:20]}…); add it under asked, or not_asked with why"
            )
            yield Problem(file, None, message)


def _could_be_asked(clause: Clause) -> bool:
    """Whether it is a sentence: an address, a signature, a title are not."""
    return clause.kind == "body" and bool(re.search(r"[。；]$", clause.text))


def _check_lexicon(root: Traversable) -> Iterator[Problem]:
    lexicon = load_lexicon(root / "lexicon")
    ids = Counter(topic.id for topic in lexicon.not_held)
    topics = Lines(root / "lexicon" / "not_held.yaml")
    for identifier in (identifier for identifier, count in ids.items() if count > 1):
        yield Problem("lexicon/not_held.yaml", topics.of(f"id: {identifier}"), f'two topics "{identifier}"; rename one')
    details = Lines(root / "lexicon" / "details.yaml")
    for detail in lexicon.details:
        for pattern in (detail.asked, detail.stated):
            try:
                re.compile(pattern)
            except re.error as error:
                yield Problem(
                    "lexicon/details.yaml", details.of(f"id: {detail.id}"), f"not a regular expression: {error}"
                )


def _check_programmes(root: Traversable, documents: Sequence[Document]) -> list[Problem]:
    try:
        programmes = load_programmes(root / "programmes")
        problems = check_programmes(programmes, documents, load_vocabulary(root / "facts"))
    except BadKnowledge as error:
        return [Problem(error.file, error.line, error.message)]
    return [
        Problem(
            found.file, Lines(root / found.file).of(f"id: {found.programme}"), f"{found.programme}: {found.message}"
        )
        for found in problems
    ]


class Lines:
    """Where in a file something stands."""

    def __init__(self, file: Traversable) -> None:
        self._lines = file.read_text("utf-8").splitlines() if file.is_file() else []

    def of(self, words: str) -> int | None:
        """The number (from 1) of the first line that has `words`."""
        return next((number for number, line in enumerate(self._lines, 1) if words in line), None)
