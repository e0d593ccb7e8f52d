import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import knowledge.index as index_module
from knowledge.features import KIND_WEIGHTS, Query
from knowledge.index import COMMONEST, K1, B, Index, Scores, Target, build_index

FEATURES = st.dictionaries(
    st.sampled_from([f"{kind}{n}" for kind in "wtbsu" for n in range(40)]), st.integers(1, 3), min_size=1, max_size=6
)
TARGETS = st.lists(st.tuples(FEATURES, st.lists(FEATURES, max_size=3)), min_size=45, max_size=60)

unhurried = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def targets_of(drawn: list[tuple[dict[str, int], list[dict[str, int]]]]) -> list[Target]:
    return [Target(str(i), "ab"[i * 2 // len(drawn)], own, tuple(asked)) for i, (own, asked) in enumerate(drawn)]


def expected(targets: list[Target], question: list[str], group: str) -> list[tuple[float, float]]:
    """BM25 the slow way: own score and best question's score for each target."""
    entries = [(target, features) for target in targets for features in (target.own, *target.asked)]
    held = {feature: sum(feature in f for _, f in entries) for feature in question}
    size = {id(f): sum(KIND_WEIGHTS[name[0]] * n for name, n in f.items()) for _, f in entries}
    own_mean = float(np.mean([size[id(t.own)] for t in targets]))
    asked_sizes = [size[id(f)] for t in targets for f in t.asked]

    def score(features: Mapping[str, float], mean: float) -> float:
        damping = K1 * (1 - B + B * size[id(features)] / mean)
        return sum(
            KIND_WEIGHTS[f[0]]
            * math.log(1 + (len(entries) - held[f] + 0.5) / (held[f] + 0.5))
            * (K1 + 1)
            * features[f]
            / (features[f] + damping)
            for f in question
            if f in features and held[f] <= COMMONEST * len(entries)
        )

    return [
        (score(t.own, own_mean), max((score(f, float(np.mean(asked_sizes))) for f in t.asked), default=0.0))
        if t.group == group
        else (0.0, 0.0)
        for t in targets
    ]


def asked(index: Index, *features: str) -> Query:
    """A question that has `features`; those that the index does not know are left out."""
    lists = [index.postings[feature[0]].get(feature[1:]) for feature in features]
    return Query([found for found in lists if found is not None], 0.0)


def by_target(index: Index, scores: Scores) -> NDArray[np.float64]:
    """Own score and best question's score for each target of the index."""
    found = np.zeros((len(index.targets), 2))
    found[scores.targets] = np.column_stack([scores.own, scores.asked])
    return found


@unhurried
@given(TARGETS, FEATURES)
def test_scores_are_bm25s(drawn: list[tuple[dict[str, int], list[dict[str, int]]]], question: dict[str, int]) -> None:
    targets = targets_of(drawn)
    index = build_index(targets)
    scores = index.score(asked(index, *question), index.part(["a"]))
    found = by_target(index, scores)
    for got, wanted in zip(found, expected(targets, list(question), "a"), strict=True):
        assert got == pytest.approx(wanted, rel=1e-4, abs=1e-5)


@unhurried
@given(TARGETS, FEATURES, st.sampled_from(["a", "b", "ab"]))
def test_of_many_targets_those_that_match_score_the_same(
    drawn: list[tuple[dict[str, int], list[dict[str, int]]]], question: dict[str, int], groups: str
) -> None:
    index = build_index(targets_of(drawn))
    query = asked(index, *question)
    part = index.part(groups)
    whole = index.score(query, part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "MANY_TARGETS", 0)
        patch.setattr(index_module, "LONG_LIST", 1)
        few = index.score(query, part)
    assert by_target(index, few) == pytest.approx(by_target(index, whole))
    assert (few.own + few.asked > 0).all()


def many(number: int) -> Index:
    """A corpus in which each of `number` targets has a word of its own and one of ten shared words."""
    targets = [
        Target(str(i), f"g{i % 2}", {f"w{i}": 1, f"b{i % 10}": 1}, ())
        for i in sorted(range(number), key=lambda i: i % 2)
    ]
    return build_index(targets)


def test_past_the_budget_the_most_telling_features_are_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "COMMONEST", 1.0)
    monkeypatch.setattr(index_module, "POSTINGS_BUDGET", 1)
    index = many(200)
    scores = index.score(asked(index, "b3", "w7"), index.part(["g0", "g1"]))
    assert index.targets[int(scores.own.argmax())] == "7"
    assert np.count_nonzero(scores.own) == 1


def test_long_lists_are_narrowed_to_the_groups_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "COMMONEST", 1.0)
    index = many(200)
    whole = index.score(asked(index, "b3"), index.part(["g1"]))
    monkeypatch.setattr(index_module, "LONG_LIST", 1)
    narrowed = index.score(asked(index, "b3"), index.part(["g1"]))
    assert whole.own.tolist() == narrowed.own.tolist() and np.count_nonzero(narrowed.own) == 20


def test_neighbouring_groups_are_searched_as_one() -> None:
    targets = [Target(str(i), group, {f"w{i}": 1}, ()) for i, group in enumerate("aabccd")]
    index = build_index(targets)
    assert index.part("ba").ranges == ((0, 3),)
    part = index.part(["d", "b", "a"])
    assert part.ranges == ((0, 3), (5, 6)) and part.targets.tolist() == [0, 1, 2, 5]
    assert part.outside == (slice(4, 6),), "entry 0 is of no target"


def test_long_lists_of_other_groups_do_not_use_up_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "COMMONEST", 1.0)
    monkeypatch.setattr(index_module, "LONG_LIST", 10)
    monkeypatch.setattr(index_module, "POSTINGS_BUDGET", 30)
    targets = [Target(str(i), "acb"[i // 100], {f"b{i % 2}": 1, f"s{i % 3}": 1}, ()) for i in range(300)]
    index = build_index([t for t in targets if t.group != "b" or t.id in ("201", "203", "205")])
    query = asked(index, "b1", "s0")
    alone = index.score(query, index.part(["b"]))
    assert np.count_nonzero(alone.own) == 3 and alone.own.max() > alone.own.min()


def test_a_perfect_match_comes_to_the_same_however_little_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "COMMONEST", 1.0)
    index = many(200)
    query = asked(index, "b3", "w7")
    worth = KIND_WEIGHTS["b"] * math.log(1 + 180.5 / 20.5) + KIND_WEIGHTS["w"] * math.log(1 + 199.5 / 1.5)
    assert index.score(query, index.part(["g1"])).most == pytest.approx(worth)
    monkeypatch.setattr(index_module, "LONG_LIST", 1)
    monkeypatch.setattr(index_module, "POSTINGS_BUDGET", 1)
    assert index.score(query, index.part(["g1"])).most == pytest.approx(worth)
