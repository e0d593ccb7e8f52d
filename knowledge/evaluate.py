"""How well questions are answered: hit@1, hit@3, mean reciprocal rank and refusals, by style and by document."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from knowledge.models import Clause
from knowledge.normalise import letters_and_digits
from knowledge.search import Knowledge


class Question(msgspec.Struct, frozen=True):
    """A question with the quotations that answer it; with none, it is one that should be refused."""

    id: str
    q: str
    region: str | None = None
    gold: tuple[str, ...] = ()
    doc: tuple[str, ...] = ()
    style: str = "unanswerable"


class Outcome(msgspec.Struct, frozen=True):
    """`rank` of the first passage that answers (from 1), None if none does."""

    question: Question
    rank: int | None
    refused: bool


class Figures(msgspec.Struct, frozen=True):
    """Shares (0 to 1) over `count` questions."""

    count: int
    hit_1: float
    hit_3: float
    mrr: float
    refused: float


def run(knowledge: Knowledge, questions: Iterable[Question]) -> list[Outcome]:
    """Ask every question."""
    outcomes = []
    for question in questions:
        found = knowledge.search(question.q, question.region)
        gold = [letters_and_digits(quotation) for quotation in question.gold]
        ranks = [rank for rank, passage in enumerate(found.passages, 1) if answers(passage.clause, gold)]
        names_no_amount = not gold and found.detail is not None and found.detail.id == "amount"
        outcomes.append(Outcome(question, min(ranks, default=None), found.outcome != "answered" or names_no_amount))
    return outcomes


def answers(clause: Clause, gold: Iterable[str]) -> bool:
    """Whether a clause's text, or its units, contain one of the `gold` quotations (letters and digits only)."""
    text, units = letters_and_digits(clause.text), letters_and_digits("".join(clause.responsible))
    return any(quotation in text or quotation in units for quotation in gold)


def figures(outcomes: Iterable[Outcome]) -> Figures:
    """The shares over `outcomes`."""
    outcomes = list(outcomes)
    count = len(outcomes) or 1
    ranks = [outcome.rank or 0 for outcome in outcomes]
    return Figures(
        count=len(outcomes),
        hit_1=sum(rank == 1 for rank in ranks) / count,
        hit_3=sum(1 <= rank <= 3 for rank in ranks) / count,
        mrr=sum(1 / rank for rank in ranks if rank) / count,
        refused=sum(outcome.refused for outcome in outcomes) / count,
    )


def by_group(outcomes: Iterable[Outcome]) -> Mapping[str, Figures]:
    """The figures of all answerable questions, of each style and each document, and of the unanswerable ones."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        question = outcome.question
        if not question.gold:
            groups["unanswerable"].append(outcome)
            continue
        groups["answerable"].append(outcome)
        groups[f"style {question.style}"].append(outcome)
        for document in sorted(set(question.doc)):
            groups[f"document {document}"].append(outcome)
    return {name: figures(members) for name, members in groups.items()}
