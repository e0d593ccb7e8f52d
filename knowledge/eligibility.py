"""Which programmes a household could apply for: facts and programmes in, three-valued verdicts with reasons out.

A verdict is about what the text itself states. A missing fact, or a condition that the text leaves to other rules,
gives "unknown", never "lacks". Whether the plan is still in force is another question (`Programme.in_force`).
"""

import itertools
from collections.abc import Iterable, Sequence, Set
from typing import Literal

import msgspec

from knowledge.facts.derivation import ask_for, derive
from knowledge.facts.logic import conjunction, truth, value_of
from knowledge.facts.models import Any, Condition, Facts, Group, In, Leaf, Map, Vocabulary, leaves
from knowledge.places.gazetteer import containing, contains
from knowledge.programmes.models import Entry, Programme

Word = Literal["meets", "lacks", "unknown"]
SUBJECT = "subject"
REGION = "region"
OPEN = "open"
EITHER: Set[bool] = frozenset((True, False))
NEITHER: Set[bool] = frozenset()


class CriterionVerdict(msgspec.Struct, frozen=True, gc=False):
    """How a household stands to one criterion. `fact` is the one that decides it; "open" if none can."""

    fact: str
    verdict: Word
    quotation: str
    note: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """How a household stands to a programme; `missing` are the facts that could still change that, first one first."""

    programme: Programme
    verdict: Word
    criteria: tuple[CriterionVerdict, ...]
    missing: tuple[str, ...]


def judge(given: Facts, programmes: Iterable[Programme], vocabulary: Vocabulary) -> list[Verdict]:
    """The verdicts on the programmes of the household's place, in their order; background is left out.

    `given` are validated facts. Programmes hold for a household in their region; for one of which only a larger place
    is known, or no place at all, they are at best unknown.
    """
    return judge_derived(derive(given, vocabulary).facts, programmes, vocabulary)


def judge_derived(facts: Facts, programmes: Iterable[Programme], vocabulary: Vocabulary) -> list[Verdict]:
    """`judge` for `facts` that already hold all that follows from them."""
    judges = _Judge(facts, vocabulary)
    verdicts = []
    for regions, of_regions in itertools.groupby(programmes, key=lambda programme: programme.regions):
        here = judges.lives_in(regions)
        if here is not False:
            verdicts += [judges.verdict(each, here) for each in of_regions if each.entry.kind != "background"]
    return verdicts


class _Judge:
    """Judges one household."""

    def __init__(self, facts: Facts, vocabulary: Vocabulary) -> None:
        self.facts = facts
        self.vocabulary = vocabulary

    def lives_in(self, regions: tuple[str, ...]) -> bool | None:
        """Whether the household is in one of `regions`; undecided where its place is not known closely enough."""
        place = self.facts.get(REGION)
        if not isinstance(place, str):
            return None
        around = containing(place)
        if any(region in around for region in regions):
            return True
        return None if any(contains(place, region) for region in regions) else False

    def verdict(self, programme: Programme, here: bool | None) -> Verdict:
        """`here` is whether the household is where the programme holds."""
        criteria = self._criteria(programme.entry)
        truths = [truth(criterion, self.facts, self.vocabulary) for criterion in criteria]
        total = conjunction([here, *truths])
        reasons = [self._explained(*pair) for pair in zip(criteria, truths, strict=True)]
        if here is None:
            reasons.insert(0, CriterionVerdict(REGION, "unknown", programme.entry.quotations[0]))
        return Verdict(
            programme=programme,
            verdict=_word(total),
            criteria=tuple(reasons),
            missing=self._missing(criteria, truths, here) if total is None else (),
        )

    def _criteria(self, entry: Entry) -> Sequence[Condition]:
        """The entry's; for whom it is meant is one more only where it is what stands in the way."""
        if self.facts.get(SUBJECT) in entry.subjects:
            return entry.criteria
        return In(fact=SUBJECT, values=entry.subjects, quotation=entry.quotations[0]), *entry.criteria

    def _explained(self, criterion: Condition, found: bool | None) -> CriterionVerdict:
        """What decides is the first condition in `criterion` that came out as it did."""
        deciding = criterion
        if isinstance(criterion, Group):
            parts = list(leaves(criterion))
            deciding = next((part for part in parts if self._truth(part) is found), parts[0])
        fact = deciding.fact if isinstance(deciding, Leaf) else OPEN
        return CriterionVerdict(fact, _word(found), criterion.quotation, criterion.note)

    def _truth(self, condition: Condition) -> bool | None:
        return truth(condition, self.facts, self.vocabulary)

    def _missing(
        self, criteria: Sequence[Condition], truths: Sequence[bool | None], here: bool | None
    ) -> tuple[str, ...]:
        """The facts to ask for. One that can only make its criterion true counts if all the others can be true too."""
        undecided = [criterion for criterion, found in zip(criteria, truths, strict=True) if found is None]
        can_be = [self._can_be(criterion) for criterion in undecided]
        attainable = all(True in can for can in can_be)
        deciding = [
            fact
            for criterion, can in zip(undecided, can_be, strict=True)
            for fact in self._deciding(criterion, can, attainable)
        ]
        sources = [ask_for(fact, self.facts, self.vocabulary) for fact in dict.fromkeys(deciding)]
        return tuple(dict.fromkeys([REGION, *sources] if here is None else sources))

    def _deciding(self, undecided: Condition, can: Set[bool], attainable: bool) -> Sequence[str]:
        """The unknown facts whose value could make the whole verdict "meets" (if `attainable`) or "lacks".

        `can` is what `undecided` can be.
        """
        if not (False in can or (attainable and True in can)):
            return ()
        if isinstance(undecided, Leaf):
            return (undecided.fact,)
        assert isinstance(undecided, Group)
        parts = [part for part in undecided.criteria if self._truth(part) is None]
        return [fact for part in parts for fact in self._deciding(part, self._can_be(part), attainable)]

    def _can_be(self, undecided: Condition) -> Set[bool]:
        """What `undecided` could still turn out to be."""
        if isinstance(undecided, Map):
            if value_of(undecided.fact, self.facts) is not None:
                return NEITHER
            return {*([True] if undecided.meets else []), *([False] if undecided.lacks else [])}
        if isinstance(undecided, Leaf):
            return EITHER
        return self._group_can_be(undecided) if isinstance(undecided, Group) else NEITHER

    def _group_can_be(self, group: Group) -> Set[bool]:
        winning = isinstance(group, Any)
        truths = [self._truth(part) for part in group.criteria]
        parts = [
            self._can_be(part) if found is None else {found} for part, found in zip(group.criteria, truths, strict=True)
        ]
        can = {winning} if any(winning in part for part in parts) else set()
        if all((not winning) in part for part in parts):
            can.add(not winning)
        return can - {False} if group.open_ended else can


def _word(found: bool | None) -> Word:
    return "unknown" if found is None else "meets" if found else "lacks"
