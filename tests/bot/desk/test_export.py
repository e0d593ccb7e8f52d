import csv
import datetime
import json
import re
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.desk.export import export
from bot.desk.names import Names, load_names
from bot.desk.telling import Telling
from bot.desk.whole import CannotWrite
from tests.bot.desk.made_up import EVENTS, LEAD, lead, many
from tests.conftest import ROOT

SUFFIXES = (".xlsx", ".csv", ".jsonl")
FORMULA = '=HYPERLINK("http://x.example","点")'


@pytest.fixture(scope="module")
def names() -> Names:
    return load_names()


def sheets(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows by heading of every sheet."""
    book = openpyxl.load_workbook(file)
    tables = {}
    for sheet in book.worksheets:
        headings, *rows = sheet.iter_rows(values_only=True)
        tables[sheet.title] = [dict(zip(map(str, headings), row, strict=True)) for row in rows]
    book.close()
    return tables


def csv_rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_excel_has_the_present_state_and_every_change(tmp_path: Path, names: Names) -> None:
    file = tmp_path / "leads.xlsx"
    assert export([(LEAD, EVENTS)], file, names) == 1
    tables = sheets(file)
    assert list(tables) == ["登记", "变更"]
    (row,) = tables["登记"]
    assert row == {
        "登记号": "202600010001",
        "现在的状态": "已核对信息",
        "登记时间": datetime.datetime(2026, 1, 2, 0, 30),
        "最近变更时间": datetime.datetime(2026, 1, 3, 10, 0),
        "称呼": "王秀英",
        "电话": "13800000000",
        "代办人与本人的关系": None,
        "地区代码": "620523",
        "地区": "甘肃省天水市甘谷县",
        "城乡": "农村",
        "残疾类别": "视力残疾、听力残疾",
        "残疾等级": "视力残疾一级、听力残疾二级",
        "年龄": 42,
        "年龄段": "35至44岁",
        "需求": "自己创业、盲人按摩",
        "需求（原话）": "想在镇上开个按摩店",
        "联系方式": "发短信、请别人转告",
        "联系方式（原话）": "发短信，女儿念给我听",
        "可能可以申请的政策": "天水·一次性创业补贴（TS-31）",
        "登记渠道": "命令行",
        "认领人": "李四",
        "首次联系时间": datetime.datetime(2026, 1, 3, 10, 0),
        "下次跟进日期": datetime.datetime(2026, 1, 10),
        "关联的登记号": None,
    }
    assert [(c["登记号"], c["变更时间"].hour, c["变更"], c["变更后的状态"], c["变更人"]) for c in tables["变更"]] == [
        ("202600010001", 0, "提交登记", "已登记", "登记人"),
        ("202600010001", 9, "认领", None, "李四"),
        ("202600010001", 10, "改状态", "已核对信息", "李四"),
    ]
    assert tables["变更"][2]["备注"] == "信息属实"


def test_excel_never_sees_a_formula_nor_a_number_in_what_a_person_wrote(tmp_path: Path, names: Names) -> None:
    file = tmp_path / "leads.xlsx"
    export([(lead(call_name=FORMULA, needs_words="＝1+1", contacts_words="\x01\ud800坏字"), EVENTS)], file, names)
    sheet = openpyxl.load_workbook(file)["登记"]
    cells = {sheet.cell(1, column).value: sheet.cell(2, column) for column in range(1, sheet.max_column + 1)}
    assert all(cell.data_type != "f" for cell in cells.values())
    assert cells["称呼"].value == FORMULA and cells["需求（原话）"].value == "＝1+1"
    assert cells["称呼"].quotePrefix and cells["需求（原话）"].quotePrefix and not cells["地区"].quotePrefix
    assert cells["联系方式（原话）"].value == "坏字"
    for heading in ("电话", "登记号", "地区代码"):
        assert cells[heading].data_type == "s" and cells[heading].number_format == "@"


def test_a_sheet_that_is_full_goes_on_in_another(tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.formats.xlsx.LAST_ROW", 3)
    export(many(4), tmp_path / "leads.xlsx", names)
    tables = sheets(tmp_path / "leads.xlsx")
    assert {name: len(rows) for name, rows in tables.items()} == {
        "登记": 3,
        "变更": 3,
        "登记2": 1,
        "变更2": 3,
        "变更3": 2,
    }
    assert tables["变更3"][1]["备注"] == "第3条"


def test_a_text_too_long_for_a_cell_says_so(tmp_path: Path, names: Names) -> None:
    export([(lead(needs_words="长" * 40_000), ())], tmp_path / "leads.xlsx", names)
    (row,) = sheets(tmp_path / "leads.xlsx")["登记"]
    assert len(row["需求（原话）"]) == 32_767 and row["需求（原话）"].endswith("全文请导出 jsonl）")


def test_csv_has_a_row_a_change_with_the_registration(tmp_path: Path, names: Names) -> None:
    file = tmp_path / "leads.csv"
    assert export([(LEAD, EVENTS), (lead(receipt="A2", call_name=FORMULA), ())], file, names) == 2
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = csv_rows(file)
    assert [(row["登记号"], row["第几次变更"], row["变更"], row["变更时间"]) for row in rows] == [
        ("'202600010001", "1", "提交登记", "2026-01-02 00:30:00"),
        ("'202600010001", "2", "认领", "2026-01-02 09:00:00"),
        ("'202600010001", "3", "改状态", "2026-01-03 10:00:00"),
        ("A2", "", "", ""),
    ]
    assert rows[0]["电话"] == "'13800000000" and rows[0]["地区"] == "甘肃省天水市甘谷县" and rows[0]["年龄"] == "42"
    assert rows[3]["称呼"] == "'" + FORMULA
    assert all(row["登记时间"] == "2026-01-02 00:30:00" and row["现在的状态"] == "已核对信息" for row in rows)


def test_json_lines_hold_all_that_is_kept(tmp_path: Path, names: Names) -> None:
    file = tmp_path / "leads.jsonl"
    assert export([(LEAD, EVENTS), (lead(call_name=FORMULA, contacted=None), ())], file, names) == 2
    first, second = map(json.loads, file.read_text("utf-8").splitlines())
    assert first["receipt"] == "202600010001" and first["region_name"] == "甘肃省天水市甘谷县"
    assert first["said"]["phone"] == "13800000000" and first["said"]["levels"] == {"视力": 1, "听力": 2}
    assert first["created"] == "2026-01-02T00:30:00+08:00" and first["due"] == "2026-01-10"
    assert [(event["kind"], event["at"]) for event in first["events"]][1] == ("claimed", "2026-01-02T09:00:00+08:00")
    assert second["said"]["call_name"] == FORMULA and second["contacted"] is None and second["events"] == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_to_export_is_a_file_with_headings_only(tmp_path: Path, names: Names, suffix: str) -> None:
    assert export([], tmp_path / f"leads{suffix}", names) == 0
    assert (tmp_path / f"leads{suffix}").exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_file_is_its_owners_and_replaces_an_older_one(tmp_path: Path, names: Names, suffix: str) -> None:
    file = tmp_path / f"LEADS{suffix.upper()}"
    file.write_text("older")
    export([(LEAD, EVENTS)], file, names)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and file.read_bytes()[:5] != b"older"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_fails_half_way_leaves_nothing(tmp_path: Path, names: Names, suffix: str) -> None:
    def rows() -> Iterator[Any]:
        yield LEAD, EVENTS
        assert not (tmp_path / f"leads{suffix}").exists()
        raise KeyError("the store is gone")

    with pytest.raises(KeyError):
        export(rows(), tmp_path / f"leads{suffix}", names)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """A disk on which no file may become larger."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_room_leaves_the_older_file_and_says_what_to_do(tmp_path: Path, names: Names, suffix: str) -> None:
    file = tmp_path / f"leads{suffix}"
    file.write_text("older")
    with small_files(100_000), pytest.raises(CannotWrite) as refused:
        export(many(20_000), file, names)
    told = Telling(names).refusal(refused.value)
    assert f"{file}写不进去" in told and f"请看{tmp_path}有没有空间" in told
    assert file.read_text() == "older" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leads.pdf", r"leads\.pdf要写成哪种格式。请让文件名用\.xlsx、\.csv、\.jsonl结尾，比如.*leads\.xlsx。"),
        ("leads", r"哪种格式.*leads\.xlsx。"),
        ("folder.csv", r"folder\.csv是文件夹。请写它里面的一个文件名，比如.*folder\.csv.leads\.csv。"),
        ("nowhere/leads.csv", "没有文件夹.*nowhere。"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_a_row_is_read(
    tmp_path: Path, names: Names, name: str, message: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    rows = iter([(LEAD, EVENTS)])
    with pytest.raises(CannotWrite) as refused:
        export(rows, tmp_path / name, names)
    assert re.search(message, Telling(names).refusal(refused.value))
    assert next(rows) == (LEAD, EVENTS)


def test_the_bar_runs_on_stderr_when_asked(tmp_path: Path, names: Names, capsys: pytest.CaptureFixture[str]) -> None:
    export(many(3), tmp_path / "leads.csv", names)
    assert capsys.readouterr().err == ""
    export(many(3), tmp_path / "leads.csv", names, progress=True, total=3)
    shown = capsys.readouterr()
    assert "导出登记: 100%" in shown.err and "3/3" in shown.err and shown.out == ""


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_twenty_thousand_rows_take_no_more_memory_than_two_thousand(tmp_path: Path, names: Names, suffix: str) -> None:
    file = tmp_path / f"leads{suffix}"
    blocks, sizes = [], []

    def watched() -> Iterator[Any]:
        for number, row in enumerate(many(20_000)):
            if number % 2_000 == 1_999:
                blocks.append(sys.getallocatedblocks())
                sizes.append(resident())
            yield row

    assert export(watched(), file, names) == 20_000
    # A row that was kept would be more than ten blocks, the rows together more than twelve megabytes.
    assert len(blocks) == 10 and max(blocks) < blocks[0] + 18_000, blocks
    assert max(sizes) < sizes[0] + 10_000_000, sizes
    if suffix == ".csv":
        rows = csv_rows(file)
        assert len(rows) == 40_000 and rows[-1]["备注"] == "第19999条"


def test_what_writes_is_imported_when_it_is_used() -> None:
    code = "import bot.desk.export, sys; print(sorted({'xlsxwriter', 'tqdm', 'matplotlib', 'docx'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout == "[]\n"
