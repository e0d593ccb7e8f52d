"""The chat page in Chromium: by keyboard alone, with and without its script, small, large, with a bad network."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from bot.channels.web.pages import load_words
from bot.desk.handovers import Handovers
from conversations.materials import Materials
from tests.bot.channels.staffed import staffed
from tests.bot.channels.web.site import Site
from tests.bot.channels.web.test_handover import MAIJI, MONDAY, WANG
from tests.browser import SMALL, WIDE_ENOUGH, check_in_any_look, served, somebody, tab_to

WORDS = load_words()
CHAT = WORDS["chat"]
PHONE = {"width": 390, "height": 780}
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def site(materials: Materials, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page on a working day, with caseworkers for Maiji."""
    made = Site(materials, tmp_path_factory.mktemp("browser"))
    made.at = MONDAY
    staffed(made.service, [MAIJI])
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """The page, served."""
    with served(site.metrics, site.web) as address:
        yield address


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the first page in a browser of somebody's own."""
    with contextlib.ExitStack() as stack:

        def open_(**options: Any) -> Page:
            page = stack.enter_context(somebody(browser, address, **{"viewport": PHONE, **options})).new_page()
            page.goto("/")
            return page

        yield open_


def say(page: Page, text: str) -> None:
    """Type and send; wait for the answer."""
    turns = page.locator("article[data-position]").count()
    page.locator("#text").fill(text)
    page.get_by_role("button", name=CHAT["send"], exact=True).click()
    expect(page.locator("article[data-position]")).to_have_count(turns + 1)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "400%"])
def test_a_whole_dialog_by_keyboard_alone(opened: Open, script: bool, size: dict[str, int]) -> None:
    page = opened(java_script_enabled=script, viewport=size)
    turns = page.locator("article[data-position]")

    def press(wanted: str, key: str) -> None:
        count = turns.count()
        tab_to(page, wanted)
        page.keyboard.press(key)
        expect(turns).to_have_count(count + 1)
        assert page.evaluate(WIDE_ENOUGH)

    press("[value=massage]", "Enter")
    tab_to(page, "#text")
    page.keyboard.type("天水")
    press("#words button.main", "Enter")
    tab_to(page, "[type=checkbox][value=视力]")
    page.keyboard.press("Space")
    press("#options button.main", "Space")
    for _ in range(12):
        if not page.locator("#options").count() or page.locator("#options [type=checkbox]").count():
            break
        press("#options button >> nth=0", "Enter")
    expect(page.locator("#last .bot .words").first).to_contain_text("可能可以申请的")
    tab_to(page, "#words button.main")
    for word in CHAT["command_words"]:
        press(f".commands [value={word}]", "Enter")
    page.goto("/result")
    assert page.locator("blockquote").count() > 3 and page.evaluate(WIDE_ENOUGH)


def answer(page: Page, text: str) -> None:
    """Write and send, or press the first button of the last question where there is no text, by keyboard alone."""
    turns = page.locator("article[data-position]")
    count = turns.count()
    if text:
        tab_to(page, "#text")
        page.keyboard.type(text)
        tab_to(page, "#words button.main")
    else:
        if page.locator("#options [type=checkbox]").count():
            tab_to(page, "#options [type=checkbox] >> nth=0")
            page.keyboard.press("Space")
        tab_to(page, "#options button >> nth=0")
    page.keyboard.press("Enter")
    expect(turns).to_have_count(count + 1)


@pytest.mark.parametrize("dialog", ["subsidy", "training", "apply", "employer"])
def test_each_guided_dialog_by_keyboard_alone(opened: Open, dialog: str) -> None:
    page = opened()
    tab_to(page, f"#options [value={dialog}]")
    page.keyboard.press("Enter")
    expect(page.locator("article[data-position]")).to_have_count(1)
    answer(page, "天水市秦州区")
    for _ in range(40):
        words = page.locator("#last .bot").inner_text()
        if "请先问县区残联" in words:
            break
        answer(page, "" if page.locator("#options").count() else "30")
    assert "原文" in words


