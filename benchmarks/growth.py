"""How the time of a question grows when there are ten, a hundred, a thousand times as many clauses."""

import sys
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from benchmarks.figures import Figure
from benchmarks.madeup import MadeUp
from benchmarks.timing import fastest
from benchmarks.workload import indexed_clauses, knowledge_in_use, load_questions
from knowledge.features import Featurizer
from knowledge.index import Target, build_index
from knowledge.models import Clause
from knowledge.normalise import normalise
from knowledge.search import Knowledge
from knowledge.snapshot import NOT_HELD, Snapshot
from knowledge.tokens import segmenter

FACTORS = (10, 100, 1000)
SMOKE_FACTORS = (10,)
ROUNDS = 7
SMOKE_ROUNDS = 2
PLACE, ANYWHERE = "with_place", "anywhere"


def measure(smoke: bool) -> Iterator[Figure]:
    """Microseconds a question at each size, and how much more than at today's, beside how much larger the corpus is."""
    knowledge = knowledge_in_use()
    # Only questions that name no place themselves can be asked of all documents.
    questions = [question.q for question in load_questions() if not knowledge.search(question.q).places]
    rounds = SMOKE_ROUNDS if smoke else ROUNDS
    today = _times(enlarged(knowledge, 1), questions, rounds)
    yield from _absolute(1, today)
    for factor in SMOKE_FACTORS if smoke else FACTORS:
        times = _times(enlarged(knowledge, factor), questions, rounds)
        yield from _absolute(factor, times)
        for way, time in times.items():
            yield Figure(
                name=f"growth_{factor}_time_ratio_{way}",
                value=time / today[way],
                unit="times",
                peer="corpus",
                peer_value=factor,
            )


def enlarged(knowledge: Knowledge, factor: int) -> Knowledge:
    """The knowledge with `factor` times as many clauses; those of the made-up texts come without questions."""
    snapshot = knowledge.snapshot
    made_up = MadeUp(knowledge)
    others = tuple(made_up.documents(factor - 1))
    words = {**dict.fromkeys(made_up.vocabulary, 1), **snapshot.words}
    features = Featurizer(snapshot.lexicon, snapshot.sounds, segmenter(words))
    clauses = [*indexed_clauses(knowledge), *(clause for document in others for clause in document.clauses)]
    index = build_index(list(_targets(snapshot, clauses, features)))
    documents = (*snapshot.documents, *others)
    return Knowledge(msgspec.structs.replace(snapshot, documents=documents, words=words, index=index))


def _targets(snapshot: Snapshot, clauses: Iterable[Clause], features: Featurizer) -> Iterator[Target]:
    """What the index is built from; a feature is one string wherever it occurs, or too much memory is needed."""

    def of(text: str) -> Mapping[str, float]:
        return {sys.intern(feature): count for feature, count in features.of_text(normalise(text)).items()}

    for clause in clauses:
        asked = snapshot.asked.get(clause.id, ())
        yield Target(clause.id, clause.document, of(clause.text), tuple(map(of, asked)))
    for topic in snapshot.lexicon.not_held:
        yield Target(topic.id, NOT_HELD, {}, tuple(map(of, topic.questions)))


def _times(knowledge: Knowledge, questions: list[str], rounds: int) -> Mapping[str, float]:
    """Microseconds a question, asked for a place that has a text, and asked of all texts."""
    region = knowledge.snapshot.documents[0].card.region

    def ask(region: str | None) -> None:
        for question in questions:
            knowledge.search(question, region)

    seconds = fastest({PLACE: lambda: ask(region), ANYWHERE: lambda: ask(None)}, rounds)
    return {way: taken / len(questions) * 1e6 for way, taken in seconds.items()}


def _absolute(factor: int, times: Mapping[str, float]) -> Iterator[Figure]:
    for way, time in times.items():
        yield Figure(name=f"growth_{factor}_time_{way}", value=time, unit="us/question")
