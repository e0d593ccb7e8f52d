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
    facts = {"applicant": guided.applicants[0], **said}
    verdicts = judge(facts, guided.programmes(catalogue.programmes), catalogue.vocabulary)
    return next_fact(verdicts, derive(facts, catalogue.vocabulary).facts, asked, materials.questions)


@pytest.mark.parametrize("dialog", load_guided())
def test_the_place_is_asked_first(materials: Materials, dialog: str) -> None:
    assert asked_next(materials, dialog, {}) == "region"


def test_a_fact_is_asked_only_when_what_it_builds_on_is_known(materials: Materials) -> None:
    here = {"region": "620500", "disability": ("听力",)}
    assert asked_next(materials, "subsidy", here) == "biz_registered"
    assert asked_next(materials, "subsidy", {**here, "biz_registered": False, "platform_work": False}) not in (
        "biz_first",
        "biz_type",
        "biz_months",
    )
    assert asked_next(materials, "subsidy", {**here, "biz_registered": True, "platform_work": False}) == "biz_first"


def test_what_cannot_be_said_is_not_asked_again_and_its_follow_up_is(materials: Materials) -> None:
    here = {"region": "620500"}
    assert asked_next(materials, "subsidy", here, ("region",)) == "disability"
    assert asked_next(materials, "subsidy", here, ("region", "disability")) == "cert"
    assert asked_next(materials, "subsidy", here, ("region", "disability", "cert")) == "disabled"


def test_nothing_is_asked_when_nothing_can_change(materials: Materials) -> None:
    said = {"region": "440100", "disability": ("视力",)}
    assert asked_next(materials, "subsidy", said) is None
    assert asked_next(materials, "training", {"region": "350000", "disabled": False}) is None


def test_a_person_is_not_asked_a_firms_facts(materials: Materials) -> None:
    facts: Facts = {"region": "620500", "disability": ("视力",), "levels": {"视力": 1}}
    asked: list[str] = []
    while (fact := asked_next(materials, "apply", facts, tuple(asked))) is not None:
        asked.append(fact)
    assert not {"employer_type", "staff_quota", "org_type", "disabled_staff"} & set(asked)