def test_a_registration_and_what_follows_by_keyboard_alone_without_the_script(opened: Open) -> None:
    page = opened(java_script_enabled=False, viewport=SMALL)
    for text in ("登记", "", "", "", "35", "老李", "13900001111", "天水市秦州区", "", "二级", "", "", "", "发送"):
        answer(page, text)
    expect(page.locator("#last")).to_contain_text("登记号")
    answer(page, "我的信息")
    expect(page.locator("#last")).to_contain_text("老李")
    tab_to(page, "nav a[href='/continue']")
    page.keyboard.press("Enter")
    tab_to(page, "form[action='/continue/code'] button")
    page.keyboard.press("Enter")
    expect(page.locator(".code")).to_have_text(re.compile(r"\d{5} \d{5}"))
    tab_to(page, "nav a[href='/end']")
    page.keyboard.press("Enter")
    tab_to(page, "#end button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["end"]["done_title"])
    page.goto("/")
    assert not page.locator("article[data-position]").count()


def test_the_focus_stays_in_the_field_and_the_log_is_polite(opened: Open) -> None:
    page = opened()
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.locator("#text").focus()
    page.keyboard.type("补贴 资格")
    page.keyboard.press("Enter")
    expect(log.locator("#last")).to_contain_text("您在哪个县")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")


def test_a_press_leaves_the_reader_at_the_reply(opened: Open) -> None:
    page = opened()
    page.locator("[value=massage]").evaluate("button => { button.focus(); button.click(); button.click(); }")
    expect(page.locator("#last")).to_be_focused()
    expect(page.locator("article[data-position]")).to_have_count(1)
    page.reload()
    expect(page.locator("article[data-position]")).to_have_count(1)


def asks(page: Page, words: str) -> None:
    """Ask a human."""
    for text in ("我在天水麦积区", "人工", words):
        say(page, text)


def desk(site: Site, work: Callable[[Handovers], Any]) -> Any:
    """What a caseworker does, in the thread of the page's store."""
    return site.worker._threads.submit(lambda: work(Handovers(site.service.store, lambda: site.at))).result()


def replies(site: Site, text: str) -> None:
    """A caseworker answers who asked last."""
    desk(site, lambda handovers: handovers.answer(WANG, handovers.waiting(WANG)[-1].id, text))


LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
"""The person comes back to the page: it looks at once."""


def test_a_humans_answer_comes_by_itself_and_takes_nothing_away(opened: Open, site: Site) -> None:
    page = opened()
    asks(page, "周末上班吗？")
    page.locator("#text").fill("正在写的话")
    page.locator("#text").focus()
    replies(site, "周末不上班。")
    last = page.get_by_role("log").locator("#last")
    expect(last).to_contain_text("残联工作人员（真人）回答")
    expect(last).to_contain_text("周末不上班。")
    expect(last.get_by_role("heading")).to_have_text(CHAT["told"])
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("正在写的话")
    page.evaluate(f"for (let n = 0; n < 5; n++) {LOOK}")
    page.keyboard.press("Enter")
    expect(page.locator("#last")).to_contain_text("转过去了")
    expect(page.locator("article[data-position]")).to_have_count(5)
    desk(site, lambda handovers: handovers.close(WANG, handovers.waiting(WANG)[-1].id))
    page.evaluate(LOOK)
    expect(page.locator("#last")).to_contain_text("工作人员结束了这次对话")
    page.reload()
    positions = page.locator("article[data-position]").evaluate_all("all => all.map(e => +e.dataset.position)")
    assert positions == [1, 2, 3, 4, 5, 6]


def test_an_answer_meets_what_is_just_sent_without_loss_or_doubling(opened: Open, site: Site) -> None:
    page, answers = opened(), iter(range(4))
    asks(page, "有几条路？")

    def meanwhile(route: Route) -> None:
        number = next(answers, None)
        if number is not None:
            replies(site, f"第{number}条。")
            page.evaluate(LOOK)
        route.continue_()

    page.route("**/say", meanwhile)
    for number in range(4):
        page.locator("#text").fill(f"还有吗？{number}")
        page.keyboard.press("Enter")
    expect(page.locator("article[data-position]")).to_have_count(11)
    texts = page.locator("article[data-position]").all_inner_texts()
    assert [sum(f"第{number}条。" in text for text in texts) for number in range(4)] == [1] * 4
    assert page.locator("#last").count() == 1
    page.reload()
    assert page.locator("article[data-position]").all_inner_texts() == texts


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "400%"])
def test_a_human_is_asked_by_keyboard_alone_without_the_script(opened: Open, site: Site, size: dict[str, int]) -> None:
    page = opened(java_script_enabled=False, viewport=size)
    for text in ("我在天水麦积区", "人工", "没有脚本能问吗？"):
        tab_to(page, "#text")
        page.keyboard.type(text)
        tab_to(page, "#words button.main")
        page.keyboard.press("Enter")
        expect(page.locator("#last .you")).to_contain_text(text)
        assert page.evaluate(WIDE_ENOUGH)
    replies(site, "能问。")
    page.reload()
    expect(page.locator("#last")).to_contain_text("能问。")
    assert page.evaluate(WIDE_ENOUGH)


