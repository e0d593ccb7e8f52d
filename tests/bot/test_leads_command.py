"""`zhuye leads` and `zhuye staff` as somebody types them."""

import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document
from openpyxl import load_workbook

from bot.cli import cli
from bot.store.base import NoStore
from bot.store.store import open_store
from conversations.messages import Unanswered
from tests.bot.desk.conftest import SOMEBODY
from tests.bot.store.madeup import at

RECEIPT = "123456782"
SENT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("ZHUYE_DATA_DIR", str(folder))
    monkeypatch.setenv("ZHUYE_TODAY", "2026-11-23")
    with open_store(at(folder)) as store:
        store.registrations.add(store.sender("chat", "u1"), RECEIPT, SOMEBODY, SENT, "chat")
    return folder


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, result.output
    return result


def lines(*arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def test_a_registration_is_listed_masked_and_shown_in_clear_for_a_reason() -> None:
    (lead,) = lines("leads", "list", "--status", "registered", "--region", "620000")
    assert lead["id"] == RECEIPT and lead["phone"] == "138****5678" and lead["region"] == "620503"
    assert lines("leads", "list", "--query", "138 1234 5678") == lines("leads", "list", "--query", "王小明") == [lead]
    assert lines("leads", "list", "--since", "2026-11-23") == lines("leads", "list", "--until", "2026-11-21") == []
    assert lines("leads", "list", "--until", "9999-12-31") == lines("leads", "list", "--since", "0001-01-01") == [lead]
    assert "王小明" not in run("leads", "show", RECEIPT).stdout
    (shown,) = lines("leads", "show", RECEIPT, "--reveal", "联系本人")
    assert shown["phone"] == "13812345678" and shown["events"][0]["kind"] == "registered"  # type: ignore[index]


def test_a_caseworker_works_on_one() -> None:
    code = lines("staff", "add", "王芳", "--role", "worker", "--region", "620500")[0]["code"]
    assert isinstance(code, str) and code.isdigit() and len(code) == 10
    at = ("--as", "王芳")
    run("leads", "claim", RECEIPT, *at)
    run("leads", "note", RECEIPT, "=1+1 已通话", *at)
    run("leads", "status", RECEIPT, "verified", *at)
    run("leads", "due", RECEIPT, "2026-12-01", *at)
    (lead,) = lines("leads", "list", "--claimed-by", "王芳", "--due-by", "2026-12-01", *at)
    assert lead["status"] == "verified" and lead["due"] == "2026-12-01"
    run("leads", "release", RECEIPT, *at)
    run("leads", "transfer", RECEIPT, "620102", "--reason", "住在那里", *at)
    assert "没有找到" in run("leads", "show", RECEIPT, *at, code=1).stderr
    assert "住在那里" in run("leads", "show", RECEIPT).stdout


def test_all_are_exported_with_what_happened(tmp_path: Path) -> None:
    run("leads", "status", RECEIPT, "verified")
    for suffix in ("xlsx", "csv", "jsonl"):
        assert lines("leads", "export", str(tmp_path / f"out.{suffix}"))[0]["count"] == 1
    cells = [cell.value for sheet in load_workbook(tmp_path / "out.xlsx") for row in sheet for cell in row]
    assert "13812345678" in cells and RECEIPT in cells and "已核对信息" in cells
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    (plain,) = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [event["kind"] for event in json.loads(plain)["events"]] == ["registered", "status"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("leads", "show", "999999999"), "not_found", "9个数字"),
        (("leads", "list", "--region", "999999"), "no_place", "620500"),
        (("leads", "status", RECEIPT, "employed"), "step", "已核对信息"),
        (("leads", "due", RECEIPT, "2026-11-22"), "past", "2026-12-01"),
        (("leads", "list", "--as", "没有"), "no_account", "staff list"),
        (("staff", "disable", "没有"), "no_account", "staff list"),
        (("leads", "list", "--category", "听力残疾"), "no_category", "视力、听力"),
        (("leads", "list", "--programme", "ts"), "no_programme", "TS-31"),
        (("leads", "list", "--since", "2026-11-02", "--until", "2026-11-01"), "period", "换过来"),
        (("leads", "list", "--before", "999999999"), "no_page", "第一页"),
        (("leads", "export", "/nowhere/x.csv"), "no_folder", "/nowhere"),
        (("leads", "stats", "--charts", "/dev/null/charts"), "not_written", "/dev/null"),
        (("staff", "add", "x", "--role", "worker", "--region", "620500"), "bad_name", "20个字"),
    ],
)
def test_what_cannot_be_is_explained(arguments: tuple[str, ...], code: str, said: str) -> None:
    assert said in run(*arguments, code=1).stderr
    error = json.loads(run(*arguments, "--json", code=1).stdout)["error"]
    assert error["code"] == code and said in error["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("leads", "list", "--since", "yesterday"),
        ("leads", "due", RECEIPT, "12-01"),
        ("leads", "status", RECEIPT, "done"),
        ("leads", "list", "--limit", "0"),
        ("staff", "add", "王芳", "--role", "boss", "--region", "620500"),
    ],
)
def test_wrong_usage_has_its_own_exit_code(arguments: tuple[str, ...]) -> None:
    run(*arguments, code=2)


def test_a_receipt_is_taken_as_its_sender_reads_it() -> None:
    for typed in ("123 456 782", "１２３４５６７８２", "123-456-782"):
        assert lines("leads", "show", typed)[0]["id"] == RECEIPT


