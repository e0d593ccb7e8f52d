"""The chat page in Chromium: by keyboard alone, with and without its script, small, large, with a bad network."""

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from bot.channels.web.pages import load_words
from bot.serving import http_server
from conversations.materials import Materials
from tests.bot.channels.web.site import Site
from tests.bot.test_serving import free_port

WORDS = load_words()
CHAT = WORDS["chat"]
COLOURS = ["color-contrast", "color-contrast-enhanced"]
ALL_RULES = {"rules": {name: {"enabled": True} for name in ("color-contrast-enhanced", "target-size")}}
COLOUR_RULES = {"runOnly": {"type": "rule", "values": COLOURS}}
"""What can differ from the light page, in the same state, on one that has other colours."""
SMALL = {"width": 320, "height": 256}
"""A screen of 1280 × 1024 at 400 %."""
PHONE = {"width": 390, "height": 780}
WIDE_ENOUGH = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll('button, nav a, .tick, textarea, input:not([type=hidden])')]
    .filter((e) => e.getClientRects().length && !e.closest('.tick')?.matches(':not(:focus)') )
    .filter((e) => e.type !== 'checkbox' && (e.offsetHeight < 44 || e.offsetWidth < 44)).map((e) => e.outerHTML)"""
PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def address(materials: Materials, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that is served."""
    site, port = Site(materials, tmp_path_factory.mktemp("browser")), free_port()
    server = http_server([site.metrics, site.web])
    server.config.host, server.config.port = "127.0.0.1", port
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
    site.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is missing: apt-get install chromium fonts-noto-cjk (`make test` does it)"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens the first page in a browser of somebody's own."""
    contexts: list[BrowserContext] = []

    def open_(**options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"viewport": PHONE, "locale": "zh-CN", **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        return page

    yield open_
    for context in contexts:
        context.close()


def say(page: Page, text: str) -> None:
    """Type and send; wait for the answer."""
    turns = page.locator("article[data-position]").count()
    page.locator("#text").fill(text)
    page.get_by_role("button", name=CHAT["send"], exact=True).click()
    expect(page.locator("article[data-position]")).to_have_count(turns + 1)


def tab_to(page: Page, wanted: str) -> None:
    """Go there with Tab alone; what has the focus is seen to have it."""
    for _ in range(100):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if not focus.count():
            continue  # past the page's end, before its beginning
        assert focus.evaluate("e => getComputedStyle(e).outlineStyle") == "solid", "the focus is visible"
        if focus.and_(page.locator(wanted)).count():
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["phone", "400%"])
def test_a_whole_dialog_by_keyboard_alone(opened: Callable[..., Page], script: bool, size: dict[str, int]) -> None:
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


def test_the_focus_stays_in_the_field_and_the_log_is_polite(opened: Callable[..., Page]) -> None:
    page = opened()
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    page.locator("#text").focus()
    page.keyboard.type("补贴 资格")
    page.keyboard.press("Enter")
    expect(log.locator("#last")).to_contain_text("您在哪个县")
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")