def test_after_a_deletion_nothing_of_it_is_on_the_open_page(opened: Open) -> None:
    page = opened()
    say(page, "我在天水麦积区")
    page.locator("#text").fill("删除我的信息")
    page.keyboard.press("Enter")
    expect(page.locator("#last")).to_contain_text("已经删掉了")
    expect(page.locator("article[data-position]")).to_have_count(1)
    assert "麦积" not in page.locator("#log").inner_text()


def _told(page: Page, site: Site) -> None:
    page.goto("/")
    asks(page, "颜色对吗？")
    replies(site, "对。")
    page.reload()
    expect(page.locator("#last h2")).to_have_text(CHAT["told"])


STATES: dict[str, Callable[[Page], object]] = {
    "first": lambda page: page.goto("/"),
    "question": lambda page: _says_anew(page, "补贴 资格"),
    "several": lambda page: say(page, "天水"),
    "nothing-ticked": lambda page: page.locator("#options button.main").click(),
    "long": lambda page: _too_long(page),
    "answer": lambda page: _says_anew(page, "开店有补贴吗"),
    "result": lambda page: _gets_a_result(page),
    "result-page": lambda page: page.goto("/result"),
    "programme": lambda page: page.goto("/programmes/TS-31"),
    "document": lambda page: page.goto("/documents/003"),
    "sources": lambda page: page.goto("/sources"),
    "about": lambda page: page.goto("/about"),
    "continue": lambda page: page.goto("/continue"),
    "code": lambda page: page.get_by_role("button", name=WORDS["continue"]["give_button"]).click(),
    "code-wrong": lambda page: page.get_by_role("button", name=WORDS["continue"]["take_button"]).click(),
    "missing": lambda page: page.goto("/nowhere"),
    "waiting": lambda page: _without_network(page),
    "arrived": lambda page: _with_network_again(page),
    "ended-elsewhere": lambda page: _ended_elsewhere(page),
    "end": lambda page: page.goto("/end"),
    "ended": lambda page: page.get_by_role("button", name=WORDS["end"]["button"]).click(),
}
"""From one to the next, in this order."""


def _says_anew(page: Page, text: str) -> None:
    page.goto("/")
    say(page, text)


def _gets_a_result(page: Page) -> None:
    say(page, "我是天水的，视力一级，想开个按摩店")
    say(page, "第一次开")


def _without_network(page: Page) -> None:
    page.goto("/")
    page.route("**/say", lambda route: route.abort())
    page.locator("#text").fill("开店有补贴吗")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text(CHAT["waiting"])


def _with_network_again(page: Page) -> None:
    page.unroute("**/say")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#status")).to_have_text(CHAT["back_again"])


def _ended_elsewhere(page: Page) -> None:
    cookies = page.context.cookies()
    page.goto("/end")
    page.get_by_role("button", name=WORDS["end"]["button"]).click()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto("/")
    expect(page.locator(".notice")).to_contain_text(WORDS["ended"]["title"])


def _too_long(page: Page) -> None:
    page.locator("#text").fill("长" * 4001)
    page.get_by_role("button", name=CHAT["send"], exact=True).click()
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("错误：")
    page.locator("#text").fill("")


def test_axe_finds_nothing_in_any_state_and_look(opened: Open, site: Site) -> None:
    page = opened(color_scheme="light", viewport=PHONE)
    states: dict[str, Callable[[Page], object]] = {**STATES, "told": lambda page: _told(page, site)}
    for name, reach in states.items():
        reach(page)
        check_in_any_look(page, name)


