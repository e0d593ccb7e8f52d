"""Which programmes a household could apply for: facts and programmes in, three-valued verdicts with reasons out.

A verdict is about what the text itself states. A missing fact, or a condition that the text leaves to other rules,
gives "unknown", never "lacks". Whether the plan is still in force is another question (`Programme.in_force`).
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from knowledge.facts.derivation import ask_for, derive
from knowledge.facts.logic import conjunction, truth, value_of
from knowledge.facts.models import All, Any, Condition, Eq, Facts, Ge, Has, In, Map, Ne, Open, Vocabulary, leaves
from knowledge.places.gazetteer import contains
from knowledge.programmes.models import Programme

Word = Literal["meets", "lacks", "unknown"]
SUBJECT = "subject"
REGION = "region"
OPEN = "open"


class CriterionVerdict(msgspec.Struct, frozen=True):
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
    judges = _Judge(derive(given, vocabulary).facts, vocabulary)
    verdicts = (judges.verdict(programme) for programme in programmes if programme.entry.kind != "background")
    return [verdict for verdict in verdicts if verdict]


class _Judge:
    """Judges one household."""

    def __init__(self, facts: Facts, vocabulary: Vocabulary) -> None:
        self.facts = facts
        self.vocabulary = vocabulary

    def verdict(self, programme: Programme) -> Verdict | None:
        """None where the programme does not hold for the household's place."""
        here = self._here(programme)
        if here is False:
            return None
        criteria = [*self._subject_criterion(programme), *programme.entry.criteria]
        truths = [self._truth(criterion) for criterion in criteria]
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

    def _truth(self, condition: Condition) -> bool | None:
        return truth(condition, self.facts, self.vocabulary)

    def _here(self, programme: Programme) -> bool | None:
        """Whether the household is where the programme holds; undecided where its place is not known closely enough."""
        place = self.facts.get(REGION)
        if not isinstance(place, str):
            return None
        if any(contains(region, place) for region in programme.regions):
            return True
        return None if any(contains(place, region) for region in programme.regions) else False

    def _subject_criterion(self, programme: Programme) -> Iterator[Condition]:
        """For whom the programme is: said only where it is what stands in the way."""
        entry = programme.entry
        criterion = In(fact=SUBJECT, values=entry.subjects, quotation=entry.quotations[0])
        if self._truth(criterion) is not True:
            yield criterion

    def _explained(self, criterion: Condition, found: bool | None) -> CriterionVerdict:
        parts = list(leaves(criterion))
        deciding = next((part for part in parts if self._truth(part) is found), parts[0])
        fact = OPEN if isinstance(deciding, Open) else deciding.fact
        return CriterionVerdict(fact, _word(found), criterion.quotation, criterion.note)

    def _missing(self, criteria: list[Condition], truths: list[bool | None], here: bool | None) -> tuple[str, ...]:
        """The facts to ask for. One that can only make its criterion true counts if all the others can be true too."""
        undecided = [criterion for criterion, found in zip(criteria, truths, strict=True) if found is None]
        attainable = all(True in self._can_be(criterion) for criterion in undecided)
        missing = [REGION] if here is None else []
        for criterion in undecided:
            facts = self._deciding(criterion, attainable)
            missing.extend(ask_for(fact, self.facts, self.vocabulary) for fact in facts)
        return tuple(dict.fromkeys(missing))

    def _deciding(self, condition: Condition, attainable: bool) -> Iterator[str]:
        """The unknown facts whose value could make the whole verdict "meets" (if `attainable`) or "lacks"."""
        can = self._can_be(condition)
        if isinstance(condition, Any | All):
            if (attainable and True in can) or False in can:
                for part in condition.criteria:
                    if self._truth(part) is None:
                        yield from self._deciding(part, attainable)
        elif not isinstance(condition, Open) and ((attainable and True in can) or False in can):
            yield condition.fact

    def _can_be(self, condition: Condition) -> set[bool]:
        """What `condition` could still turn out to be (besides undecided)."""
        found = self._truth(condition)
        if found is not None:
            return {found}
        match condition:
            case Any() | All():
                winning = isinstance(condition, Any)
                parts = [self._can_be(part) for part in condition.criteria]
                can = {winning} if any(winning in part for part in parts) else set()
                if all((not winning) in part for part in parts):
                    can.add(not winning)
                return can - {False} if condition.open_ended else can
            case Open():
                return set()
            case Map():
                if value_of(condition.fact, self.facts) is not None:
                    return set()
                return {*([True] if condition.meets else []), *([False] if condition.lacks else [])}
            case Eq() | Ne() | In() | Ge() | Has():
                return {True, False}


def _word(found: bool | None) -> Word:
    return "unknown" if found is None else "meets" if found else "lacks"
