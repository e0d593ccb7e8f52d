"""`zhuye check` as other programs and people use it."""

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.commands.batch import RefusedError, json_object, run_batch
from bot.commands.check import command
from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Incoming
from conversations.session import Session
from conversations.wording import load_wording

FACTS: dict[str, Any] = {
    "region": "620500",
    "applicant": "self",
    "cert": True,
    "biz_registered": True,
    "biz_first": True,
    "biz_type": "个体工商户",
    "biz_months": 12,
}
FIELDS = (
    *("programme", "name", "region", "tier", "kind", "binding", "verdict"),
    *("amount", "in_force", "criteria", "missing", "responsible"),
)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHUYE_TODAY", "2026-11-22")
    monkeypatch.chdir(tmp_path)


pytestmark = pytest.mark.usefixtures("today")


def run(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(command, arguments, input=given)


def check(facts: Any, *arguments: str) -> Result:
    return run("--facts", "-", *arguments, given=facts if isinstance(facts, str) else json.dumps(facts))


def programmes(result: Result) -> dict[str, Any]:
    return {row["programme"]: row for row in json.loads(result.stdout)["programmes"]}


def test_the_json_form_is_the_contract_s() -> None:
    result = check(FACTS, "--json")
    assert result.exit_code == 0
    row = programmes(result)["TS-31"]
    assert tuple(row) == FIELDS
    assert {name: row[name] for name in FIELDS[:9]} == {
        "programme": "TS-31",
        "name": "天水·一次性创业补贴",
        "region": "620500",
        "tier": "A",
        "kind": "benefit",
        "binding": "binding",
        "verdict": "meets",
        "amount": 5000,
        "in_force": False,
    }
    assert row["criteria"][-1] == {
        "fact": "biz_months",
        "verdict": "meets",
        "quotation": "自工商登记注册之日起正常运营1年以上的",
        "source": "001",
    }
    assert row["missing"] == []
    assert row["responsible"][:2] == ["市人社局", "市农业农村局"]
    unknown = programmes(result)["GS-12"]
    assert (unknown["verdict"], unknown["missing"]) == ("unknown", ["hardship_recognised"])


def test_a_file_is_read_as_standard_input_is(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS), "utf-8")
    assert run("--facts", str(file), "--json").stdout == check(FACTS, "--json").stdout


@pytest.mark.parametrize(("day", "in_force"), [("2024-06-30", True), ("2025-06-30", False)])
def test_the_day_asked_on_decides_what_is_in_force_and_nothing_else(day: str, in_force: bool) -> None:
    row = programmes(check(FACTS | {"as_of": day}, "--json"))["TS-31"]
    assert (row["in_force"], row["verdict"]) == (in_force, "meets")


def test_without_json_a_person_reads_what_fits_what_does_not_and_that_it_is_over() -> None:
    text = check(FACTS).stdout
    assert "可能可以申请" in text
    fits, open_ = text.split("还说不准的")
    assert "1. 天水，一次性创业补贴。第一次开小店、办小企业，登记后正常开满1年，给一次钱。金额5000元。" in fits
    assert "有条件的地区可以给一次钱。金额5000元。还要看：就业困难认定（认定很难找到工作）。" in open_
    assert "天水方案、甘肃方案访谈管到2024年12月31日，已经过期" in text
    assert "你能领" not in text
    assert "说的是谁" not in text


def test_a_person_is_told_which_criterion_does_not_fit() -> None:
    text = check(FACTS | {"biz_months": 11}).stdout
    assert "天水，一次性创业补贴。不符合的条件：经营月数。" in text
    assert "不符合：经营月数。“自工商登记注册之日起正常运营1年以上的”" in text