@pytest.mark.parametrize("look", ["contrast", "large"])
def test_a_look_is_chosen_by_a_button(opened: Open, look: str) -> None:
    page = opened()
    page.locator(f"[name=change][value={look}]").click()
    expect(page.locator("html")).to_have_class(look)
    page.goto("/about")
    expect(page.locator("html")).to_have_class(look)


def test_a_reply_is_not_animated_for_who_wants_no_motion(opened: Open) -> None:
    page = opened(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


def test_what_is_said_without_a_network_arrives_once_when_it_is_back(opened: Open) -> None:
    page = opened()
    say(page, "补贴 资格")
    page.context.set_offline(True)
    page.locator("#text").fill("天水")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text(CHAT["waiting"])
    expect(page.locator("[data-pending]")).to_contain_text("天水")
    page.locator("#text").fill("草稿")
    page.context.set_offline(False)
    expect(page.locator("#last")).to_contain_text("哪一类残疾")
    expect(page.locator("#status")).to_have_text(CHAT["back_again"])
    expect(page.locator("#text")).to_have_value("草稿")
    page.reload()
    expect(page.locator("article[data-position]")).to_have_count(2)
    expect(page.locator("#text")).to_have_value("草稿")


def test_a_reply_that_gets_lost_on_its_way_is_asked_for_again(opened: Open) -> None:
    page = opened()
    lost: list[int] = []

    def lose_once(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/say", lose_once)
    say(page, "补贴 资格")
    assert lost == [200]
    page.reload()
    expect(page.locator("article[data-position]")).to_have_count(1)


def test_what_was_not_sent_is_sent_after_a_reload_in_order(opened: Open) -> None:
    page = opened()
    page.route("**/say", lambda route: route.abort())
    for text in ("补贴 资格", "天水"):
        page.locator("#text").fill(text)
        page.keyboard.press("Enter")
    expect(page.locator("[data-pending]")).to_have_count(2)
    page.unroute("**/say")
    page.reload()
    expect(page.locator("article[data-position]")).to_have_count(2)
    expect(page.locator("#last")).to_contain_text("哪一类残疾")
    expect(page.locator("[data-pending]")).to_have_count(0)


def test_what_is_deleted_is_gone_from_the_page_at_once_and_the_talk_goes_on(opened: Open) -> None:
    page = opened()
    for text in ("我是天水的", "菜单"):
        say(page, text)
    page.locator("#text").fill("删除我的信息")
    page.keyboard.press("Enter")
    expect(page.locator("article[data-position]")).to_have_count(1)
    expect(page.locator("#last")).to_contain_text("删除我的信息")
    assert "天水" not in page.locator("#log").inner_text()
    say(page, "补贴 资格")
    expect(page.locator("#last")).to_contain_text("您在哪个县")


def test_a_server_that_is_busy_is_asked_again_when_it_says(opened: Open) -> None:
    page, times = opened(), []

    def busy_once(route: Route) -> None:
        times.append(1)
        if len(times) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"}, body="")
        else:
            route.continue_()

    page.route("**/say", busy_once)
    say(page, "补贴 资格")
    assert len(times) == 2


def test_words_of_an_ended_session_come_back_into_the_field(opened: Open) -> None:
    page = opened()
    say(page, "补贴 资格")
    page.context.clear_cookies()
    page.locator("#text").fill("天水")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("错误：")
    expect(page.locator("#text")).to_have_value("天水")


def test_an_id_number_is_nowhere_in_the_browser(opened: Open) -> None:
    page, number = opened(), "110101199003070038"
    say(page, f"我的身份证号是{number}")
    expect(page.locator("#last")).to_contain_text(CHAT["forgotten"])
    assert number not in page.content()
    assert number not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def test_the_first_page_weighs_at_most_60_kb(opened: Open) -> None:
    page, weights = opened(), []
    page.on("response", lambda answer: weights.append(len(answer.body()) + len(str(answer.headers))))
    page.context.clear_cookies()
    page.reload()
    page.wait_for_load_state("networkidle")
    assert len(weights) >= 3 and sum(weights) <= 60_000, weights
