import pytest

from conversations.dialogs.guided import load_guided
from conversations.forms.choosing import next_fact
from conversations.materials import Materials
from knowledge.eligibility import judge
from knowledge.facts.derivation import derive
from knowledge.facts.models import Facts


def asked_next(materials: Materials, dialog: str, said: Facts, asked: tuple[str, ...] = ()) -> str | None:
    """The fact that a guided dialog asks for after `said`."""
    catalogue = materials.catalogue
    guided = load_guided()[dialog]
    facts: Facts = {"applicant": guided.applicants[0], **said}
    verdicts = judge(facts, guided.programmes(catalogue.programmes), catalogue.vocabulary)
    return next_fact(verdicts, derive(facts, catalogue.vocabulary).facts, asked, materials.questions)


@pytest.mark.parametrize("dialog", load_guided())
def test_the_place_is_asked_first(materials: Materials, dialog: str) -> None:
    assert asked_next(materials, dialog, {}) == "region"


def test_a_fact_is_asked_only_when_what_it_builds_on_is_known(materials: Materials) -> None:
    here: Facts = {"region": "620500", "disability": ("听力",)}
    assert asked_next(materials, "subsidy", here) == "biz_registered"
    assert asked_next(materials, "subsidy", {**here, "biz_registered": False, "platform_work": False}) not in (
        "biz_first",
        "biz_type",
        "biz_months",
    )
    assert asked_next(materials, "subsidy", {**here, "biz_registered": True, "platform_work": False}) == "biz_months"


def test_what_cannot_be_said_is_not_asked_again_and_its_follow_up_is(materials: Materials) -> None:
    here = {"region": "620500"}
    assert asked_next(materials, "subsidy", here, ("region",)) == "disability"
    assert asked_next(materials, "subsidy", here, ("region", "disability")) == "cert"
    assert asked_next(materials, "subsidy", here, ("region", "disability", "cert")) == "disabled"


def test_category_and_level_are_asked_together_where_both_are_wanted(materials: Materials) -> None:
    tianshui: Facts = {"region": "620500"}
    assert asked_next(materials, "apply", tianshui) == "levels"
    assert asked_next(materials, "apply", {**tianshui, "disability": ("听力",)}) != "levels"
    # Here no programme is about a level, or none but what follows from one.
    assert asked_next(materials, "subsidy", tianshui) == "disability"
    assert asked_next(materials, "apply", {"region": "350100"}) == "disability"


def test_who_cannot_say_both_is_asked_for_the_category_and_then_for_no_level(materials: Materials) -> None:
    asked = ["region", "levels"]
    assert asked_next(materials, "apply", {"region": "620500"}, tuple(asked)) == "disability"
    asked = ["region", "disability"]
    while (fact := asked_next(materials, "apply", {"region": "620500", "cert": True}, tuple(asked))) is not None:
        asked.append(fact)
    assert "levels" not in asked and "employment" in asked


def test_who_cannot_say_one_condition_is_not_asked_for_the_others(materials: Materials) -> None:
    here: Facts = {"region": "510100", "disability": ("听力",), "wants_vocational_ed": False}
    assert asked_next(materials, "training", here) == "employment"
    assert asked_next(materials, "training", here, ("employment",)) is None


def test_who_told_what_leads_to_a_condition_is_asked_for_it_all_the_same(materials: Materials) -> None:
    shop: Facts = {"region": "620100", "disability": ("听力",), "platform_work": False, "biz_registered": True}
    assert asked_next(materials, "subsidy", shop) == "hardship_recognised"
    assert asked_next(materials, "subsidy", shop, ("hardship_recognised",)) == "biz_months"
    certificate: Facts = {"region": "620500", "disability": ("听力",), "cert_kind": "职业技能等级证书"}
    assert asked_next(materials, "training", {**certificate, "employment": "employed"}) == "appraisal_first_pass"


def test_an_age_that_decides_nothing_leaves_its_programmes_open(materials: Materials) -> None:
    here: Facts = {"region": "620500", "disability": ("听力",), "employment": "unemployed", "cert_kind": "none"}
    assert asked_next(materials, "training", {**here, "age": 62}) is None
    assert asked_next(materials, "training", {**here, "age": 40}) == "can_work"


def test_a_gate_that_is_not_asked_for_closes_by_what_was_told(materials: Materials) -> None:
    def everything(told: Facts) -> list[str]:
        facts = {"region": "510100", "disability": ("听力",), **told}
        asked: list[str] = []
        while (fact := asked_next(materials, "apply", facts, tuple(asked))) is not None:
            asked.append(fact)
        return asked

    assert "kiosk_new" in everything({}) and "kiosk_new" in everything({"wants_kiosk": True})
    assert "kiosk_new" not in everything({"wants_kiosk": False})
    assert "wants_kiosk" not in everything({})


def test_who_has_no_work_is_not_asked_about_platforms(materials: Materials) -> None:
    here: Facts = {"region": "620500", "disability": ("听力",), "biz_registered": False}
    assert asked_next(materials, "subsidy", here) == "platform_work"
    assert asked_next(materials, "subsidy", {**here, "employment": "flexible"}) == "platform_work"
    assert asked_next(materials, "subsidy", {**here, "employment": "unemployed"}) is None


def test_nothing_is_asked_when_nothing_can_change(materials: Materials) -> None:
    said: Facts = {"region": "440100", "disability": ("视力",)}
    assert asked_next(materials, "subsidy", said) is None
    assert asked_next(materials, "training", {"region": "350000", "disabled": False}) is None


def test_a_person_is_not_asked_a_firms_facts(materials: Materials) -> None:
    facts: Facts = {"region": "620500", "disability": ("视力",), "levels": {"视力": 1}}
    asked: list[str] = []
    while (fact := asked_next(materials, "apply", facts, tuple(asked))) is not None:
        asked.append(fact)
    assert not {"employer_type", "staff_quota", "org_type", "disabled_staff"} & set(asked)