def test_the_talk_and_the_command_tell_a_programme_in_the_same_words(materials: Materials) -> None:
    at = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    facts = {name: value for name, value in FACTS.items() if name != "applicant"}
    session = Session(facts=facts, dialog="subsidy", results=("TS-31",))
    (reply,) = advance(session, Incoming(text="1"), at, materials).replies
    said = reply.text.partition("已经过期")[0].rpartition("\n")[0]
    assert said in check(FACTS).stdout.replace("金额5000元。\n", "\n", 1)


def test_who_has_said_no_place_is_told_so_and_reads_place_by_place() -> None:
    text = check({"applicant": "self", "cert": True}).stdout
    assert text.startswith("各地的政策不一样。")
    places = re.findall("^如果在(.+)，还说不准的", text, re.MULTILINE)
    assert places == ["福建", "山东", "四川", "甘肃", "天水"]


def test_before_a_plan_begins_it_is_said_so() -> None:
    assert "从2022年10月12日起才施行" in check(FACTS | {"as_of": "2022-01-01"}).stdout


def test_where_nothing_is_held_it_is_said_so() -> None:
    result = check({"region": "110000", "applicant": "self", "cert": True})
    assert (result.exit_code, result.stdout.strip()) == (0, load_wording()("results.none", who="您"))
    assert json.loads(check({"region": "110000"}, "--json").stdout) == {"id": "", "programmes": []}


@pytest.mark.parametrize("facts", [{"region": "1", "age": "x"}, "not json", "[1]", "[" * 100_000])
def test_facts_that_cannot_be_used_are_refused(facts: Any) -> None:
    result = check(facts, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "bad_facts"
    plain = check(facts)
    assert (plain.exit_code, plain.stdout) == (1, "")
    assert "write it like" in plain.stderr


def test_all_that_is_wrong_with_the_facts_is_said() -> None:
    message = json.loads(check({"region": "1", "age": "x"}, "--json").stdout)["error"]["message"]
    assert "region" in message and "age" in message


@pytest.mark.parametrize(
    "arguments", [(), ("--facts", "-", "--batch", "-"), ("--facts", "nowhere.json"), ("--nonsense",)]
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_batch_keeps_its_order() -> None:
    lines = "\n".join(json.dumps({"id": name, "facts": FACTS}) for name in ("b", "a")) + "\n\n"
    result = run("--batch", "-", "--json", given=lines)
    assert result.exit_code == 0
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["b", "a"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("{", "bad_line"),
        ('{"id": "x"}', "bad_line"),
        ('{"id": "x", "facts": [1]}', "bad_line"),
        ('{"id": "x", "facts": {"age": -1}}', "bad_facts"),
    ],
)
def test_a_broken_line_is_named_and_the_rest_judged(broken: str, code: str) -> None:
    good = json.dumps({"id": "good", "facts": FACTS})
    result = run("--batch", "-", "--json", given=f"{good}\n{broken}\n{good}\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [row.get("id") for row in rows] == ["good", None, "good"]
    assert (rows[1]["line"], rows[1]["error"]["code"]) == (2, code)
    assert "line 2" in result.stderr


def test_a_batch_for_people_names_each_household() -> None:
    lines = "".join(json.dumps({"id": name, "facts": FACTS}) + "\n" for name in ("甲", "乙"))
    text = run("--batch", "-", given=lines).stdout
    assert text.splitlines()[0] == "甲"
    assert "\n乙\n" in text


def test_check_starts_without_the_search() -> None:
    heavy = "{'jieba', 'numpy', 'pypinyin', 'opencc', 'knowledge.search', 'knowledge.index'}"
    program = f"import sys, bot.commands.check; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert found.stdout.strip() == "[]"


def test_a_batch_reads_blank_lines_as_none() -> None:
    worked: list[str] = []
    assert run_batch(["a\n", "  \n", "b\n"], worked.append, as_json=False)
    assert worked == ["a\n", "b\n"]


def test_only_an_object_is_an_object() -> None:
    assert json_object('{"a": 1}', "x", "{}") == {"a": 1}
    with pytest.raises(RefusedError, match="no JSON object"):
        json_object("3", "x", "{}")
