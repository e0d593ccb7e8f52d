"""The desk in Chromium: every task by keyboard alone, with and without its script, small and large, light and dark."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.desk.web.pages import load_web_words
from conversations.messages import Unanswered
from tests.bot.desk.web.screenshots import SHOTS
from tests.bot.desk.web.site import PASSWORD, START, DeskSite
from tests.browser import SMALL, WIDE_ENOUGH, check, check_in_any_look, served, somebody, tab_to
from tests.conftest import ROOT

W = load_web_words()
DESKTOP = {"width": 1280, "height": 900}
NUMBERS = itertools.count()
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskSite]:
    made = DeskSite(tmp_path_factory.mktemp("desk"))
    made.account("管理", "admin", "000000")
    made.account("王芳")
    for n, (name, region, needs) in enumerate((("王小明", "620503", ("massage",)), ("李秀英", "620502", ("job",)))):
        made.register(call_name=name, region=region, needs=needs, phone=f"1380000111{n}")
    question = Unanswered(words="残疾证去哪儿办", region="620502", outcome="not_held")
    made.do(lambda o: o.store.ledger.unanswered(question, START.date()))
    made.asks()
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(site: DeskSite) -> Iterator[str]:
    with served(site.web) as address:
        yield address


@pytest.fixture
def opened(browser: Browser, address: str, site: DeskSite) -> Iterator[Open]:
    """Opens a page in a browser of somebody's own, who is in already unless `name` is empty."""
    with contextlib.ExitStack() as stack:

        def open_(path: str, name: str = "王芳", **options: Any) -> Page:
            context = stack.enter_context(somebody(browser, address, **{"viewport": DESKTOP, **options}))
            if name:
                token = site.do(lambda o: o.store.desk_sessions.begin(name, "in", site.at))
                context.add_cookies([{"name": "zhuye-desk", "value": token, "url": address}])
            page = context.new_page()
            page.goto(path)
            return page

        yield open_


def write(page: Page, field: str, text: str) -> None:
    tab_to(page, field)
    page.keyboard.type(text)


def press(page: Page, wanted: str, key: str = "Enter") -> None:
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press(key)
    assert page.evaluate(WIDE_ENOUGH)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [DESKTOP, SMALL], ids=["desktop", "400%"])
def test_a_day_by_keyboard_alone(opened: Open, site: DeskSite, script: bool, size: dict[str, int]) -> None:
    site.later(minutes=1)  # another TOTP code
    receipt = site.register(call_name="赵六", phone="13812340000")
    page = opened("/desk/", "", java_script_enabled=script, viewport=size)
    write(page, "#name", "王芳")
    write(page, "#password", PASSWORD)
    press(page, "form button.main")
    write(page, "#code", site.totp())
    press(page, "form button.main")
    expect(page.get_by_role("heading", level=1)).to_have_text(W["home"]["title"])
    write(page, "#query", "赵六")
    press(page, ".search button")
    press(page, f"a[href='/desk/leads/{receipt}']")
    press(page, "form[action$='/claim'] button", "Space")
    expect(page.locator("#done")).to_contain_text("由您跟进")
    if script:
        expect(page.locator("#done")).to_be_focused()
    write(page, "#reason", "第一次联系本人")
    press(page, "form[action$='/reveal'] button")
    expect(page.locator("dl.facts")).to_contain_text("13812340000")
    write(page, "#text", "已通话")
    press(page, "form[action$='/note'] button")
    press(page, "form[action$='/status'] button")
    expect(page.locator("#done")).to_contain_text("状态改好了")
    write(page, "#day", "昨天")
    press(page, "form[action$='/due'] button")
    expect(page.locator("#summary")).to_be_visible()
    assert page.title().startswith("错误：")
    if script:
        expect(page.locator("#summary")).to_be_focused()
        tab_to(page, "#summary a")
        page.keyboard.press("Enter")
        expect(page.locator("#day")).to_be_focused()
    tab_to(page, "form[action$='/transfer'] #region")
    page.keyboard.type("秦州区")
    press(page, "form[action$='/transfer'] button")
    press(page, "form.me button")
    expect(page.locator("#done")).to_contain_text("已经退出")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_administrators_day_by_keyboard_alone(opened: Open, site: DeskSite, script: bool) -> None:
    mine, other = site.register(call_name="孙七"), site.register(call_name="孙七", region="620502")
    page = opened("/desk/", "管理", java_script_enabled=script, viewport=SMALL if script else DESKTOP)
    press(page, "nav a[href='/desk/leads']")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    write(page, "#region", "秦州区")
    press(page, "form.grid button.main")
    expect(page.locator(f"#r{other}")).to_be_visible()
    assert not page.locator(f"#r{mine}").count()
    press(page, f"a[href='/desk/leads/{other}']")
    write(page, "#other", mine)
    press(page, "form[action$='/link'] button")
    press(page, "form[action$='/claim'] button")
    press(page, "form[action$='/release'] button")
    expect(page.locator("#done")).to_contain_text(W["done"]["release"])
    press(page, "nav a[href='/desk/statistics']")
    write(page, "#region", "天水市")
    press(page, "form.grid button.main")
    expect(page.locator("img.chart").first).to_be_visible()
    press(page, "nav a[href='/desk/outputs']")
    for wanted, kind in (
        ("form[action='/desk/export'] button", ".xlsx"),
        ("form[action='/desk/report'] button", ".docx"),
    ):
        if kind == ".docx":
            write(page, "#year", "2026")
        tab_to(page, wanted)
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(kind)
    press(page, "nav a[href='/desk/questions']")
    press(page, "nav a[href='/desk/staff']")
    name = f"秦州-{'有' if script else '无'}"
    write(page, "#name", name)
    write(page, "#region", "秦州区")
    press(page, "form[action$='/add'] button")
    expect(page.locator("main")).to_contain_text(W["staff"]["given"].format(name=name))
    tab_to(page, f"tr:has-text('{name}') summary")
    page.keyboard.press("Enter")
    press(page, f"form[action$='/disable']:has([value='{name}']) button")
    expect(page.locator("#done")).to_contain_text(W["done"]["disabled"])
    press(page, "nav a[href='/desk/log']")
    write(page, "#subject", other)
    press(page, "form[action='/desk/log'] button")
    expect(page.locator("tbody")).to_contain_text(other)
    press(page, "form[action$='/verify'] button")
    expect(page.locator("#done")).to_contain_text(W["log"]["whole"])
    press(page, "nav a[href='/desk/keys']")
    press(page, "button[value=keys]")
    press(page, "button[value=contrast]")
    expect(page.locator("html")).to_have_class("contrast")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [DESKTOP, SMALL], ids=["desktop", "400%"])
