"""An inverted index over clauses and over the questions people ask about them, scored with BM25.

Every target (a clause, or a topic the texts do not hold) has entries: its own words, and each question it answers.
Entries of a target are neighbours, and targets of a document are neighbours, so that a search in some documents only
reads the stretches of each posting list that belong to them.
"""

import itertools
import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from knowledge.features import KIND_WEIGHTS, Postings, Query

K1 = 1.2
B = 0.4
"""BM25's saturation and length normalisation."""
POSTINGS_BUDGET = 60_000
"""How many postings a search reads at the most, the rarest features first: what bounds its time in a huge corpus."""

COMMONEST = 0.05
"""A feature that a larger share of all entries has says nothing, and is left out."""
LONG_LIST = 1_000
"""A posting list longer than this is narrowed to the documents searched before it is read."""
MANY_TARGETS = 5_000
"""With more targets than this it is faster to find those that match at all than to score all of them."""

POSTING = np.dtype([("weight", "<f4"), ("entry", "<i4")])
"""What a feature counts in an entry that has it. Read as one whole number, postings are in the order of entries."""
HALF = 32
"""How many bits of that number are the weight."""
WORTH = struct.Struct("<f")
"""The weight of a list's first posting."""

Integers = NDArray[np.int32]
Numbers = NDArray[np.int64]
Range = tuple[int, int]
"""Targets by their numbers: the first, and the one after the last."""


class Target(msgspec.Struct, frozen=True):
    """What a search can find, with the features of its own words and of each question it answers.

    `group` is the document (or other group) that it belongs to.
    """

    id: str
    group: str
    own: Mapping[str, float]
    asked: tuple[Mapping[str, float], ...]


class Part(msgspec.Struct, frozen=True):
    """The targets that a search may find: `ranges` of them, their numbers, their own entries, and others' entries."""

    ranges: tuple[Range, ...]
    targets: Numbers
    own: Numbers
    outside: tuple[slice, ...]


class Scores(msgspec.Struct, frozen=True):
    """For each of `targets` (their numbers, ascending): how well its own words match, and how well its best question.

    All other targets score nothing. `most` is what a perfect match would come to.
    """

    targets: Numbers
    own: NDArray[np.float64]
    asked: NDArray[np.float64]
    most: float


