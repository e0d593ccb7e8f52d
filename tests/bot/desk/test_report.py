import datetime
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn

from bot.desk.cases import Case, Job
from bot.desk.duties import duty_of, load_duties
from bot.desk.names import Names, load_names
from bot.desk.report import report
from bot.desk.statistics import Scope, count
from bot.desk.targets import load_targets
from bot.desk.telling import Telling
from bot.desk.whole import CannotWrite
from knowledge.corpus.folders import clauses_quoted, load_folder, packaged

CASES = [
    Case(
        region="620523",
        month="2026-01",
        status="verified",
        reached="verified",
        categories=("视力",),
        level=1,
        age_band="35-44",
        needs=("massage",),
        programmes=("TS-31",),
        waited=1.5,
        number=12,
    ),
    Case(region="620502", month="2026-03", status="employed", reached="employed", number=6),
    Case(region="620502", month="2026-03", status="registered", categories=("听力",), level=2, waited=4.0, number=3),
]
JOBS = [Job("620502", number=6)]


@pytest.fixture(scope="module")
def names() -> Names:
    return load_names()


def written(
    names: Names, file: Path, region: str | None, cases: list[Case], today: str = "2026-12-01", **more: Any
) -> Any:
    """The document of a region, read back."""
    scope = Scope(region, "2026-01-01", "2026-11-30", today)
    report(count(cases, JOBS if cases else [], scope, names, load_targets()), 2026, file, names, **more)
    return docx.Document(str(file))


