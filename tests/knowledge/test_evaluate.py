from knowledge.evaluate import Outcome, Question, answers, by_group, figures
from knowledge.models import Clause

CLAUSE = Clause(
    id="x-1",
    document="x",
    kind="body",
    path=(),
    text="编制50人（含）以上的机关，安排1名。",
    start=0,
    end=18,
    responsible=("省残联", "省人社厅"),
)


def test_a_quotation_answers_whatever_its_punctuation() -> None:
    assert answers(CLAUSE, ["编制50人含以上的机关"])
    assert answers(CLAUSE, ["省残联省人社厅"])
    assert not answers(CLAUSE, ["编制67人"])


def test_figures() -> None:
    question = Question("q", "问", gold=("x",), doc=("001",), style="plain")
    refusable = Question("n", "问")
    outcomes = [Outcome(question, rank, rank is None) for rank in (1, 2, 4, None)] + [Outcome(refusable, None, True)]
    groups = by_group(outcomes)
    assert groups["answerable"] == figures(outcomes[:4])
    shares = groups["style plain"]
    assert (shares.count, shares.hit_1, shares.hit_3, shares.mrr, shares.refused) == (
        4,
        0.25,
        0.5,
        (1 + 0.5 + 0.25) / 4,
        0.25,
    )
    assert groups["unanswerable"].refused == 1.0