class Index(msgspec.Struct, frozen=True):
    """The posting lists of features, and what the entries in them belong to.

    A list is `POSTING`s as bytes, in the order of their entries. It begins with what the feature is worth, its rarity
    times the weight of its kind, for entry 0, which is no target's: there a search sums up a perfect match. Target `i`
    has the entries from `first_entry[i]` to before `first_entry[i + 1]`, its own words first; `target_of` is the way
    back. `groups` are ranges of targets.
    """

    postings: Postings
    unseen: float
    first_entry: Numbers
    target_of: Integers
    targets: tuple[str, ...]
    groups: Mapping[str, Range]

    def part(self, groups: Iterable[str]) -> Part:
        """The targets of `groups`."""
        ranges: list[Range] = []
        for first, last in sorted(self.groups[group] for group in groups):
            if ranges and ranges[-1][1] == first:
                first, _ = ranges.pop()
            ranges.append((first, last))
        bounds = [0, *itertools.chain(*ranges), len(self.targets)]
        outside = (self.first_entry[bounds[i : i + 2]].tolist() for i in range(0, len(bounds), 2))
        targets = np.concatenate([np.arange(first, last) for first, last in ranges])
        return Part(
            ranges=tuple(ranges),
            targets=targets,
            own=self.first_entry.take(targets),
            outside=tuple(slice(start, end) for start, end in outside if start < end),
        )

    def score(self, query: Query, part: Part) -> Scores:
        """How well the targets in `part` match `query`."""
        lists: Sequence[bytes] = query.lists
        longest = COMMONEST * len(self.target_of)
        if longest > LONG_LIST or sum(map(len, lists)) > POSTINGS_BUDGET * POSTING.itemsize:
            lists = self._affordable(lists, part)
        read = np.frombuffer(b"".join(lists), POSTING)
        sums = np.bincount(read["entry"], read["weight"], len(self.target_of))
        totals: NDArray[np.float64] = sums.astype(np.float64, copy=False)
        most = query.unseen * self.unseen + float(totals[0])
        totals[0] = 0.0
        for outside in part.outside:
            totals[outside] = 0.0
        targets, heads = part.targets, part.own
        if len(targets) > MANY_TARGETS:
            targets = self._touched(totals)
            heads = self.first_entry.take(targets)
        own = totals.take(heads)
        totals[heads] = 0.0
        # From the last entry of a target to the next target's first, all totals are nought.
        asked = np.maximum.reduceat(totals, heads) if len(heads) else own
        return Scores(targets, own, asked, most)

    def _touched(self, totals: NDArray[np.float64]) -> Numbers:
        """The targets of which an entry has a total."""
        touched = np.zeros(len(self.targets), dtype=bool)
        touched[self.target_of.take(np.flatnonzero(totals > 0))] = True
        return np.flatnonzero(touched)

    def _affordable(self, lists: Sequence[bytes], part: Part) -> Sequence[bytes]:
        """Of long lists the stretches in `part`; of what is past the budget, only what the features are worth."""
        size = POSTING.itemsize
        if part.outside:
            bounds = self.first_entry.take(np.array(part.ranges)) << HALF
            lists = [_within(found, bounds) if len(found) > LONG_LIST * size else found for found in lists]
        if sum(map(len, lists)) <= POSTINGS_BUDGET * size:
            return lists
        lists = sorted(lists, key=WORTH.unpack_from, reverse=True)
        before = itertools.accumulate(map(len, lists[:-1]), initial=0)
        return [
            found if spent < POSTINGS_BUDGET * size else found[:size]
            for found, spent in zip(lists, before, strict=True)
        ]


def _within(postings: bytes, bounds: Numbers) -> bytes:
    """The worth that a list begins with, and its stretches between each two `bounds`, entries in the high half."""
    size = POSTING.itemsize
    cuts = np.frombuffer(postings, "<i8").searchsorted(bounds) * size
    return b"".join([postings[:size], *(postings[start:end] for start, end in cuts.tolist())])


def build_index(targets: Sequence[Target]) -> Index:
    """The index of `targets`, which must stand together by group."""
    entries = [features for target in targets for features in (target.own, *target.asked)]
    sizes = [1 + len(target.asked) for target in targets]
    own = np.cumsum([0, *sizes], dtype=np.int64)
    holders: dict[str, list[int]] = {}
    for number, features in enumerate(entries):
        for feature in features:
            holders.setdefault(feature, []).append(number)
    damping = _damping(entries, own[:-1])
    postings: dict[str, dict[str, bytes]] = {kind: {} for kind in KIND_WEIGHTS}
    # What is asked for most lies together in memory.
    for feature, held in sorted(holders.items(), key=lambda item: -len(item[1])):
        if len(held) <= COMMONEST * len(entries):
            worth = KIND_WEIGHTS[feature[0]] * _rarity(len(entries), len(held))
            counts = [entries[number][feature] for number in held]
            weights = [worth * (K1 + 1) * n / (n + damping[number]) for number, n in zip(held, counts, strict=True)]
            found = np.empty(1 + len(held), POSTING)
            found["entry"], found["weight"] = [0, *(1 + number for number in held)], [worth, *weights]
            postings[feature[0]][feature[1:]] = found.tobytes()
    return Index(
        postings=postings,
        unseen=_rarity(len(entries), 0),
        first_entry=1 + own,
        target_of=np.repeat(np.arange(-1, len(targets), dtype=np.int32), [1, *sizes]),
        targets=tuple(target.id for target in targets),
        groups=_groups(targets),
    )


def _rarity(entries: int, held: int) -> float:
    """BM25's inverse document frequency, always positive."""
    return math.log(1 + (entries - held + 0.5) / (held + 0.5))


def _damping(entries: Sequence[Mapping[str, float]], own: Numbers) -> Sequence[float]:
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