def test_a_persons_question_is_answered_by_keyboard_alone(
    opened: Open, site: DeskSite, script: bool, size: dict[str, int]
) -> None:
    words = f"周末上班吗？{script}{size}"
    number = site.asks(words)
    page = opened("/desk/", java_script_enabled=script, viewport=size)
    press(page, "nav a[href='/desk/handovers']")
    press(page, f"a[href='/desk/handovers/{number}']")
    expect(page.locator(".said li")).to_contain_text(words)
    press(page, "form[action$='/answer'] button")
    expect(page.locator("#summary")).to_contain_text("1到2000个字")
    write(page, "#text", "周末不上班。")
    press(page, "form[action$='/answer'] button.main")
    expect(page.locator("#done")).to_contain_text(W["done"]["answer"])
    press(page, "form[action$='/close'] button", "Space")
    expect(page.locator("#done")).to_contain_text(W["done"]["handover_closed"])
    assert page.locator(f"#r{number}").count() == 0
    answer, ended = site.told(words)
    assert answer and "周末不上班。" in answer and ended and "结束了" in ended


def test_new_questions_and_new_words_appear_without_a_reload(opened: Open, site: DeskSite) -> None:
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    page = opened("/desk/handovers")
    number = site.asks("新来的人问")
    page.locator("nav a").first.focus()
    page.evaluate(look)
    expect(page.locator(".leads tbody tr").last).to_have_attribute("id", f"r{number}")
    news = page.get_by_role("status").and_(page.locator("#news"))
    expect(news).to_have_text(W["handovers"]["news"].replace("{count}", "1"))
    expect(page.locator("nav a").first).to_be_focused()
    page.goto(f"/desk/handovers/{number}")
    page.locator("#text").fill("正在写的")
    site.do(lambda o: o.store.handovers.say(o.store.handovers.get(number), "person", "还有一句", site.at))
    page.evaluate(look)
    expect(page.locator(".said li").last).to_contain_text("还有一句")
    expect(news).to_have_text(W["handovers"]["more"].replace("{count}", "1"))
    expect(page.locator("#text")).to_have_value("正在写的")
    assert page.locator(".said li").count() == 2


def test_the_first_new_registration_is_not_below_a_sentence_that_there_is_none(opened: Open, site: DeskSite) -> None:
    page = opened("/desk/leads?region=620525", "管理")
    expect(page.locator("#none")).to_have_text(W["list"]["none"])
    receipt = site.register(region="620525")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".leads tbody tr")).to_have_attribute("id", f"r{receipt}")
    expect(page.get_by_text(W["list"]["none"])).to_have_count(0)


def _sends(page: Page, form: str, **fields: str) -> None:
    """Fill fields, by their ids, and press the form's button."""
    for field, value in fields.items():
        page.locator(f"#{field}").fill(value)
    page.locator(f"{form} button").click()