def said(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def tables(document: Any) -> dict[str, list[list[str]]]:
    """The rows of each table by its caption without number."""
    captions = [p.text.split("　")[1] for p in document.paragraphs if p.style.name == "Caption" and p.text[0] == "表"]
    rows = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    return dict(zip(captions, rows, strict=True))


@pytest.fixture(scope="module")
def file(names: Names, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("report") / "report.docx"
    written(names, file, "620500", CASES, unanswered=[("残疾人买车有补贴吗", 3), ("=1+1\x00", 1)])
    return file


@pytest.fixture(scope="module")
def document(file: Path) -> Any:
    return docx.Document(str(file))


def test_what_it_says(document: Any) -> None:
    text = said(document)
    assert text.startswith("甘肃省天水市2026年残疾人就业需求登记和服务落实情况报告\n")
    for sentence in (
        "统计期间　甘肃省天水市（2026年1月1日至2026年11月30日）",
        "报送依据　天政办发〔2022〕78号：“各县区政府每年年底向市政府残工委办公室报送落实情况。”",
        "报送时间　每年年底",
        "制表日期　2026年12月1日",
        "天政办发〔2022〕78号的方案已到期（到2024年12月31日为止）。当地的新方案，还没有查到。",
        "本期共登记21份。已经联系15份，还没有联系6份。",
        "一半的人在1.5天以内，九成的人在4天以内。",
        "至少组织一次职业能力评估、进行一次就业需求登记、开展一次就业服务“四个一”活动",
        "登记后还没有核对信息的有3份。",
        "2022—2024年全市共实现城乡新增残疾人就业3000人",
        "报送单位（盖章）：",
        "日期：　　　　年　　月　　日",
    ):
        assert sentence in text


def test_its_tables_hide_what_is_small(document: Any) -> None:
    found = tables(document)
    assert found["“四个一”走到哪一步"][1:3] == [["就业需求登记", "21", "100%"], ["基础信息核对", "18", "86%"]]
    assert found["各残疾类别的登记数"][1:3] == [["视力残疾", "12"], ["听力残疾", "少于5"]]
    assert ["没有说", "不公布"] in found["各残疾类别的登记数"]
    assert found["各残疾等级的登记数"][1:3] == [["一级", "12"], ["二级", "少于5"]]
    assert found["各地各残疾类别的登记数"][0][:3] == ["地区", "视力残疾", "听力残疾"]
    assert {row[0]: row[2] for row in found["各地各残疾类别的登记数"][1:]} == {"甘谷县": "不公布", "秦州区": "少于5"}
    assert found["政策文本没有回答的问题"][1:] == [["残疾人买车有补贴吗", "3"], ["=1+1", "1"]]
    assert found["就业人数与方案目标"][1] == ["甘肃省天水市", "2022—2024年", "3000", "1000", "6", "0.6%"]


def test_every_picture_is_described(document: Any) -> None:
    shapes = document.inline_shapes
    assert len(shapes) == 7
    descriptions = [shape._inline.docPr.get("descr") for shape in shapes]
    assert all(text.startswith("甘肃省天水市（") and text.endswith("。") for text in descriptions)
    assert all(shape.width < document.sections[0].page_width for shape in shapes)


def test_a_picture_of_many_places_fits_its_page(names: Names, tmp_path: Path) -> None:
    provinces = [code for code in names.gazetteer.names if code.endswith("0000")]
    cases = [Case(region=code, month="2026-01", status="registered") for code in provinces]
    scope = Scope(None, None, None, "2026-12-01")
    report(count(cases, [], scope, names, load_targets()), 2026, tmp_path / "r.docx", names)
    document = docx.Document(str(tmp_path / "r.docx"))
    page = document.sections[0]
    shapes = document.inline_shapes
    assert page.page_height and page.top_margin and page.bottom_margin
    assert max(shape.height for shape in shapes) < page.page_height - page.top_margin - page.bottom_margin
    tall, usual = shapes[2], shapes[3]
    assert tall.width < usual.width and tall.height / tall.width > 1.5


def test_letters_are_chinese_ones_and_headings_repeat(document: Any) -> None:
    fonts = {}
    for name in ("Normal", "Caption", "Heading 1", "Title"):
        found = document.styles[name].element.rPr.rFonts
        fonts[name] = found.get(qn("w:eastAsia"))
        assert not [key for key in found.attrib if key.endswith("Theme")]
        assert document.styles[name].element.rPr.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    assert fonts == {"Normal": "宋体", "Caption": "宋体", "Heading 1": "黑体", "Title": "黑体"}
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_the_file_is_well_formed_and_dated(file: Path, document: Any) -> None:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    assert document.core_properties.created.date() == datetime.date(2026, 12, 1)
    assert document.core_properties.title.startswith("甘肃省天水市2026年")
    assert document.core_properties.author == "助业"


def test_numbers_of_tables_and_pictures_run_on(document: Any) -> None:
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    for letter in "表图":
        numbers = [int(re.findall(r"\d+", text)[0]) for text in captions if text.startswith(letter)]
        assert numbers == list(range(1, len(numbers) + 1)) and numbers


def test_shandong_has_its_day_and_no_four_ones(names: Names, tmp_path: Path) -> None:
    text = said(written(names, tmp_path / "r.docx", "370100", CASES[:0]))
    assert "报送时间　每年12月10日前" in text and "收录的文本没有写“四个一”的要求" in text
    assert "山东省济南市没有自己的目标。下面是山东省的目标，不能直接比。" in text
    assert "本期共登记0份" in text and "一半的人" not in text


def test_a_place_whose_text_is_not_held(names: Names, tmp_path: Path) -> None:
    text = said(written(names, tmp_path / "r.docx", "110105", CASES[:0]))
    assert "本系统没有收录这个地区的方案文本" in text and "收录的文本没有写这个地区的目标" in text
    assert "已到期" not in text and "政策文本没有回答的问题" not in text


def test_the_whole_country_is_a_place_too(names: Names, tmp_path: Path) -> None:
    assert "地区　全部地区\n" in said(written(names, tmp_path / "r.docx", None, CASES[:0]))


def test_a_plan_in_its_time_is_not_called_over(names: Names, tmp_path: Path) -> None:
    assert "已到期" not in said(written(names, tmp_path / "r.docx", "620500", CASES, today="2024-12-10"))


def test_what_is_no_word_document_is_refused(names: Names, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as refused:
        written(names, tmp_path / "r.pdf", "620500", CASES)
    told = Telling(names).refusal(refused.value)
    assert told == f"年报是Word文件。请让文件名用.docx结尾，比如{tmp_path / 'r.docx'}。"
    assert list(tmp_path.iterdir()) == []


def test_every_duty_is_quoted() -> None:
    for duty in load_duties():
        document = load_folder(packaged("corpus", duty.document)).document
        for quotation in (duty.report, duty.four):
            assert quotation is None or next(clauses_quoted(document, quotation), None), quotation
        assert duty.due in duty.report and document.card.region == duty.region


def test_the_duty_is_that_of_the_nearest_place() -> None:
    found = {region: duty_of(region) for region in ("620523", "620102", "620000", "110105")}
    assert {region: pair and pair[0].region for region, pair in found.items()} == {
        "620523": "620500",
        "620102": "620000",
        "620000": "620000",
        "110105": None,
    }
    assert duty_of(None) is None
