import re
import shutil
from pathlib import Path

import pytest

from knowledge.check import check_knowledge
from tests.conftest import ROOT

NAME = "002-fujian-plan"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the knowledge's files with one document only."""
    for part in ("facts", "lexicon", "places"):
        shutil.copytree(ROOT / "knowledge" / part, tmp_path / part)
    shutil.copytree(ROOT / "knowledge" / "corpus" / NAME, tmp_path / "corpus" / NAME)
    (tmp_path / "programmes").mkdir()
    shutil.copy(ROOT / "knowledge" / "programmes" / f"{NAME}.yaml", tmp_path / "programmes")
    return tmp_path


def spoil(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def told(root: Path) -> str:
    return "\n".join(map(str, check_knowledge(root)))


def test_the_packaged_knowledge_is_in_order() -> None:
    assert check_knowledge() == []


def test_a_copy_is_in_order_too(root: Path) -> None:
    assert check_knowledge(root) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("card.yaml", 'region: "350000"', 'region: "990000"', f'{NAME}/card.yaml:5: "990000" is no GB/T 2260 code'),
        (
            "card.yaml",
            "in_force_to: 2024-12-31",
            "in_force_to: 2020-01-01",
            "card.yaml:9: in force to a day before it begins",
        ),
        ("card.yaml", "in_force_to: 2024-12-31", "in_force_to: soon", f"corpus/{NAME}/card.yaml:9: Invalid RFC3339"),
        ("card.yaml", "issuer:", "isuer:", f"corpus/{NAME}/card.yaml"),
        ("card.yaml", "title: 福建省促进", "title: [福建省促进", f"corpus/{NAME}/card.yaml:2: not YAML"),
        (
            "card.yaml",
            "quote: 2022年10月31日",
            "quote: 2021年10月31日",
            "the quotation for issued is not in the source",
        ),
        ("card.yaml", "quote: 2022年10月31日", "quote: 残疾人", "the quotation for issued is in"),
        ("source.txt", "3.5万人", "9.9万人", "the source has changed: its SHA-256 is"),
        (
            "questions.yaml",
            "clause: 加强对残疾人自主创业企业及个体工商户的扶持",
            "clause: 给每人发一万元现金",
            'the quotation is in no clause: "给每人发一万元现金"',
        ),
        (
            "questions.yaml",
            "clause: 加强对残疾人自主创业企业及个体工商户的扶持",
            "clause: 残疾人就业",
            'clauses: "残疾人就业"; quote words of one clause only',
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_what_to_do(
    root: Path, file: str, old: str, new: str, says: str
) -> None:
    spoil(root, f"corpus/{NAME}/{file}", old, new)
    assert says in told(root)


def test_a_missing_card_and_a_missing_source_are_named(root: Path) -> None:
    (root / "corpus" / NAME / "card.yaml").unlink()
    assert f"corpus/{NAME}/card.yaml: cannot be read (No such file or directory); put the file there" in told(root)


def test_one_broken_document_does_not_hide_another(root: Path) -> None:
    shutil.copytree(ROOT / "knowledge" / "corpus" / "004-sichuan-tasks", root / "corpus" / "004-sichuan-tasks")
    (root / "corpus" / NAME / "source.txt").write_bytes("补贴".encode("gbk"))
    spoil(root, "corpus/004-sichuan-tasks/card.yaml", "quote: 2022年8月12日", "quote: 某日")
    assert "save the source as UTF-8" in told(root) and "004-sichuan-tasks/card.yaml" in told(root)


def test_a_clause_nobody_wrote_about_is_named(root: Path) -> None:
    (root / "corpus" / NAME / "questions.yaml").write_text("asked: []\n", "utf-8")
    assert "nothing about clause 002-23 (加强对残疾人自主创业企业及个体工商户的扶" in told(root)


def test_a_new_text_needs_only_its_folder(root: Path) -> None:
    place = root / "corpus" / "henan-plan"
    place.mkdir()
    source = "河南省某某方案\n一、措施\n（一）开店。给予创业补贴一千元。\n"
    (place / "source.txt").write_text(source, "utf-8")
    card = (root / "corpus" / NAME / "card.yaml").read_text("utf-8").split("facts:")[0].replace("350000", "410000")
    (place / "card.yaml").write_text(card, "utf-8")
    problems = told(root)
    assert "henan-plan/card.yaml:13: the source has changed" in problems
    assert "nothing about clause henan-plan-4 (给予创业补贴一千元。…)" in problems


def test_a_bad_pattern_and_a_topic_of_a_used_name_are_named(root: Path) -> None:
    spoil(root, "lexicon/details.yaml", "stated: 材料|凭证", "stated: 材料(")
    spoil(root, "lexicon/not_held.yaml", "- id: certificate_replacement", "- id: certificate_application")
    assert "lexicon/details.yaml:" in told(root) and 'two topics "certificate_application"' in told(root)


def test_a_programme_that_misquotes_its_text_is_named_with_its_line(root: Path) -> None:
    spoil(root, f"programmes/{NAME}.yaml", "加强对残疾人自主创业企业及个体工商户的扶持", "发给每人一万元")
    assert re.search(rf'programmes/{NAME}\.yaml:\d+: FJ-06: "发给每人一万元" is not in the text', told(root))
