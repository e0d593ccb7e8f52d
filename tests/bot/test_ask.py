import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import cli


@pytest.fixture(scope="module")
def zhuye(cache: Path) -> Any:
    """Runs `zhuye` in this process with the run's own built knowledge."""
    environment = {"ZHUYE_DATA_DIR": str(cache.parent), "ZHUYE_TODAY": "2026-11-22"}
    (cache.parent / "cache").exists() or cache.rename(cache.parent / "cache")
    return lambda *words, typed=None: CliRunner().invoke(cli, words, input=typed, env=environment)


def rows(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_has_the_form_that_others_rely_on(zhuye: Any) -> None:
    result = zhuye("ask", "--region", "620500", "--json", "开店补贴多少钱")
    assert result.exit_code == 0
    (row,) = rows(result)
    assert set(row) == {"id", "answered", "passages", "reply"} and row["answered"] is True
    first = row["passages"][0]
    assert first["document"] == "天政办发〔2022〕78号"
    assert first["source"] == "001" and first["region"] == "620500" and first["in_force"] is False
    assert first["path"] == ["三、主要措施", "(六)实施农村困难残疾人就业帮扶行动"]
    assert first["end"] - first["start"] == len(first["text"]) <= 220
    assert first["responsible"][0] == "市人社局" and 0 < first["score"] <= 1
    assert 1 <= len(row["passages"]) <= 5
    assert first["text"] in row["reply"]


def test_for_a_person_it_prints_the_reply(zhuye: Any) -> None:
    result = zhuye("ask", "--region", "620500", "开店补贴多少钱")
    assert result.exit_code == 0 and "补贴标准为5000元" in result.stdout and "{" not in result.stdout


def test_a_region_that_is_no_place_is_refused(zhuye: Any) -> None:
    result = zhuye("ask", "--region", "999999", "--json", "开店")
    assert result.exit_code == 1
    assert rows(result) == [
        {
            "error": {
                "code": "unknown_region",
                "message": '"999999" is no GB/T 2260 code; write one of six digits, for example 620500 (天水市)',
            }
        }
    ]


def test_wrong_usage(zhuye: Any) -> None:
    assert zhuye("ask").exit_code == 2
    assert zhuye("ask", "问", "--batch", "-").exit_code == 2
    assert zhuye("ask", "--batch", "/no/such/file").exit_code == 2


def test_a_batch_keeps_its_order_and_names_broken_lines(zhuye: Any) -> None:
    lines = [
        '{"id": "a", "q": "开店补贴", "region": "620500"}',
        "{broken",
        "",
        '{"id": "b", "region": null}',
        '{"id": "c", "q": "开店", "region": "123456"}',
        '{"id": "d", "q": "开店", "region": 5}',
        '{"id": "e", "q": "残疾证去哪办"}',
    ]
    result = zhuye("ask", "--batch", "-", "--json", typed="\n".join(lines))
    assert result.exit_code == 1
    assert [row.get("id") or row["line"] for row in rows(result)] == ["a", 2, 4, 5, 6, "e"]
    assert [row["error"]["code"] for row in rows(result) if "error" in row] == [
        "bad_line",
        "bad_line",
        "unknown_region",
        "bad_line",
    ]
    assert "line 2: not JSON" in result.stderr and "write it like" in result.stderr


def test_a_whole_batch_is_done(zhuye: Any) -> None:
    result = zhuye("ask", "--batch", "-", typed='{"id": "a", "q": "开店补贴"}\n')
    assert result.exit_code == 0 and result.stdout.startswith("a\n")


@settings(max_examples=60, deadline=None)
@given(
    question=st.text(st.characters(exclude_categories=["Cs"]), max_size=120).filter(
        lambda text: not text.startswith("-")
    )
)
def test_any_question_gets_one_json_line(zhuye: Any, question: str) -> None:
    result = zhuye("ask", "--json", "--", question)
    assert result.exit_code == 0 and result.exception is None
    (row,) = rows(result)
    assert row["reply"]


@pytest.mark.parametrize("question", ["", "？！", "🙂", "x" * 4000, "\u202e倒着", "'; DROP TABLE x; --", "<b>开店</b>"])
def test_ugly_questions_get_a_clear_reply(zhuye: Any, question: str) -> None:
    result = zhuye("ask", "--", question)
    assert result.exit_code == 0 and result.stdout.strip() and "Traceback" not in result.output


def test_asking_is_quick_to_import(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['zhuye', 'ask', '开店补贴']\n"
        "from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'aiogram', 'telegram', 'opencc', 'pypinyin', 'sqlite_utils', 'fastapi'} & set(sys.modules)))"
    )
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(tmp_path)}
    for _building_then_reading in range(2):
        result = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
    assert result.stdout.splitlines()[-1] == "[]"


def test_a_bad_setting_is_named_without_a_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(tmp_path), "ZHUYE_TODAY": "soon"}
    result = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "开店"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == 'ZHUYE_TODAY: "soon" is not a date; write it like 2026-11-22\n'
