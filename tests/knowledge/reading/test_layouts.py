from knowledge.reading.blocks import Block
from knowledge.reading.layouts import LAYOUTS
from knowledge.reading.traced import Ledger, Traced


def read(layout: str, text: str) -> tuple[list[Block], Ledger]:
    ledger = Ledger(text)
    return list(LAYOUTS[layout](Traced.whole(text), ledger)), ledger


def said(blocks: list[Block]) -> list[tuple[str, str]]:
    return [(block.kind, block.span.text) for block in blocks]


def test_headings_become_the_path_of_what_follows() -> None:
    blocks, _ = read("plain", "一、主要措施\n（一）稳定就业。要做好工作。\n还有一段。")
    assert said(blocks) == [
        ("heading", "一、主要措施"),
        ("heading", "（一）稳定就业。"),
        ("body", "要做好工作。"),
        ("body", "还有一段。"),
    ]
    assert blocks[2].path == ("一、主要措施", "（一）稳定就业")


def test_an_interview_question_is_the_heading_of_its_answer() -> None:
    blocks, ledger = read(
        "interview", "某某网：请介绍内容。\n张三：共有三个部分。\n还有补充。\n某某网：怎么落实？\n张三：抓好。"
    )
    assert said(blocks)[0] == ("heading", "某某网：请介绍内容。")
    assert said(blocks)[1] == ("body", "共有三个部分。")
    assert blocks[2].path == ("请介绍内容。",)
    assert blocks[-1].path == ("怎么落实？",)
    assert "name of the speaker" in ledger.reasons


def test_the_furniture_of_a_web_page_goes_and_departments_go_to_their_paragraph() -> None:
    page = "简体 繁体 登录\n • 索引号: 1\n • 成文日期: 2022-10-12\n"
    text = page + "   要给予补贴。要搞培训。(市人社局、市残联按职责分工负责，以下同)\n登录\n"
    blocks, ledger = read("webpage", text)
    assert said(blocks) == [
        ("body", "成文日期:2022-10-12"),
        ("body", "要给予补贴。要搞培训。"),
        ("units", "(市人社局、市残联按职责分工负责，以下同)"),
    ]
    assert blocks[1].responsible == ("市人社局", "市残联")
    assert ledger.reasons[0] == "furniture of the web page"


def test_words_broken_by_the_end_of_a_pdf_page_are_joined() -> None:
    text = "### 一、摸清情况\n\n（一）完善信息。会同组织、人社、编\n\n办等部门在 2024 年前完成。\n\n**结束。**"
    blocks, _ = read("pdf", text)
    assert said(blocks) == [
        ("heading", "一、摸清情况"),
        ("heading", "（一）完善信息。"),
        ("body", "会同组织、人社、编办等部门在2024年前完成。"),
        ("body", "结束。"),
    ]


def test_a_row_without_a_task_continues_the_row_above() -> None:
    head = "序号\t任务\t举措\t责任单位\n"
    first = "1\t助残就业\t开展招聘。\t省残联、省人社厅（按职责分工负责，下同）\n"
    text = head + first + "\t\t<p>减免费用。</p>\t省邮政局\n"
    blocks, ledger = read("table", text)
    bodies = [block for block in blocks if block.kind == "body"]
    assert [(b.span.text, b.path, b.responsible) for b in bodies] == [
        ("开展招聘。", ("1. 助残就业",), ("省残联", "省人社厅")),
        ("减免费用。", ("1. 助残就业",), ("省邮政局",)),
    ]
    assert {"header of the table", "markup", "rule of the table"} <= set(ledger.reasons)


def test_a_letter_above_a_table_that_stops_at_a_comma_goes_on_in_the_next_line() -> None:
    blocks, _ = read("table", "为贯彻方案，\n\n现将分工印发。\n")
    assert said(blocks) == [("body", "为贯彻方案，现将分工印发。")]