def test_what_one_claimed_already_is_told_apart_from_what_another_did() -> None:
    run("leads", "claim", RECEIPT)
    assert "您在跟进" in run("leads", "claim", RECEIPT, code=1).stderr


def test_nothing_that_was_written_moves_the_cursor_or_looks_like_a_line_of_ours() -> None:
    run("leads", "note", RECEIPT, "\x1b[2J一\n2026-11-22 18:00　李四　认领")
    run("leads", "show", RECEIPT, "--reveal", "看\n2026-11-22 18:00　李四　导出")
    shown = run("leads", "show", RECEIPT).stdout
    assert "\x1b" not in shown and "运维人员　备注　[2J一 2026-11-22 18:00 李四 认领\n" in shown
    assert "查看完整信息　123456782　看 2026-11-22 18:00 李四 导出\n" in run("leads", "log").stdout


def test_a_folder_where_nothing_was_kept_is_named_and_stays_empty(tmp_path: Path) -> None:
    environment = {"ZHUYE_DATA_DIR": str(tmp_path / "other")}
    for arguments in (("leads", "list"), ("staff", "list")):
        result = CliRunner().invoke(cli, arguments, env=environment)
        assert isinstance(result.exception, NoStore) and "ZHUYE_DATA_DIR" in str(result.exception)
    assert not (tmp_path / "other").exists()
    add = ("staff", "add", "王芳", "--role", "worker", "--region", "620500")
    assert CliRunner().invoke(cli, add, env=environment).exit_code == 0


def test_they_are_counted_and_drawn(tmp_path: Path) -> None:
    run("leads", "status", RECEIPT, "verified")
    (counts,) = lines("leads", "stats", "--region", "620500", "--charts", str(tmp_path / "charts"), "--form", "png")
    assert counts["total"] == 1
    tables = counts["tables"]
    assert isinstance(tables, dict) and {row["key"]: row["count"] for row in tables["step"]}["verified"] == 1
    assert (tmp_path / "charts" / "step.png").read_bytes().startswith(b"\x89PNG")
    told = run("leads", "stats").stdout
    for table in (
        "需求　登记数（份）",
        "找工作　1",
        "一级　1",
        "已核对信息　1",
        "天水·一次性创业补贴（TS-31）　1",
        "甘肃省　1　0",
    ):
        assert table in told
    assert "已经联系1份" in told and "一半的人在" in told


def test_the_yearly_report_is_written_and_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "report.docx"
    run("leads", "report", str(file), "--year", "2026", "--region", "620500")
    text = "\n".join(paragraph.text for paragraph in Document(str(file)).paragraphs)
    assert "天水市" in text and "2026" in text and "王小明" not in text
    refused = run("leads", "report", str(tmp_path / "report.pdf"), code=1)
    assert "年报是Word文件" in refused.stderr and ".docx" in refused.stderr


def test_the_log_shows_who_looked_and_whether_it_was_tampered_with(data: Path) -> None:
    run("leads", "show", RECEIPT, "--reveal", "联系本人")
    entries = [(entry["caseworker"], entry["operation"]) for entry in lines("leads", "log", "--subject", RECEIPT)]
    assert entries == [("operator", "show"), ("operator", "reveal")]
    assert lines("leads", "log", "--verify") == [{"whole": True, "fault": None}]
    with open_store(at(data)) as store:
        store.database.execute("UPDATE access_log SET caseworker = 'somebody' WHERE operation = 'reveal'")
    assert "被动过" in run("leads", "log", "--verify", code=1).stdout


def test_questions_that_no_text_answers_are_listed(data: Path) -> None:
    assert "没有答不上" in run("leads", "questions").stdout
    with open_store(at(data)) as store:
        for _ in range(2):
            store.ledger.unanswered(Unanswered("nothing", "620503", "医保 报销"), SENT.date())
    (question,) = lines("leads", "questions")
    assert question["words"] == "医保 报销" and question["times"] == 2
    assert "2次　甘肃省天水市麦积区" in run("leads", "questions").stdout


def test_a_token_is_given_to_a_program_and_taken_back(data: Path) -> None:
    run("staff", "add", "接口", "--role", "worker", "--region", "620500")
    (given,) = lines("staff", "token", "接口")
    with open_store(at(data)) as store:
        owner = store.api_tokens.owner(str(given["token"]))
        assert owner and owner.name == "接口"
    assert "只显示这一次" in run("staff", "token", "接口").stdout
    assert lines("staff", "token", "接口", "--revoke") == [{"name": "接口", "token": None}]
    (refused,) = [json.loads(run("staff", "token", "接口", "--revoke", "--json", code=1).stdout)]
    assert refused["error"]["code"] == "no_token"
    run("staff", "token", "没有", code=1)


def test_those_that_nobody_follows_up_and_that_are_open(data: Path) -> None:
    run("staff", "add", "王芳", "--role", "worker", "--region", "620500")
    assert len(lines("leads", "list", "--unclaimed", "--open")) == 1
    run("leads", "claim", RECEIPT, "--as", "王芳")
    assert lines("leads", "list", "--unclaimed") == [] and len(lines("leads", "list", "--open")) == 1
    run("leads", "status", RECEIPT, "closed", "--as", "王芳")
    assert lines("leads", "list", "--open") == []
