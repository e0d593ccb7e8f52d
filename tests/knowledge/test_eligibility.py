"""Verdicts: on households that a caseworker can read (tests/households), and what holds for any household."""

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge.eligibility import Verdict, Word, judge
from knowledge.facts.derivation import derive
from knowledge.facts.logic import truth
from knowledge.facts.models import Condition, Eq, Fact, Ge, Open
from knowledge.facts.validation import read_facts
from knowledge.programmes.catalogue import load_catalogue
from knowledge.programmes.models import Programme
from tests.conftest import ROOT

HOUSEHOLDS = ROOT / "tests" / "households"
CATALOGUE = load_catalogue()
PROGRAMMES = {programme.id: programme for programme in CATALOGUE.programmes}
GUIDED = [p for p in CATALOGUE.programmes if p.entry.tier == "A" and p.entry.kind != "background"]


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The household, but for some facts; null is not said."""

    says: str
    facts: dict[str, Any]
    verdict: Word


class Boundary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A household that fulfils all that a programme states, and what changes when one fact does."""

    programme: str
    name: str
    household: str
    facts: dict[str, Any]
    verdict: Word
    but: tuple[Change, ...] = ()


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A household in its own words. A programme that is not listed for its place counts as lacks."""

    id: str
    persona: str
    facts: dict[str, Any]
    expect: dict[str, Word]
    because: tuple[str, ...]
    in_force: bool | None = None
    note: str = ""


def load(name: str, form: Any) -> Any:
    return msgspec.convert(yaml.safe_load((HOUSEHOLDS / name).read_text("utf-8")), form)


PERSONAS = load("personas.yaml", list[Persona])
BOUNDARIES = [
    boundary
    for document in dict.fromkeys(programme.document for programme in GUIDED)
    for boundary in load(f"{document}.yaml", list[Boundary])
]


def read(facts: dict[str, Any]) -> Any:
    return read_facts(facts, CATALOGUE.vocabulary, CATALOGUE.is_place)


def judged(facts: dict[str, Any], *programmes: str) -> dict[str, Verdict]:
    chosen = [PROGRAMMES[programme] for programme in programmes] or CATALOGUE.programmes
    return {verdict.programme.id: verdict for verdict in judge(read(facts), chosen, CATALOGUE.vocabulary)}


def sides(boundary: Boundary) -> Iterator[tuple[str, dict[str, Any], Word]]:
    yield boundary.household, boundary.facts, boundary.verdict
    for change in boundary.but:
        yield change.says, boundary.facts | change.facts, change.verdict


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.id)
def test_persona(persona: Persona) -> None:
    verdicts = judged(persona.facts)
    found = {p: verdicts[p].verdict if p in verdicts else "lacks" for p in persona.expect}
    assert found == persona.expect


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.id)
def test_a_persona_is_told_why(persona: Persona) -> None:
    names = {programme.entry.name: programme for programme in CATALOGUE.programmes}
    verdicts = judged(persona.facts)
    for because in persona.because:
        name, _, reason = because.partition("：")
        programme = names[name]
        if programme.id in verdicts:
            said = [*programme.entry.quotations, *(c.quotation for c in verdicts[programme.id].criteria)]
            assert any(reason in quotation or quotation in reason for quotation in said), because


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda boundary: boundary.programme)
def test_each_side_of_each_boundary(boundary: Boundary) -> None:
    for says, facts, expected in sides(boundary):
        verdict = judged(facts, boundary.programme)[boundary.programme]
        assert verdict.verdict == expected, says
        assert PROGRAMMES[boundary.programme].entry.name == boundary.name


def truths(programme: Programme, facts: dict[str, Any]) -> list[bool | None]:
    """Of its subject, then of each of its criteria that is not open."""
    vocabulary = CATALOGUE.vocabulary
    known = derive(read(facts), vocabulary).facts
    subject = known.get("subject")
    criteria = [criterion for criterion in programme.entry.criteria if not isinstance(criterion, Open)]
    return [subject in programme.entry.subjects, *(truth(criterion, known, vocabulary) for criterion in criteria)]


@pytest.mark.parametrize("programme", GUIDED, ids=lambda programme: programme.id)
def test_the_households_stand_on_each_side_of_each_criterion(programme: Programme) -> None:
    """All criteria met; and for each criterion a household in which it alone is not."""
    found = [
        (facts, truths(programme, facts))
        for boundary in BOUNDARIES
        if boundary.programme == programme.id
        for _, facts, _ in sides(boundary)
    ]
    assert any(all(row) for _, row in found)
    criteria: list[Condition | None] = [None, *(c for c in programme.entry.criteria if not isinstance(c, Open))]
    for i, criterion in enumerate(criteria):
        alone = [(facts, row[i]) for facts, row in found if all(other is True for j, other in enumerate(row) if j != i)]
        others = set(programme.entry.subjects) != {"disabled_person", "family_member", "employer", "org"}
        if criterion is not None or others:
            assert any(side is not True for _, side in alone), criterion
        if isinstance(criterion, Eq):
            assert any(side is False for _, side in alone), criterion
        if isinstance(criterion, Ge):
            assert {facts.get(criterion.fact) for facts, _ in alone} >= {criterion.least, criterion.least - 1}


def test_the_households_stand_on_each_level_of_the_tobacco_criterion() -> None:
    for identifier in ("TS-12", "TS-13"):
        boundary = next(b for b in BOUNDARIES if b.programme == identifier)
        found = {facts["levels"]["肢体"]: verdict for _, facts, verdict in sides(boundary) if facts.get("levels")}
        assert found.keys() == {1, 2, 3, 4}
        assert found[1] == "lacks"


@pytest.mark.parametrize(
    ("region", "tianshui", "gansu"),
    [
        ("620500", "meets", "meets"),
        ("620523", "meets", "meets"),
        ("620000", "unknown", "meets"),
        ("620100", None, "meets"),
        ("510100", None, None),
        (None, "unknown", "unknown"),
    ],
)
def test_a_programme_holds_in_its_place(region: str | None, tianshui: str | None, gansu: str | None) -> None:
    verdicts = judged({"region": region, "applicant": "self", "cert": True})
    for identifier, expected in (("TS-21", tianshui), ("GS-20", gansu)):
        found = verdicts.get(identifier)
        assert (found and found.verdict) == expected
        if expected == "unknown":
            assert found and found.missing == ("region",)
            assert found.criteria[0].fact == "region"


def test_in_an_unknown_place_a_criterion_still_lacks() -> None:
    assert judged({"applicant": "self", "cert": True, "biz_first": False})["TS-31"].verdict == "lacks"


def test_background_is_not_listed() -> None:
    assert {v.programme.entry.kind for v in judged({}).values()} == {"benefit", "service", "duty", "ban"}


def test_one_of_another_subject_lacks_and_is_told_so() -> None:
    verdict = judged({"region": "620500", "applicant": "employer"})["TS-31"]
    assert (verdict.verdict, verdict.criteria[0].fact, verdict.missing) == ("lacks", "subject", ())


@pytest.mark.parametrize("hukou", [None, "530000", "620500"])
def test_no_verdict_depends_on_the_hukou(hukou: str | None) -> None:
    facts = {"region": "620500", "applicant": "self", "cert": True}
    assert judged(facts | {"hukou": hukou}) == judged(facts)


@pytest.mark.parametrize(
    ("programme", "facts", "missing"),
    [
        ("GS-12", {"biz_type": "个体工商户"}, ("biz_registered", "biz_first", "biz_months", "hardship_recognised")),
        ("TS-41", {"employment": "unemployed"}, ("age", "wants_job")),
        ("TS-41", {"age": 57, "employment": "unemployed", "wants_job": True}, ("sex",)),
        ("TS-41", {"age": 57, "employment": "employed"}, ()),
        ("TS-13", {}, ("disability", "levels", "wants_tobacco", "has_relaxed_tobacco")),
        ("GS-21", {}, ()),
        ("FJ-16", {}, ("training_attended",)),
        ("TS-45", {"cert_kind": "职业技能等级证书"}, ("appraisal_first_pass",)),
        ("TS-24", {"cert": False}, ("disabled",)),
        ("GS-10", {}, ("disability", "levels")),
        ("GS-10", {"disability": ["听力"]}, ()),
    ],
)
def test_missing_are_the_facts_that_could_change_the_verdict(
    programme: str, facts: dict[str, Any], missing: tuple[str, ...]
) -> None:
    region = PROGRAMMES[programme].regions[0]
    given = {"region": region, "applicant": "self", "cert": True} | facts
    assert judged(given, programme)[programme].missing == missing


def test_a_list_that_goes_on_cannot_be_missed_where_meeting_it_is_not_enough() -> None:
    """With an open criterion only "lacks" could be reached, and a list that ends in "and so on" never gives it."""
    assisted = PROGRAMMES["GS-10"]
    criteria = (*assisted.entry.criteria, Open(why="别处", quotation="推动辅助性就业加快发展"))
    barred = msgspec.structs.replace(assisted, entry=msgspec.structs.replace(assisted.entry, criteria=criteria))
    facts = read({"region": "620100", "applicant": "self", "cert": True})
    assert [verdict.missing for verdict in judge(facts, [barred], CATALOGUE.vocabulary)] == [()]


OF_A_DERIVATION = {
    *(rule.fact for rule in CATALOGUE.vocabulary.derivations),
    *("cert", "disability", "levels", "medical_massage_staff", "age", "sex", "platform_work", "disabled_staff"),
    *("applicant", "region"),
}
"""Facts from which others follow: they are asked for in their order, and may say more than was missing."""


def possible(spec: Fact) -> list[Any]:
    """Some values of a fact, on each side of every boundary."""
    match spec.kind:
        case "bool":
            return [True, False]
        case "int":
            return [0, 1, 11, 12, 15, 30, 57, 62]
        case "choices":
            return [[value] for value in spec.values]
        case "levels":
            return [{value: level} for value in ("肢体", "视力") for level in (1, 3)]
        case "region":
            return ["110000", "620500", "620000", "350000", "370000", "510000"]
        case "date":
            return ["2023-01-01"]
    return list(spec.values)


def said(fact: str) -> list[dict[str, Any]]:
    """Some answers to the question for a fact; a disability is followed by its level."""
    if fact == "disability":
        return [{fact: [category], "levels": {category: level}} for category in ("肢体", "视力") for level in (1, 3)]
    return [{fact: value} for value in possible(CATALOGUE.vocabulary.facts[fact])]


def can_change(facts: dict[str, Any], programme: str, fact: str, others: list[str]) -> bool:
    """Whether, with some answers for `others`, the verdict depends on `fact`."""
    for answers in itertools.product(*map(said, others)):
        known = {name: value for answer in (facts, *answers) for name, value in answer.items()}
        verdicts = [judged(known | answer, programme).get(programme) for answer in said(fact)]
        if len({verdict.verdict if verdict else "lacks" for verdict in verdicts}) > 1:
            return True
    return False


@pytest.mark.parametrize("facts", [{"applicant": "self", "cert": True}, {"applicant": "self", "region": "620000"}])
def test_each_missing_fact_can_change_the_verdict(facts: dict[str, Any]) -> None:
    for identifier, verdict in judged(facts).items():
        for fact in verdict.missing:
            others = [other for other in verdict.missing if other != fact]
            assert can_change(facts, identifier, fact, others), (identifier, fact)


@given(st.sampled_from(GUIDED), st.data())
def test_no_fact_that_is_not_missing_changes_the_verdict(programme: Programme, data: st.DataObject) -> None:
    boundary = next(b for b in BOUNDARIES if b.programme == programme.id)
    kept = data.draw(st.sets(st.sampled_from(sorted(boundary.facts))))
    facts = {name: boundary.facts[name] for name in kept}
    verdict = judged(facts, programme.id)[programme.id]
    derived = derive(read(facts), CATALOGUE.vocabulary)
    silent = set(CATALOGUE.vocabulary.facts) - set(derived.facts) - set(verdict.missing)
    fact = data.draw(st.sampled_from(sorted(silent - OF_A_DERIVATION)))
    for value in possible(CATALOGUE.vocabulary.facts[fact]):
        assert judged(facts | {fact: value}, programme.id)[programme.id].verdict == verdict.verdict, (fact, value)


@pytest.mark.parametrize(
    ("programme", "day", "in_force"),
    [
        ("TS-31", "2022-10-11", False),
        ("TS-31", "2022-10-12", True),
        ("TS-31", "2024-12-31", True),
        ("TS-31", "2025-01-01", False),
        ("TS-03", "2025-01-01", True),
        ("TS-03", "2025-12-31", True),
        ("TS-03", "2026-01-01", False),
    ],
)
def test_in_force(programme: str, day: str, in_force: bool) -> None:
    found = PROGRAMMES[programme]
    assert found.in_force(CATALOGUE.cards[found.document], datetime.date.fromisoformat(day)) is in_force


def values_of(spec: Fact) -> st.SearchStrategy[Any]:
    match spec.kind:
        case "bool":
            return st.booleans()
        case "int":
            return st.integers(spec.least, min(spec.most or 0, 130))
        case "choices":
            return st.lists(st.sampled_from(list(spec.values)), max_size=3)
        case "levels":
            return st.dictionaries(st.sampled_from(list(spec.values)), st.integers(1, 4), max_size=3)
        case "region":
            return st.sampled_from([None, "110000", "620000", "620500", "620523", "350000", "370700", "510000"])
        case "date":
            return st.dates().map(str)
    return st.sampled_from(list(spec.values))


HOUSEHOLD = st.fixed_dictionaries({}, optional={n: values_of(spec) for n, spec in CATALOGUE.vocabulary.facts.items()})


@given(HOUSEHOLD)
def test_any_household_is_judged(facts: dict[str, Any]) -> None:
    for verdict in judge(read(facts), CATALOGUE.programmes, CATALOGUE.vocabulary):
        assert verdict.verdict == "unknown" or not verdict.missing
        words = {criterion.verdict for criterion in verdict.criteria}
        assert verdict.verdict == ("lacks" if "lacks" in words else "unknown" if "unknown" in words else "meets")
        assert set(verdict.missing) <= set(CATALOGUE.vocabulary.facts)


@given(HOUSEHOLD, st.data())
def test_more_facts_never_flip_a_decided_verdict(facts: dict[str, Any], data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    more, less = read(facts), read({name: facts[name] for name in kept})
    known_more, known_less = derive(more, CATALOGUE.vocabulary).facts, derive(less, CATALOGUE.vocabulary).facts
    # A fact that contradicts what followed from the others is no refinement.
    assume(all(known_more.get(name) == value for name, value in known_less.items()))
    refined = {v.programme.id: v.verdict for v in judge(more, CATALOGUE.programmes, CATALOGUE.vocabulary)}
    places = (known_less.get("region"), known_more.get("region"))
    for verdict in judge(less, CATALOGUE.programmes, CATALOGUE.vocabulary):
        after = refined.get(verdict.programme.id, "lacks")
        assert verdict.verdict in ("unknown", after), (verdict.programme.id, places)
