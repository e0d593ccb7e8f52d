"""How good, fast and small the answers are, beside the peers over the same clauses and questions."""

import functools
from collections.abc import Callable, Iterator, Sequence

from benchmarks.figures import Figure
from benchmarks.memory import OURS, peak_memory
from benchmarks.peers import PEERS, Peer
from benchmarks.timing import fastest
from benchmarks.workload import Workload, knowledge_in_use, load_questions, workload_of
from knowledge.evaluate import Figures, Outcome, Question, answers, by_group, figures, run
from knowledge.normalise import letters_and_digits
from knowledge.search import Knowledge

ROUNDS = 15
SMOKE_ROUNDS = 2
UNANSWERABLE = "unanswerable"


def measure(smoke: bool) -> Iterator[Figure]:
    """Quality, speed and memory."""
    knowledge, questions = knowledge_in_use(), load_questions()
    workload = workload_of(knowledge, questions)
    peers = {name: build(workload) for name, build in PEERS.items()}
    yield from _quality(knowledge, peers, questions, workload)
    yield from _speed(knowledge, peers, workload, SMOKE_ROUNDS if smoke else ROUNDS)
    yield from _memory(workload)


def _quality(
    knowledge: Knowledge, peers: dict[str, Peer], questions: Sequence[Question], workload: Workload
) -> Iterator[Figure]:
    groups = by_group(run(knowledge, questions))
    ours = groups["answerable"]
    yield Figure(name="answers_mrr", value=ours.mrr, unit="share")
    yield Figure(name="answers_refused", value=groups[UNANSWERABLE].refused, unit="share")
    yield Figure(name="answers_wrongly_refused", value=ours.refused, unit="share")
    for name, peer in peers.items():
        theirs = peer_quality(peer, knowledge, questions, workload)
        yield Figure(name="answers_hit_1", value=ours.hit_1, unit="share", peer=name, peer_value=theirs.hit_1)
        yield Figure(name="answers_hit_3", value=ours.hit_3, unit="share", peer=name, peer_value=theirs.hit_3)


def peer_quality(peer: Peer, knowledge: Knowledge, questions: Sequence[Question], workload: Workload) -> Figures:
    """A peer's figures on the answerable questions; it never refuses."""
    outcomes = []
    for question, asked in zip(questions, workload.asked, strict=True):
        if not question.gold:
            continue
        gold = [letters_and_digits(quotation) for quotation in question.gold]
        # A topic that no text answers is no passage, in ours as in theirs.
        found = [target for target in peer.ask(asked.q, asked.documents) if target in knowledge.clauses]
        ranks = (rank for rank, target in enumerate(found, 1) if answers(knowledge.clauses[target], gold))
        outcomes.append(Outcome(question, next(ranks, None), refused=False))
    return figures(outcomes)


def _speed(knowledge: Knowledge, peers: dict[str, Peer], workload: Workload, rounds: int) -> Iterator[Figure]:
    def ask_ours() -> None:
        for asked in workload.asked:
            knowledge.search(asked.q, asked.region)

    def ask(peer: Peer) -> None:
        for asked in workload.asked:
            peer.ask(asked.q, asked.documents)

    runs: dict[str, Callable[[], object]] = {
        OURS: ask_ours,
        **{name: functools.partial(ask, peer) for name, peer in peers.items()},
    }
    per_second = {name: len(workload.asked) / seconds for name, seconds in fastest(runs, rounds).items()}
    ours = per_second.pop(OURS)
    for name, theirs in per_second.items():
        yield Figure(name="answers_speed", value=ours, unit="questions/s", peer=name, peer_value=theirs)


def _memory(workload: Workload) -> Iterator[Figure]:
    ours = peak_memory(OURS, workload)
    for name in PEERS:
        theirs = peak_memory(name, workload)
        yield Figure(name="answers_peak_memory", value=ours, unit="MiB", peer=name, peer_value=theirs)
