"""A caseworker's day through the pages: found, followed up, refused with what is wrong, counted, exported."""

import datetime
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from bot.desk.accounts import OPERATOR
from bot.desk.models import Caseworker
from bot.desk.web.listing import PAGE
from bot.settings import Settings
from conversations.messages import Unanswered
from tests.bot.desk.web.site import DeskSite, Visitor


@pytest.fixture
def site(place: Settings) -> Iterator[DeskSite]:
    made = DeskSite(place.data_dir, place=place)
    yield made
    made.close()


def receipts(visitor: Visitor) -> list[str]:
    return [str(one)[1:] for one in visitor.find("//table[contains(@class, 'leads')]//tbody/tr/@id")]


def act(visitor: Visitor, receipt: str, name: str, **fields: str) -> Any:
    visitor.get(f"/desk/leads/{receipt}")
    return visitor.post(f"/desk/leads/{receipt}/{name}", **fields)


def test_one_is_followed_up_from_beginning_to_end(site: DeskSite) -> None:
    receipt = site.register()
    visitor = site.signed_in()
    for name, fields, told in (
        ("claim", {}, "由您跟进"),
        ("note", {"text": "=1+1 已通话\n下周来"}, "备注记下了"),
        ("status", {"status": "verified"}, "状态改好了"),
        ("due", {"day": "2026年12月1日"}, "日子改好了"),
        ("status", {"status": "assessed"}, "状态改好了"),
        ("status", {"status": "served"}, "状态改好了"),
        ("status", {"status": "employed"}, "状态改好了"),
        ("due", {"day": ""}, "日子改好了"),
        ("release", {}, "已经放回"),
        ("status", {"status": "closed"}, "状态改好了"),
    ):
        assert act(visitor, receipt, name, **fields).status_code == 200
        assert told in visitor.told and visitor.title.startswith("办好了："), name
    events = site.do(lambda o: o.store.leads.events(receipt))
    assert [event.kind for event in events][1:] == [
        "claimed", "noted", "status", "due", "status", "status", "status", "due", "released", "status",
    ]  # fmt: skip
    history = visitor.find("string(//ol)")
    assert "=1+1 已通话" in history and "2026-12-01" in history and "已就业" in history
    assert not visitor.find("//form[contains(@action, '/transfer')]")


@pytest.mark.parametrize(("name", "fields", "status", "field", "told"), [
    ("note", {"text": "  "}, 422, "text", "1到2000个字"),
    ("note", {"text": "长" * 2001}, 422, "text", "1到2000个字"),
    ("status", {"status": "employed"}, 409, "status", "不能直接改成"),
    ("status", {"status": "nonsense"}, 422, "status", "没有选"),
    ("due", {"day": "2020-01-01"}, 422, "day", "已经过去"),
    ("due", {"day": "后天"}, 422, "day", "看不懂"),
    ("due", {"day": "2026-13-01"}, 422, "day", "看不懂"),
    ("transfer", {"region": "火星"}, 422, "region", "没有代码是火星"),
    ("transfer", {"region": "620503"}, 409, "region", "已经在那个地方"),
    ("link", {"other": "999999999"}, 404, "other", "999999999"),
])  # fmt: skip
def test_what_cannot_be_done_is_told_at_its_field_and_what_was_written_stays(
    site: DeskSite, name: str, fields: dict[str, str], status: int, field: str, told: str
) -> None:
    receipt = site.register()
    visitor = site.signed_in()
    assert act(visitor, receipt, name, **fields).status_code == status
    assert told in visitor.told and visitor.title.startswith("错误：")
    (wrong,) = visitor.find("//*[@aria-invalid='true']")
    assert wrong.get("id") == field and visitor.find(f"//a[@href='#{field}']")
    described = (wrong.get("aria-describedby") or "").split()
    assert f"{field}-wrong" in described and all(visitor.find(f"//*[@id='{one}']") for one in described)
    if wrong.tag != "select":
        assert (wrong.get("value") or wrong.text or "").strip() == fields[field].strip()
    assert len(site.do(lambda o: o.store.leads.events(receipt))) == 1


def test_of_two_who_claim_one_is_told(site: DeskSite) -> None:
    receipt = site.register()
    one, two = site.signed_in(), site.signed_in("李强")
    one.get(f"/desk/leads/{receipt}")
    two.get(f"/desk/leads/{receipt}")
    one.post(f"/desk/leads/{receipt}/claim")
    assert two.post(f"/desk/leads/{receipt}/claim").status_code == 409 and "王芳" in two.told
    assert two.get("/desk/leads?who=me").status_code == 200 and receipts(two) == []
    assert act(two, receipt, "release").status_code == 409


