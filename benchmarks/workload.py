"""What every contender is given: the same clauses, the same questions, the same places."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from bot.snapshots import load_knowledge
from knowledge.evaluate import Question
from knowledge.models import Clause
from knowledge.search import Knowledge
from knowledge.snapshot import NOT_HELD

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "build" / "bench-cache"
QUESTIONS = ROOT / "tests" / "questions"


class Entry(msgspec.Struct, frozen=True):
    """A text that a peer indexes: a clause's own, or a question people ask. `group` is the document's id."""

    target: str
    group: str
    text: str


class Asked(msgspec.Struct, frozen=True):
    """A question with the documents that may answer it; with none, all may."""

    q: str
    region: str | None
    documents: tuple[str, ...]


class Workload(msgspec.Struct, frozen=True):
    """`clauses` and `questions` are what can be indexed, `asked` is what is asked."""

    clauses: tuple[Entry, ...]
    questions: tuple[Entry, ...]
    asked: tuple[Asked, ...]


def knowledge_in_use() -> Knowledge:
    """The packaged knowledge, built at first use and kept below `build`."""
    return load_knowledge(CACHE)


def load_questions() -> list[Question]:
    """The evaluation's questions, answerable or not."""
    decoder = msgspec.json.Decoder(Question)
    return [
        decoder.decode(line) for file in sorted(QUESTIONS.glob("*.jsonl")) for line in file.read_bytes().splitlines()
    ]


def indexed_clauses(knowledge: Knowledge) -> list[Clause]:
    """The clauses that a search can find."""
    return [knowledge.clauses[target] for target in knowledge.snapshot.index.targets if target in knowledge.clauses]


def workload_of(knowledge: Knowledge, questions: Iterable[Question]) -> Workload:
    """The same work for all: the peers are told the places that our search finds in each question."""
    clauses = indexed_clauses(knowledge)
    people_ask = [
        Entry(clause.id, clause.document, question)
        for clause in clauses
        for question in knowledge.snapshot.asked.get(clause.id, ())
    ]
    people_ask += [
        Entry(topic.id, NOT_HELD, question)
        for topic in knowledge.snapshot.lexicon.not_held
        for question in topic.questions
    ]
    return Workload(
        clauses=tuple(Entry(clause.id, clause.document, clause.text) for clause in clauses),
        questions=tuple(people_ask),
        asked=tuple(_asked(knowledge, question) for question in questions),
    )


def _asked(knowledge: Knowledge, question: Question) -> Asked:
    places = knowledge.search(question.q, question.region).places
    documents = knowledge.documents_for(places) if places else []
    return Asked(question.q, question.region, tuple(document.id for document in documents))