PAGES: dict[str, Callable[[Page], object]] = {
    "home": lambda page: page.goto("/desk/"),
    "list": lambda page: page.goto("/desk/leads?status=registered"),
    "search": lambda page: _sends(page, ".search", query="王小明"),
    "search-error": lambda page: _sends(page, ".search", query=" "),
    "list-error": lambda page: page.goto("/desk/leads?region=x&since=y"),
    "one": lambda page: page.goto(page.locator(".leads a").first.get_attribute("href") or ""),
    "one-error": lambda page: page.locator("form[action$='/reveal'] button").click(),
    "one-clear": lambda page: _sends(page, "form[action$='/reveal']", reason="联系"),
    "one-done": lambda page: _sends(page, "form[action$='/note']", text="通话"),
    "statistics": lambda page: page.goto("/desk/statistics?region=620500"),
    "outputs": lambda page: page.goto("/desk/outputs"),
    "outputs-error": lambda page: page.locator("form[action='/desk/report'] button").click(),
    "handovers": lambda page: page.goto("/desk/handovers"),
    "handover": lambda page: page.locator(".leads a").first.click(),
    "handover-error": lambda page: page.locator("form[action$='/answer'] button").click(),
    "questions": lambda page: page.goto("/desk/questions"),
    "staff": lambda page: page.goto("/desk/staff"),
    "staff-disable": lambda page: page.locator("td summary").first.click(),
    "staff-added": lambda page: _sends(page, "form[action$='/add']", name=f"新人{next(NUMBERS)}", region="秦州区"),
    "staff-error": lambda page: page.locator("form[action$='/add'] button").click(),
    "log": lambda page: page.goto("/desk/log"),
    "verify": lambda page: page.goto("/desk/log/verify"),
    "keys": lambda page: page.goto("/desk/keys"),
    "missing": lambda page: page.goto("/desk/nothing"),
}
"""From one to the next, in this order."""


def test_axe_finds_nothing_in_any_state_and_look(opened: Open) -> None:
    page = opened("/desk/", "管理", color_scheme="light", viewport=DESKTOP)
    for name, reach in PAGES.items():
        if name == "one":
            page.goto("/desk/leads")
        reach(page)
        check_in_any_look(page, name)


@pytest.mark.parametrize("look", ["contrast", "large"])
def test_a_look_is_chosen_by_a_button(opened: Open, look: str) -> None:
    page = opened("/desk/", "管理")
    page.locator(f"[name=change][value={look}]").click()
    expect(page.locator("html")).to_have_class(look)
    page.goto("/desk/leads")
    expect(page.locator("html")).to_have_class(look)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_on_the_way_in(opened: Open, site: DeskSite, look: str) -> None:
    page = opened("/desk/login", "", color_scheme=look, viewport=SMALL)
    check(page, "login")
    page.locator("#name").fill("王芳")
    page.locator("#password").fill("错")
    page.locator("button.main").click()
    check(page, "login-error")
    page.goto("/desk/first")
    check(page, "first")
    name = f"新人{look}"
    code = site.do(lambda o: (o.store.staff.add(o.store.staff.get("王芳").__class__(name, "viewer", "620500"), site.at),
                              o.store.staff.new_code(name, site.at))[1])  # fmt: skip
    page.locator("#code").fill(code)
    page.locator("button.main").click()
    check(page, "password")
    page.locator("#password").fill("短")
    page.locator("#again").fill("短")
    page.locator("button.main").click()
    check(page, "password-error")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("button.main").click()
    check(page, "totp")


def test_a_new_registration_appears_without_a_reload_and_is_told_politely(opened: Open, site: DeskSite) -> None:
    page = opened("/desk/leads")
    news = page.get_by_role("status").and_(page.locator("#news"))
    expect(news).to_be_empty()
    page.locator("summary").focus()
    receipt = site.register(call_name="新来的")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".leads tbody tr").first).to_have_attribute("id", f"r{receipt}")
    expect(news).to_have_text(W["list"]["news"].replace("{count}", "1"))
    expect(page.locator("summary")).to_be_focused()
    page.evaluate("for (const n of [1, 2, 3]) document.dispatchEvent(new Event('visibilitychange'))")
    page.context.clear_cookies()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(news).to_have_text(W["list"]["news_out"])
    assert page.locator(f"#r{receipt}").count() == 1


def test_shortcuts_can_be_turned_off_and_leave_fields_alone(opened: Open) -> None:
    page = opened("/desk/leads")
    page.keyboard.press("f")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("ms")
    expect(page.locator("#query")).to_have_value("ms")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator(".leads td a").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("m")
    assert page.url.endswith("/desk/")
    page.goto("/desk/keys")
    page.locator("button[value=keys]").click()
    expect(page.locator("button[value=keys]")).to_have_attribute("aria-pressed", "false")
    page.goto("/desk/leads")
    page.keyboard.press("f")
    expect(page.locator("#query")).not_to_be_focused()


def test_the_pages_are_light(opened: Open) -> None:
    page, weights = opened("/desk/keys"), []
    page.on("response", lambda answer: weights.append((answer.url, len(answer.body()))))
    page.goto("/desk/leads")
    page.wait_for_load_state("networkidle")
    assert all("127.0.0.1" in url for url, _ in weights) and sum(size for _, size in weights) < 60_000


def test_the_screenshots_are_small() -> None:
    """`python -m tests.bot.desk.web.screenshots` makes them anew; somebody looks at them."""
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs" / "screenshots").glob("desk-*.png")}
    assert set(sizes) == set(SHOTS) and max(sizes.values()) <= 100_000
