import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli import cli
from tests.conftest import ROOT


@pytest.fixture
def zhuye(tmp_path: Path) -> Any:
    return lambda *words: CliRunner().invoke(cli, ["knowledge", *words], env={"ZHUYE_DATA_DIR": str(tmp_path)})


def test_the_report_accounts_for_all_five_sources(zhuye: Any) -> None:
    accounts = [json.loads(line) for line in zhuye("report", "--json").stdout.splitlines()]
    assert len(accounts) == 5 and all(account["unaccounted"] == 0 for account in accounts)
    assert "dropped: the text again, in a damaged encoding" in zhuye("report").stdout


def test_check_says_that_all_is_in_order(zhuye: Any) -> None:
    result = zhuye("check")
    assert result.exit_code == 0 and result.stdout == "all in order\n"


def test_show(zhuye: Any) -> None:
    shown = zhuye("show", "001-54")
    assert "补贴标准为5000元" in shown.stdout and "  - 头一回自己当老板有补贴不" in shown.stdout
    assert "头一回自己当老板有补贴不" in json.loads(zhuye("show", "--json", "001-54").stdout)["questions"]


def test_show_refuses_what_is_not_there(zhuye: Any) -> None:
    result = zhuye("show", "--json", "001-999")
    assert result.exit_code == 1 and json.loads(result.stdout)["error"]["code"] == "unknown_clause"


def test_eval(zhuye: Any, tmp_path: Path) -> None:
    lines = (ROOT / "tests" / "questions" / "answerable.jsonl").read_text("utf-8").splitlines()[:10]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), "utf-8")
    groups = {
        row["group"]: row
        for row in map(json.loads, zhuye("eval", "--json", str(tmp_path / "q.jsonl")).stdout.splitlines())
    }
    assert groups["answerable"]["count"] == 10 and groups["answerable"]["hit_3"] >= 0.8


def test_eval_names_a_broken_line(zhuye: Any, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "a", "q": "x"}\nnope\n')
    result = zhuye("eval", str(tmp_path / "q.jsonl"))
    assert result.exit_code == 2 and "line 2" in result.stderr
