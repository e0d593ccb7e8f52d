"""The vocabulary, its validation, and what follows from facts."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.corpus.folders import BadKnowledge
from knowledge.facts.derivation import ask_for, derive
from knowledge.facts.files import load_vocabulary
from knowledge.facts.logic import conjunction, disjunction, truth
from knowledge.facts.models import Eq, Has
from knowledge.facts.validation import FactsError, example_of, read_facts

VOCABULARY = load_vocabulary()
PLACES = {"620500", "620000", "530000"}


def read(given: dict[str, Any]) -> Any:
    return read_facts(given, VOCABULARY, PLACES.__contains__)


def follows(**given: Any) -> Any:
    return derive(read(given), VOCABULARY).facts


def problems(given: dict[str, Any]) -> dict[str, tuple[str, str]]:
    with pytest.raises(FactsError) as caught:
        read(given)
    return {problem.fact: (problem.code, problem.message) for problem in caught.value.problems}


@pytest.mark.parametrize("name", VOCABULARY.facts)
def test_the_example_of_each_fact_is_a_right_value(name: str) -> None:
    assert name in read({name: example_of(VOCABULARY.facts[name])})


@pytest.mark.parametrize("name", VOCABULARY.facts)
def test_each_fact_says_what_it_means(name: str) -> None:
    fact = VOCABULARY.facts[name]
    assert fact.label and fact.meaning and all(fact.values.values())
    assert bool(fact.values) == (fact.kind in ("choice", "choices", "levels"))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("blindd", True, "unknown_fact"),
        ("cert", "true", "wrong_type"),
        ("cert", 1, "wrong_type"),
        ("age", True, "wrong_type"),
        ("age", "30", "wrong_type"),
        ("age", -1, "out_of_range"),
        ("age", 121, "out_of_range"),
        ("biz_months", 11.5, "wrong_type"),
        ("area", "village", "not_a_value"),
        ("area", ["rural"], "not_a_value"),
        ("disability", "肢体", "wrong_type"),
        ("disability", ["腿"], "not_a_value"),
        ("disability", ["肢体", 3], "not_a_value"),
        ("levels", [2], "wrong_type"),
        ("levels", {"肢体": 0}, "out_of_range"),
        ("levels", {"肢体": 5}, "out_of_range"),
        ("levels", {"肢体": "二"}, "wrong_type"),
        ("levels", {"腿": 2}, "not_a_value"),
        ("region", "999999", "no_place"),
        ("region", 620500, "no_place"),
        ("hukou", "云南", "no_place"),
        ("as_of", "2024-02-30", "no_date"),
        ("as_of", "20240229", "no_date"),
        ("as_of", "2024-W01-1", "no_date"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_an_example(name: str, value: Any, code: str) -> None:
    found_code, message = problems({name: value})[name]
    assert found_code == code
    assert name in message
    if code != "unknown_fact":
        assert "write it like" in message


def test_a_name_nearly_right_is_put_right() -> None:
    assert '"blind"' in problems({"blnd": True})["blnd"][1]


def test_everything_wrong_is_said_at_once() -> None:
    assert set(problems({"age": "x", "levels": {"肢体": 9}, "colour": "red", "cert": True})) == {
        "age",
        "levels",
        "colour",
    }


def test_what_says_nothing_is_not_known() -> None:
    assert read({"region": None, "disability": [], "levels": {}, "cert": False, "biz_months": 0}) == {
        "cert": False,
        "biz_months": 0,
    }


@pytest.mark.parametrize(
    ("applicant", "subject"),
    [("self", "disabled_person"), ("family", "disabled_person"), ("employer", "employer"), ("org", "org")],
)
def test_the_subject_follows_from_who_asks(applicant: str, subject: str) -> None:
    assert follows(applicant=applicant)["subject"] == subject


def test_a_subject_that_is_given_stays() -> None:
    assert follows(applicant="family", subject="family_member")["subject"] == "family_member"


@pytest.mark.parametrize(
    ("given", "disabled"),
    [
        ({"cert": True}, True),
        ({"cert": False}, None),
        ({"disability": ["听力"]}, True),
        ({"medical_massage_staff": True}, True),
        ({"medical_massage_staff": False}, None),
        ({"subject": "family_member"}, False),
        ({"disabled": False, "cert": True}, False),
        ({}, None),
    ],
)
def test_disabled(given: dict[str, Any], disabled: bool | None) -> None:
    assert follows(**given).get("disabled") is disabled


@pytest.mark.parametrize(
    ("given", "blind"),
    [
        ({"disability": ["视力"], "levels": {"视力": 1}}, True),
        ({"disability": ["视力"], "levels": {"视力": 2}}, True),
        ({"disability": ["视力"], "levels": {"视力": 3}}, None),
        ({"disability": ["视力"], "levels": {"视力": 4}}, None),
        ({"disability": ["视力"]}, None),
        ({"disability": ["听力", "肢体"]}, False),
        ({"disability": ["多重"]}, None),
        ({"disability": ["听力", "多重"]}, None),
        ({"disability": ["听力", "言语", "多重"]}, False),
        ({"medical_massage_staff": True, "disability": ["视力"], "levels": {"视力": 3}}, True),
        ({"cert": True}, None),
    ],
)
def test_blind(given: dict[str, Any], blind: bool | None) -> None:
    assert follows(**given).get("blind") is blind


@pytest.mark.parametrize(
    ("age", "sex", "working_age"),
    [
        (15, "男", False),
        (16, None, True),
        (54, "女", True),
        (55, "男", True),
        (55, None, None),
        (55, "女", None),
        (59, "男", True),
        (60, "男", None),
    ],
)
def test_working_age(age: int, sex: str | None, working_age: bool | None) -> None:
    assert follows(age=age, sex=sex).get("working_age") is working_age


@pytest.mark.parametrize(("age", "young"), [(15, None), (16, True), (44, True), (45, None)])
def test_young_adult(age: int, young: bool | None) -> None:
    assert follows(age=age).get("young_adult") is young


@pytest.mark.parametrize(
    ("given", "employment"),
    [(None, "flexible"), ("unemployed", "flexible"), ("employed", "employed"), ("student", "student")],
)
def test_work_on_a_platform_is_flexible_employment(given: str | None, employment: str) -> None:
    assert follows(platform_work=True, employment=given)["employment"] == employment
    assert follows(platform_work=False, employment=given).get("employment") == given


@pytest.mark.parametrize("fact", ["hired_hardship_disabled", "hired_disabled_graduate"])
def test_an_employer_without_disabled_staff_has_hired_none(fact: str) -> None:
    assert follows(disabled_staff=0)[fact] is False
    assert fact not in follows(disabled_staff=1)


def test_what_is_derived_has_its_reason() -> None:
    household = derive(read({"applicant": "self", "cert": True, "age": 15}), VOCABULARY)
    assert set(household.reasons) == {"subject", "disabled", "working_age"}
    assert "16" in household.reasons["working_age"]


@pytest.mark.parametrize(
    ("fact", "given", "asked"),
    [
        ("working_age", {}, "age"),
        ("working_age", {"age": 57}, "sex"),
        ("working_age", {"age": 62}, "working_age"),
        ("blind", {}, "disability"),
        ("blind", {"disability": ["视力"]}, "levels"),
        ("blind", {"disability": ["视力"], "levels": {"视力": 3}}, "blind"),
        ("level:肢体", {"disability": ["肢体"]}, "levels"),
        ("subject", {}, "applicant"),
        ("wants_job", {}, "wants_job"),
    ],
)
def test_a_derived_fact_is_asked_through_what_it_follows_from(fact: str, given: dict[str, Any], asked: str) -> None:
    assert ask_for(fact, follows(**given), VOCABULARY) == asked


@pytest.mark.parametrize(
    ("truths", "both", "either"),
    [
        ((), True, False),
        ((True, True), True, True),
        ((True, None), None, True),
        ((False, None), False, None),
        ((None, None), None, None),
        ((False, False), False, False),
    ],
)
def test_kleene_logic(truths: tuple[bool | None, ...], both: bool | None, either: bool | None) -> None:
    assert conjunction(truths) is both
    assert disjunction(truths) is either


def test_true_is_not_one() -> None:
    assert truth(Eq(fact="staff_quota", value=True), {"staff_quota": 1}, VOCABULARY) is False


def test_multiple_disabilities_that_are_not_named_leave_open_which() -> None:
    limb = Has(fact="disability", values=("肢体",))
    assert truth(limb, {"disability": ("多重",)}, VOCABULARY) is None
    assert truth(limb, {"disability": ("听力", "视力", "多重")}, VOCABULARY) is False
    assert truth(limb, {"disability": ("肢体", "多重")}, VOCABULARY) is True


def test_a_derivation_of_no_fact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("age: {kind: int, label: 年龄, meaning: 周岁}\n", "utf-8")
    (tmp_path / "derivations.yaml").write_text("- {fact: old, value: true, reason: 年纪大}\n", "utf-8")
    with pytest.raises(BadKnowledge, match=r"derivations.yaml: \"old\" is no fact"):
        load_vocabulary(tmp_path)