def test_a_form_that_is_sent_twice_changes_things_once_or_says_so(site: DeskSite) -> None:
    receipt = site.register()
    visitor = site.signed_in()
    act(visitor, receipt, "status", status="verified")
    assert visitor.post(f"/desk/leads/{receipt}/status", status="verified").status_code == 409
    assert len(site.do(lambda o: o.store.leads.events(receipt))) == 2


def test_the_list_is_filtered_sorted_and_paged(site: DeskSite) -> None:
    all_ = [site.register(phone=f"139{n:08}", call_name=f"人{n}") for n in range(PAGE + 3)]
    other = site.register(region="620502", needs=("massage",), phone="13700000000")
    visitor = site.signed_in()
    visitor.get("/desk/leads")
    assert receipts(visitor) == [other, *all_[:3:-1]] and f"共{PAGE + 4}份" in visitor.answer.text
    visitor.get("/desk/leads" + visitor.find("//a[@rel='next']/@href")[0])
    assert receipts(visitor) == all_[3::-1] and not visitor.find("//a[@rel='next']")
    visitor.get("/desk/leads?order=oldest")
    assert receipts(visitor) == all_[:PAGE]
    visitor.get("/desk/leads" + visitor.find("//a[@rel='next']/@href")[0])
    assert receipts(visitor) == [*all_[PAGE:], other]
    for filter_ in ("region=秦州区", "region=620502", "need=massage", "region=秦州&need=massage&status=registered"):
        visitor.get(f"/desk/leads?{filter_}")
        assert receipts(visitor) == [other], filter_
    visitor.get("/desk/leads?status=closed")
    assert receipts(visitor) == [] and "没有符合的登记" in visitor.answer.text
    visitor.get("/desk/leads?since=2026/11/23")
    assert receipts(visitor) == []
    visitor.get("/desk/leads?until=2026年11月21日&region=哪里&since=昨天")
    assert visitor.answer.status_code == 422 and len(visitor.find("//*[@aria-invalid='true']")) == 2


@pytest.mark.parametrize(
    ("filter_", "field", "told"),
    [
        ("need=x", "need", "没有叫“x”的需求"),
        ("category=近视", "category", "没有叫“近视”的残疾类别"),
        ("status=x", "status", "没有这个状态"),
        ("since=2026-12-01&until=2026-11-01", "since", "请换过来"),
        ("programme=XX-1", None, "XX-1"),
        ("before=000000000&order=due", None, "从第一页看起"),
        ("before={elsewhere}", None, "从第一页看起"),
    ],
)
def test_what_no_registration_could_fit_is_told_at_its_field(
    site: DeskSite, filter_: str, field: str | None, told: str
) -> None:
    site.register()
    visitor = site.signed_in()
    visitor.get("/desk/leads?" + filter_.format(elsewhere=site.register(region="350500")))
    assert visitor.answer.status_code == 422 and told in visitor.told and visitor.title.startswith("错误：")
    assert [wrong.get("id") for wrong in visitor.find("//*[@aria-invalid='true']")] == ([field] if field else [])
    if field == "since":
        assert "请换过来" in visitor.get(f"/desk/statistics?{filter_}").text
        visitor.get("/desk/outputs")
        since, until = "2026-12-01", "2026-11-01"
        assert visitor.post("/desk/export", since=since, until=until, form="csv").status_code == 422
        assert "请换过来" in visitor.told


def test_ones_own_work_and_what_is_due_first(site: DeskSite) -> None:
    late, soon, mine, free = (site.register(phone=f"1380000000{n}") for n in range(4))
    visitor = site.signed_in()
    for receipt, day in ((late, "2026-11-22"), (soon, "2026-12-09"), (mine, "")):
        act(visitor, receipt, "claim")
        if day:
            act(visitor, receipt, "due", day=day)
    site.later(days=2)
    visitor.token = site.do(lambda o: o.store.desk_sessions.begin("王芳", "in", site.at))
    visitor.get("/desk/")
    due, own, nobodys = ([str(r)[1:] for r in table.xpath(".//tbody/tr/@id")] for table in visitor.find("//table"))
    assert (due, own, nobodys) == ([late], [mine, soon, late], [free])
    assert "已经过了" in visitor.answer.text
    visitor.get("/desk/leads?order=due")
    assert receipts(visitor) == [late, soon]