def test_a_press_leaves_the_reader_at_the_reply(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[value=massage]").evaluate("button => { button.focus(); button.click(); button.click(); }")
    expect(page.locator("#last")).to_be_focused()
    expect(page.locator("article[data-position]")).to_have_count(1)
    page.reload()
    expect(page.locator("article[data-position]")).to_have_count(1)


STATES: dict[str, Callable[[Page], object]] = {
    "first": lambda page: page.goto("/"),
    "question": lambda page: (page.goto("/"), say(page, "补贴 资格")),
    "several": lambda page: say(page, "天水"),
    "nothing-ticked": lambda page: page.locator("#options button.main").click(),
    "long": lambda page: _too_long(page),
    "answer": lambda page: (page.goto("/"), say(page, "开店有补贴吗")),
    "result": lambda page: (say(page, "我是天水的，视力一级，想开个按摩店"), say(page, "第一次开")),
    "result-page": lambda page: page.goto("/result"),
    "programme": lambda page: page.goto("/programmes/TS-31"),
    "document": lambda page: page.goto("/documents/003"),
    "sources": lambda page: page.goto("/sources"),
    "about": lambda page: page.goto("/about"),
    "continue": lambda page: page.goto("/continue"),
    "code": lambda page: page.get_by_role("button", name=WORDS["continue"]["give_button"]).click(),
    "code-wrong": lambda page: page.get_by_role("button", name=WORDS["continue"]["take_button"]).click(),
    "missing": lambda page: page.goto("/nowhere"),
    "end": lambda page: page.goto("/end"),
    "ended": lambda page: page.get_by_role("button", name=WORDS["end"]["button"]).click(),
}
"""From one to the next, in this order."""


def _too_long(page: Page) -> None:
    page.locator("#text").fill("长" * 4001)
    page.get_by_role("button", name=CHAT["send"], exact=True).click()
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("错误：")
    page.locator("#text").fill("")


@pytest.mark.parametrize("look", ["light", "dark", "contrast", "large"])
def test_axe_finds_nothing_in_any_state(opened: Callable[..., Page], look: str) -> None:
    page = opened(color_scheme="dark" if look == "dark" else "light", viewport=SMALL if look == "large" else PHONE)
    if look in ("contrast", "large"):
        page.locator(f"[name=change][value={look}]").click()
        expect(page.locator("html")).to_have_class(look)
    axe = Axe()
    for name, reach in STATES.items():
        reach(page)
        page.wait_for_load_state()
        found = axe.run(page, options=ALL_RULES if look == "light" else COLOUR_RULES)
        assert {"color-contrast-enhanced"} <= {rule["id"] for rule in found.response["passes"]}, "it was checked"
        assert not found.response["violations"], f"{name}: {found.generate_report()}"
        assert page.evaluate(WIDE_ENOUGH), name
        assert page.evaluate(TOO_SMALL) == [], name
        assert page.evaluate("document.documentElement.lang") == "zh-CN" and page.title().endswith("助业")


def test_a_reply_is_not_animated_for_who_wants_no_motion(opened: Callable[..., Page]) -> None:
    page = opened(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("document.getAnimations().length") == 0


def test_what_is_said_without_a_network_arrives_once_when_it_is_back(opened: Callable[..., Page]) -> None:
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


def test_a_reply_that_gets_lost_on_its_way_is_asked_for_again(opened: Callable[..., Page]) -> None:
    page, lost = opened(), []

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


def test_what_was_not_sent_is_sent_after_a_reload_in_order(opened: Callable[..., Page]) -> None:
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


def test_a_server_that_is_busy_is_asked_again_when_it_says(opened: Callable[..., Page]) -> None:
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


def test_words_of_an_ended_session_come_back_into_the_field(opened: Callable[..., Page]) -> None:
    page = opened()
    say(page, "补贴 资格")
    page.context.clear_cookies()
    page.locator("#text").fill("天水")
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_be_focused()
    assert page.title().startswith("错误：")
    expect(page.locator("#text")).to_have_value("天水")


def test_an_id_number_is_nowhere_in_the_browser(opened: Callable[..., Page]) -> None:
    page, number = opened(), "110101199003070038"
    say(page, f"我的身份证号是{number}")
    expect(page.locator("#last")).to_contain_text(CHAT["forgotten"])
    assert number not in page.content()
    assert number not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def test_the_first_page_weighs_at_most_60_kb(opened: Callable[..., Page]) -> None:
    page, weights = opened(), []
    page.on("response", lambda answer: weights.append(len(answer.body()) + len(str(answer.headers))))
    page.context.clear_cookies()
    page.reload()
    page.wait_for_load_state("networkidle")
    assert len(weights) >= 3 and sum(weights) <= 60_000, weights
