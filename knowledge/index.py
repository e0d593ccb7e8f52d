"""An inverted index over clauses and over the questions people ask about them, scored with BM25.

Every target (a clause, or a topic the texts do not hold) has entries: its own words, and each question it answers.
Entries of a target are neighbours, and targets of a document are neighbours, so that a search in some documents only
reads the stretches of each posting list that belong to them.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from knowledge.features import KIND_WEIGHTS, Query

K1 = 1.2
B = 0.4
"""BM25's saturation and length normalisation."""
POSTINGS_BUDGET = 60_000
"""How many postings a search reads at the most, the rarest features first: what bounds its time in a huge corpus."""

COMMONEST = 0.05
"""A feature that a larger share of all entries has says nothing, and is left out."""
LONG_LIST = 4_000
"""A posting list longer than this is narrowed to the documents searched before it is read."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Target(msgspec.Struct, frozen=True):
    """What a search can find, with the features of its own words and of each question it answers.

    `group` is the document (or other group) that it belongs to.
    """

    id: str
    group: str
    own: Mapping[str, float]
    asked: tuple[Mapping[str, float], ...]


class Scores(msgspec.Struct, frozen=True):
    """For each target of the index: how well its own words match, how well its best question does, and which one.

    `most` is what a perfect match would come to.
    """

    own: NDArray[np.float64]
    asked: NDArray[np.float64]
    most: float


class Index(msgspec.Struct, frozen=True):
    """The index as arrays; `postings[starts[row]:starts[row + 1]]` are the entries that have the feature of `row`.

    `worth` is a feature's rarity times the weight of its kind; `groups` are ranges of targets.
    """

    rows: Mapping[str, int]
    starts: Integers
    postings: Integers
    weights: Floats
    worth: Floats
    unseen: float
    first_entry: Integers
    targets: tuple[str, ...]
    groups: Mapping[str, tuple[int, int]]

    def score(self, query: Query, groups: Iterable[str]) -> Scores:
        """How well each target of `groups` matches `query`; other targets score nothing."""
        rows = np.array(query.rows, dtype=np.intp)
        wanted = [self.groups[group] for group in groups]
        totals = self._totals(rows, wanted)
        first = self.first_entry[:-1]
        own = totals[first]
        totals[first] = 0.0
        mask = np.zeros(len(first), dtype=bool)
        for start, end in wanted:
            mask[start:end] = True
        return Scores(
            own * mask,
            np.maximum.reduceat(totals, first) * mask,
            query.unseen * self.unseen + float(self.worth[rows].sum()),
        )

    def _totals(self, rows: NDArray[np.intp], wanted: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
        """What the features of `rows` give to each entry; past the budget, the most telling of them only."""
        start = int(self.first_entry[min(first for first, _ in wanted)])
        end = int(self.first_entry[max(last for _, last in wanted)])
        low, high = self.starts[rows], self.starts[rows + 1]
        if (high - low).max(initial=0) > LONG_LIST:
            for i in np.flatnonzero(high - low > LONG_LIST):
                entries = self.postings[low[i] : high[i]]
                low[i], high[i] = low[i] + entries.searchsorted([start, end])
        lengths = high - low
        if lengths.sum() > POSTINGS_BUDGET:
            telling = np.argsort(-self.worth[rows])
            telling = telling[: int(np.cumsum(lengths[telling]).searchsorted(POSTINGS_BUDGET)) + 1]
            low, lengths = low[telling], lengths[telling]
        places = np.arange(lengths.sum()) + np.repeat(low - (np.cumsum(lengths) - lengths), lengths)
        size = int(self.first_entry[-1])
        return np.bincount(self.postings[places], self.weights[places], minlength=size).astype(np.float64, copy=False)


def build_index(targets: Sequence[Target]) -> Index:
    """The index of `targets`, which must stand together by group."""
    entries = [features for target in targets for features in (target.own, *target.asked)]
    own = np.cumsum([0, *(1 + len(target.asked) for target in targets)], dtype=np.int32)
    holders: dict[str, list[int]] = {}
    for number, features in enumerate(entries):
        for feature in features:
            holders.setdefault(feature, []).append(number)
    holders = {feature: held for feature, held in holders.items() if len(held) <= COMMONEST * len(entries)}
    rarity = {feature: _rarity(len(entries), len(held)) for feature, held in holders.items()}
    damping = _damping(entries, own[:-1])
    postings: list[int] = []
    weights: list[float] = []
    starts = [0]
    for feature, held in holders.items():
        base = KIND_WEIGHTS[feature[0]] * rarity[feature] * (K1 + 1)
        postings += held
        weights += [base * entries[number][feature] / (entries[number][feature] + damping[number]) for number in held]
        starts.append(len(postings))
    return Index(
        rows={feature: row for row, feature in enumerate(holders)},
        starts=np.array(starts, dtype=np.int32),
        postings=np.array(postings, dtype=np.int32),
        weights=np.array(weights, dtype=np.float32),
        worth=np.array([KIND_WEIGHTS[feature[0]] * rarity[feature] for feature in holders], dtype=np.float32),
        unseen=_rarity(len(entries), 0),
        first_entry=own,
        targets=tuple(target.id for target in targets),
        groups=_groups(targets),
    )


def _rarity(entries: int, held: int) -> float:
    """BM25's inverse document frequency, always positive."""
    return math.log(1 + (entries - held + 0.5) / (held + 0.5))


def _damping(entries: Sequence[Mapping[str, float]], own: Integers) -> Sequence[float]:
    """BM25's K for each entry, its length measured against other entries of its sort (own words, or a question)."""
    lengths = np.array([sum(KIND_WEIGHTS[f[0]] * n for f, n in features.items()) for features in entries])
    is_own = np.zeros(len(entries), dtype=bool)
    is_own[own] = True
    mean = np.where(is_own, lengths[is_own].mean(), lengths[~is_own].mean() if (~is_own).any() else 1.0)
    return [float(value) for value in K1 * (1 - B + B * lengths / mean)]


def _groups(targets: Sequence[Target]) -> Mapping[str, tuple[int, int]]:
    counts = Counter(target.group for target in targets)
    groups: dict[str, tuple[int, int]] = {}
    first = 0
    for group in dict.fromkeys(target.group for target in targets):
        groups[group] = (first, first + counts[group])
        first += counts[group]
    return groups