@pytest.mark.parametrize("address", ["/desk/leads", "/desk/statistics"])
def test_days_that_mean_no_end_are_days(site: DeskSite, address: str) -> None:
    receipt = site.register()
    visitor = site.signed_in()
    visitor.get(f"{address}?since=0001-01-01&until=9999-12-31")
    assert visitor.answer.status_code == 200 and "9999" in visitor.answer.text
    visitor.get("/desk/outputs")
    visitor.post("/desk/export", form="csv", since="0001-01-01", until="9999-12-31")
    assert visitor.answer.status_code == 200
    assert receipt in visitor.answer.text


def test_a_search_finds_by_receipt_phone_or_name(site: DeskSite) -> None:
    one, other = site.register(), site.register(call_name="李四", phone="09388212345")
    visitor = site.signed_in()
    for query, found in (("王小明", [one]), ("138 1234 5678", [one]), ("0938-8212345", [other]), ("王", [])):
        visitor.get("/desk/")
        visitor.post("/desk/search", query=query)
        assert receipts(visitor) == found and "?" not in str(visitor.answer.url)
    visitor.get("/desk/")
    assert visitor.post("/desk/search", query=other).url.path == f"/desk/leads/{other}"
    visitor.get("/desk/")
    assert visitor.post("/desk/search", query=" ").status_code == 422


def test_new_ones_are_handed_over_as_rows(site: DeskSite) -> None:
    old = site.register()
    visitor = site.signed_in()
    visitor.get("/desk/leads?status=registered")
    address = visitor.find("//*[@id='news']/@data-address")[0]
    assert visitor.get(f"{address}&after={old}").text.strip() == ""
    new, _ = site.register(phone="13911112222"), site.register(region="350500")
    visitor.get(f"{address}&after={old}")
    assert visitor.answer.text.count("<tr") == 1 and new in visitor.answer.text and "139****2222" in visitor.answer.text
    visitor.get("/desk/leads?order=oldest")
    assert not visitor.find("//*[@id='news']/@data-address")


def test_statistics_have_for_each_chart_a_table_and_a_sentence(site: DeskSite) -> None:
    site.register()
    visitor = site.signed_in()
    visitor.get("/desk/statistics?region=天水市&since=2026-01-01")
    pictures = visitor.find("//img[@class='chart']")
    assert len(pictures) == 7 and "共1份登记" in visitor.answer.text and "完成" in visitor.answer.text
    for picture in pictures:
        assert picture.get("src").startswith("data:image/svg+xml;base64,") and "天水市" in picture.get("alt")
        assert len(picture.getparent().xpath(".//table//tbody/tr")) >= 1
    assert visitor.get("/desk/statistics?region=哪里").status_code == 422


def test_files_are_downloaded(site: DeskSite) -> None:
    receipt, other = site.register(), site.register(region="620502", phone="13900001111")
    visitor = site.signed_in()
    visitor.get("/desk/outputs")
    visitor.post("/desk/export", form="xlsx", region="麦积区")
    rows = list(load_workbook(io.BytesIO(visitor.answer.content)).worksheets[0].values)
    assert len(rows) == 2 and receipt in rows[1] and other not in rows[1]
    assert "attachment" in visitor.answer.headers["content-disposition"]
    visitor.get("/desk/outputs")
    assert visitor.post("/desk/export", form="exe").status_code == 422 and "格式" in visitor.told
    visitor.get("/desk/report?year=2026")
    assert "2026年" in Document(io.BytesIO(visitor.answer.content)).paragraphs[0].text
    for year in ("abc", "2021", "02026", "２０２６", "1" * 4301):
        assert visitor.get(f"/desk/report?year={year}").status_code == 422


def test_a_report_has_the_questions_of_its_year_and_place_each_once(site: DeskSite) -> None:
    for words, region, outcome, day in (
        ("残疾证去哪办", "620502", "not_held", "2025-01-01"),
        ("残疾证去哪办", "620503", "not_held", "2025-06-01"),
        ("残疾证去哪办", "620502", "nothing", "2025-12-31"),
        ("没说地方", None, "nothing", "2025-06-01"),
        ("没说地方", None, "not_held", "2025-06-01"),
        ("隔壁县的问题", "620523", "nothing", "2025-06-01"),
        ("第二年的问题", "620502", "nothing", "2026-01-01"),
        ("前一年的问题", "620502", "nothing", "2024-12-31"),
    ):
        question = Unanswered(words=words, region=region, outcome=outcome)
        site.do(lambda o: o.store.ledger.unanswered(question, datetime.date.fromisoformat(day)))  # noqa: B023
    visitor = site.signed_in()
    for place, expected in (
        ("天水市", [["残疾证去哪办", "3"], ["没说地方", "2"], ["隔壁县的问题", "1"]]),
        ("秦州区", [["残疾证去哪办", "2"], ["没说地方", "2"]]),
    ):
        visitor.get(f"/desk/report?year=2025&place={place}")
        document = Document(io.BytesIO(visitor.answer.content))
        assert [[cell.text for cell in row.cells] for row in document.tables[-1].rows][1:] == expected


