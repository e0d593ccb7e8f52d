"""Chromium on the pages of a site that is served: driven by keyboard, and every page checked for barriers."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from bot.serving import Channel, http_server, listen

SMALL: ViewportSize = {"width": 320, "height": 256}
"""A screen of 1280 × 1024 at 400 %."""
WIDE_ENOUGH = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
ALL_RULES = {"rules": {name: {"enabled": True} for name in ("color-contrast-enhanced", "target-size")}}
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]}}
"""What can differ from the light page, in the same state, on one that has other colours."""
TOO_SMALL = """() => [...document.querySelectorAll('button, a, summary, select, textarea, .tick, input')]
    .filter((e) => e.getClientRects().length && !['checkbox', 'hidden'].includes(e.type) && !e.matches('.skip'))
    .filter((e) => e.offsetHeight < 44 || e.offsetWidth < 44).map((e) => e.outerHTML)"""
PATIENCE_MS = 15_000
MOST_TABS = 150


@contextlib.contextmanager
def served(*channels: Channel) -> Iterator[str]:
    """The address at which the channels' pages are."""
    with listen("127.0.0.1", 0) as listening:
        server = http_server(channels)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "chromium is missing: apt-get install chromium fonts-noto-cjk (`make test` does it)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def somebody(browser: Browser, address: str, **options: Any) -> Iterator[BrowserContext]:
    """A browser of somebody's own."""
    context = browser.new_context(base_url=address, locale="zh-CN", **options)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def tab_to(page: Page, wanted: str) -> None:
    """Go there with Tab alone; what has the focus is seen to have it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if not focus.count():
            continue  # past the page's end, before its beginning
        assert focus.evaluate("e => getComputedStyle(e).outlineStyle") == "solid", "the focus is visible"
        if focus.and_(page.locator(wanted)).count():
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


@contextlib.contextmanager
def dressed(page: Page, look: str) -> Iterator[None]:
    """The page as it is in dark, in high contrast, or with large letters on a screen at 400 %."""
    before = page.viewport_size
    assert before
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    page.evaluate("look => { document.documentElement.className = look }", "" if look == "dark" else look)
    page.set_viewport_size(SMALL if look == "large" else before)
    yield
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.className = ''")
    page.set_viewport_size(before)


def check_in_any_look(page: Page, state: str) -> None:
    """As `check`, then what can differ in the other looks of the same page."""
    check(page, state)
    for look in ("dark", "contrast"):
        with dressed(page, look):
            check(page, f"{state}, {look}", COLOUR_RULES)
    with dressed(page, "large"):
        check_layout(page, f"{state}, large")


def check(page: Page, state: str, rules: dict[str, Any] = ALL_RULES) -> None:
    """No barrier that axe knows, and what `check_layout` looks for."""
    page.wait_for_load_state()
    found = Axe().run(page, options=rules)
    assert {"color-contrast-enhanced"} <= {rule["id"] for rule in found.response["passes"]}, "it was checked"
    assert not found.response["violations"], f"{state}: {found.generate_report()}"
    check_layout(page, state)


def check_layout(page: Page, state: str) -> None:
    """Nothing to scroll sideways for, nothing too small to hit, in Chinese."""
    assert page.evaluate(WIDE_ENOUGH), state
    assert page.evaluate(TOO_SMALL) == [], state
    assert page.evaluate("document.documentElement.lang") == "zh-CN" and " - 助业" in page.title(), state
