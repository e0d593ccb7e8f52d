"""The programmes' files, and that each mistake in them is found and named."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from knowledge.corpus.folders import BadKnowledge
from knowledge.facts.models import LEVEL, Condition
from knowledge.programmes.catalogue import load_catalogue, load_programmes
from knowledge.programmes.checks import check_programmes
from knowledge.programmes.models import Programme
from knowledge.snapshot import Ingredients

PROGRAMMES = load_programmes()
STARTUP = next(programme for programme in PROGRAMMES if programme.id == "TS-31")
COUNTS = {"GS": 27, "TS": 58, "FJ": 36, "SD": 31, "SC": 58}


def check(ingredients: Ingredients, *programmes: Programme) -> list[str]:
    documents = [folder.document for folder in ingredients.folders]
    return [str(problem) for problem in check_programmes(programmes, documents)]


def changed(**fields: Any) -> Programme:
    return msgspec.structs.replace(STARTUP, entry=msgspec.structs.replace(STARTUP.entry, **fields))


def with_criterion(**fields: Any) -> Programme:
    form = {"quotation": "首次创办小微企业或从事个体经营", **fields}
    return changed(criteria=(msgspec.convert(form, Condition),))


def test_all_programmes_are_there() -> None:
    found = [programme.id[:2] for programme in PROGRAMMES]
    assert {place: found.count(place) for place in found} == COUNTS


def test_the_packaged_programmes_have_no_problem(ingredients: Ingredients) -> None:
    assert check(ingredients, *PROGRAMMES) == []


def test_white_space_in_a_quotation_does_not_matter(ingredients: Ingredients) -> None:
    assert check(ingredients, changed(quotations=("对残疾人首次创办 小微企业\n或从事个体经营",))) == []


@pytest.mark.parametrize(
    ("programme", "expected"),
    [
        (changed(quotations=("对残疾人首次创办大企业",)), "对残疾人首次创办大企业"),
        (changed(quotations=()), "has no quotation"),
        (changed(quotations=(" ",)), "has no quotation"),
        (changed(subjects=()), "no subjects"),
        (changed(binding="conditional"), "none of its criteria is open"),
        (msgspec.structs.replace(STARTUP, document="009-nowhere"), 'no document "009-nowhere"'),
        (with_criterion(fact="disabled", op="eq", value=True, quotation="残疾大老板"), "残疾大老板"),
        (with_criterion(fact="disabled", op="eq", value=True, quotation=""), '"disabled" has no quotation'),
        (with_criterion(op="open", why="别处", quotation=""), '"open" has no quotation'),
        (with_criterion(fact="rich", op="eq", value=True), '"rich" is no fact'),
        (with_criterion(fact="disabled", op="eq", value="yes"), "'yes'"),
        (with_criterion(fact="biz_type", op="in", values=["大企业"]), "大企业"),
        (with_criterion(fact="biz_months", op="ge", least=-1), "-1"),
        (with_criterion(fact="staff_quota", op="in", values=[True]), "True"),
        (with_criterion(fact="biz_type", op="map", meets=["小微企业"], lacks=["大企业"]), "大企业"),
        (with_criterion(fact="disability", op="has", values=["腿"]), "腿"),
        (with_criterion(fact="disability", op="in", values=["肢体"]), '"has" goes with lists'),
        (with_criterion(fact="age", op="has", values=["肢体"]), '"has" goes with lists'),
        (with_criterion(fact=f"{LEVEL}腿", op="in", values=[1]), "no such category"),
        (with_criterion(fact=f"{LEVEL}肢体", op="in", values=[5]), "5"),
        (
            with_criterion(op="any", criteria=[{"fact": "disabled", "op": "eq", "value": True}]),
            '"disabled" has no quotation',
        ),
        (
            with_criterion(op="any", criteria=[{"fact": "disabled", "op": "eq", "value": True, "quotation": "残疾猫"}]),
            "残疾猫",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(
    ingredients: Ingredients, programme: Programme, expected: str
) -> None:
    found = check(ingredients, programme)
    assert len(found) >= 1
    assert all(problem.startswith(f"programmes/{programme.document}.yaml: TS-31: ") for problem in found)
    assert any(expected in problem for problem in found)


def test_two_programmes_of_one_id_are_both_named(ingredients: Ingredients) -> None:
    assert len(check(ingredients, STARTUP, STARTUP)) == 2


def test_a_file_named_after_no_document_is_refused(tmp_path: Path) -> None:
    for folder in ("programmes", "corpus"):
        (tmp_path / folder).mkdir()
    (tmp_path / "programmes" / "009-nowhere.yaml").write_text(
        'regions: ["620500"]\nprogrammes:\n'
        "  - {id: X-1, name: 名, clause: 一, subjects: [org], category: 类, tier: A, kind: benefit, binding: binding,\n"
        "     benefit: 好处, quotations: [原文]}\n",
        "utf-8",
    )
    with pytest.raises(BadKnowledge, match=r"009-nowhere\.yaml: corpus has no such document"):
        load_catalogue(tmp_path)


def test_a_field_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "001-x.yaml").write_text('regions: ["620500"]\nprogrammes: []\nprogram: []\n', "utf-8")
    with pytest.raises(BadKnowledge, match=r"001-x\.yaml"):
        load_programmes(tmp_path)


def test_amounts_in_yuan_stand_in_a_quotation() -> None:
    with_amount = [programme for programme in PROGRAMMES if programme.entry.amount is not None]
    assert {programme.id for programme in with_amount} == {"TS-31", "GS-12"}
    for programme in with_amount:
        assert any(f"{programme.entry.amount}元" in quotation for quotation in programme.entry.quotations)


NOTE_TO_OURSELVES = re.compile("[（(](?:没有|未|原文|不含|条件)|未写|未点名|疑漏|不以|[；;].*[；;]")
FIVE_YEARS = {"2021", "2025"}
LONGEST_BENEFIT = 45


def test_a_benefit_is_short_plain_and_has_no_number_of_its_own() -> None:
    for programme in PROGRAMMES:
        entry = programme.entry
        if entry.kind == "background":
            continue
        assert not NOTE_TO_OURSELVES.search(entry.benefit), entry.id
        assert len(entry.benefit) <= LONGEST_BENEFIT, entry.id
        assert not re.search("[。,;:!?]", entry.benefit), entry.id
        quoted = "".join(entry.quotations)
        sourced = set(re.findall(r"\d+", quoted)) | (FIVE_YEARS if "十四五" in quoted else set())
        assert set(re.findall(r"\d+", entry.benefit)) <= sourced, entry.id