def test_questions_are_those_of_the_place(site: DeskSite) -> None:
    day = datetime.date(2026, 11, 1)
    for words, region in (("残疾证去哪办", "620502"), ("外省的问题", "350500"), ("没说地方", None)):
        site.do(lambda o: o.store.ledger.unanswered(Unanswered(words=words, region=region, outcome="not_held"), day))  # noqa: B023
    visitor = site.signed_in()
    text = visitor.get("/desk/questions").text
    assert "残疾证去哪办" in text and "没说地方" in text and "外省的问题" not in text


def test_an_account_is_made_and_its_code_shown_once(site: DeskSite) -> None:
    visitor = site.signed_in("管理", "admin")
    visitor.get("/desk/staff")
    visitor.post("/desk/staff/add", name="李强", role="viewer", region="秦州区")
    code = visitor.find("//p[@class='code']")[0].text
    assert site.do(lambda o: o.store.staff.get("李强")) == Caseworker("李强", "viewer", "620502")
    assert code not in visitor.get("/desk/staff").text
    for fields, told in (
        ({"name": "李强", "role": "viewer", "region": "620502"}, "已经有叫"),
        ({"name": "x", "role": "viewer", "region": "620502"}, "不能用"),
        ({"name": "丁一", "role": "god", "region": "620502"}, "角色"),
        ({"name": "丁一", "role": "viewer", "region": "福州市"}, "不在您负责"),
    ):
        assert visitor.post("/desk/staff/add", **fields).status_code in (403, 409, 422) and told in visitor.told


def test_the_log_says_in_words_who_did_what_on_what(site: DeskSite) -> None:
    site.do(lambda o: o.accounts.add(OPERATOR, "李强", "worker", "620500"))
    number, admin = site.asks(), site.signed_in("管理", "admin", "000000")
    admin.get(f"/desk/handovers/{number}")
    admin.post(f"/desk/handovers/{number}/answer", text="可以。")
    admin.get("/desk/log")
    cells = [[cell.text for cell in row.xpath("td")][-4:] for row in admin.find("//tbody/tr")]
    assert cells[-1] == ["运维人员", "建账号", "李强", "没有"]
    assert [row[:3] for row in cells if row[0] == "管理"][:2] == [
        ["管理", "查看", f"提问{number}"],
        ["管理", "回答提问", f"提问{number}"],
    ]


@pytest.mark.parametrize(
    ("tampered", "told"),
    [
        ("UPDATE access_log SET caseworker = '别人' WHERE id = 2", "第2条，或者它前面的一条，被改过"),
        ("UPDATE access_log SET sealed = 'x' WHERE id = 3", "第3条打不开"),
        ("DELETE FROM access_log WHERE id = 3", "最后面的记录被删掉了"),
    ],
)
def test_what_was_tampered_with_is_told_in_words(site: DeskSite, tampered: str, told: str) -> None:
    receipt, admin = site.register(), site.signed_in("管理", "admin", "000000")
    for _ in range(3):
        admin.get(f"/desk/leads/{receipt}")
    admin.get("/desk/log")
    assert admin.find("//tbody/tr/td[1]/text()") == ["3", "2", "1"]
    admin.get("/desk/log/verify")
    assert admin.told == "访问记录完整，没有被改过。"
    site.do(lambda o: o.store.database.execute(tampered))
    admin.get("/desk/log/verify")
    assert told in admin.told and "被动过" in admin.told and not re.search("[a-z]", admin.told)


def test_how_pages_look_is_remembered(site: DeskSite) -> None:
    visitor = site.signed_in()
    visitor.get("/desk/leads")
    visitor.post("/desk/look", change="contrast", back="/desk/leads")
    assert visitor.answer.url.path == "/desk/leads" and visitor.find("/html/@class") == ["contrast"]
    assert visitor.find("//body/@data-keys") == ["on"]
    visitor.post("/desk/look", change="keys", back="//evil.example")
    assert visitor.answer.url.path == "/desk/" and not visitor.find("//body/@data-keys")
