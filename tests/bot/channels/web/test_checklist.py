"""Items 15–25 of the privacy and security checklist, as far as they are the chat page's. Each test has its number."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.web.pages import load_words
from bot.store.sqlite import SqliteDatabase
from conversations.materials import Materials
from tests.bot.channels.web.site import Site, Visitor
from tests.bot.channels.web.test_talk import code_of, everything_kept, take_over

PAGES = (
    *("/", "/result", "/continue", "/end", "/ended", "/sources", "/about"),
    *("/documents/001", "/programmes/TS-31", "/nowhere", "/say"),
)


@pytest.fixture
def https(materials: Materials, tmp_path: Path) -> Iterator[Site]:
    made = Site(materials, tmp_path / "https", https=True)
    yield made
    made.close()


def test_15_there_is_no_login_but_codes_are_limited_and_there_is_no_default_one(site: Site) -> None:
    other = site.visitor()
    assert take_over(other, "0000000000").status_code == 422


def test_16_a_session_is_256_random_bits_new_on_another_device_and_ended_by_the_server(
    site: Site, visitor: Visitor
) -> None:
    visitor.say("补贴 资格")
    other = site.visitor()
    other.get("/")
    before = other.token
    assert re.fullmatch("[0-9a-f]{64}", visitor.token) and visitor.token != before
    take_over(other, code_of(visitor))
    assert other.token not in (before, visitor.token), "rotated when it becomes somebody's"
    visitor.get("/")
    assert not visitor.said(), "the old one opens nothing"
    assert other.token.encode() not in everything_kept(site), "the store holds its hash only"


def test_17_cookies_are_host_secure_httponly_samesite(https: Site) -> None:
    visitor = https.visitor()
    cookies = visitor.get("/").headers.get_list("set-cookie")
    csrf = visitor.form("words")["csrf"]
    answer = visitor.http.post("/view", data={"csrf": csrf, "change": "large", "back": "/"}, follow_redirects=False)
    cookies += answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-session", "__Host-view"]
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts and "domain" not in cookie.lower()


def test_17_without_https_cookies_have_no_prefix_that_would_lie(visitor: Visitor) -> None:
    (cookie,) = visitor.get("/").headers.get_list("set-cookie")
    assert cookie.startswith("zhuye-session=") and "HttpOnly" in cookie and "Secure" not in cookie


@pytest.mark.parametrize("address", ["/say", "/continue", "/continue/code", "/end"])
@pytest.mark.parametrize("csrf", ["", "0" * 32, "é"])
def test_18_every_post_needs_the_sessions_token(site: Site, visitor: Visitor, address: str, csrf: str) -> None:
    visitor.say("补贴 资格")
    fields = {"csrf": csrf, "text": "天水", "code": "0123456789", "message_id": "1"}
    assert visitor.post(address, fields).status_code == 403
    visitor.get("/")
    assert len(visitor.said()) == 1


def test_18_a_view_is_not_changed_without_the_token_and_leads_nowhere_else(visitor: Visitor) -> None:
    visitor.get("/")
    for fields in ({"csrf": "x", "back": "/"}, {"csrf": "x", "back": "//evil.example"}):
        answer = visitor.http.post("/view", data={**fields, "change": "large"}, follow_redirects=False)
        assert answer.headers["location"] == "/" and "set-cookie" not in answer.headers


def test_18_nothing_changes_by_get(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    before = everything_kept(site)
    for page in PAGES:
        visitor.get(f"{page}?text=天水&csrf=1&choice=1")
    assert everything_kept(site) == before


@pytest.mark.parametrize("page", PAGES)
def test_19_every_page_has_the_security_headers(https: Site, page: str) -> None:
    headers = https.visitor().get(page).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_19_nothing_is_inline_and_nothing_comes_from_elsewhere(visitor: Visitor, page: str) -> None:
    visitor.get(page)
    assert not visitor.find("//style | //script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]")
    for address in visitor.find("//@src | //link/@href | //form/@action | //a/@href"):
        assert address.startswith(("/", "#")) and not address.startswith("//"), address


def test_19_no_strict_transport_without_https(visitor: Visitor) -> None:
    assert "strict-transport-security" not in visitor.get("/").headers


def test_20_one_session_never_sees_another(site: Site, visitor: Visitor) -> None:
    visitor.say("我是天水的，视力一级，想开个按摩店")
    other = site.visitor()
    for page in PAGES:
        other.get(page)
        assert "按摩店：保健" not in other.answer.text and "我是天水的" not in other.answer.text
    other.get("/")
    stolen = {**other.form("words"), "csrf": visitor.form("words")["csrf"], "text": "我说过什么"}
    assert other.post("/say", stolen).status_code == 403


def test_24_what_is_said_is_never_markup(visitor: Visitor) -> None:
    said = "<script>alert(1)</script> **粗** {{ 7*7 }} &lt;b&gt; \" ' [链接](http://evil.example)"
    visitor.say(said)
    assert visitor.said()[-1] == said
    scripts = visitor.find("//script")
    assert len(scripts) == 1 and scripts[0].get("src").startswith("/static/")
    visitor.post("/say", {**visitor.form("words"), "text": said + "长" * 4000})
    assert visitor.find("//textarea")[0].text.startswith(said)


def test_25_keys_are_private_files(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    database = site.service.store.database
    assert isinstance(database, SqliteDatabase)
    for name in ("keys", "zhuye.db"):
        assert (database.folder / name).stat().st_mode & 0o077 == 0


def test_nothing_personal_is_logged_counted_or_in_an_address(
    site: Site, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor.say("我叫王小明，在天水")
    visitor.get("/?q=王小明")
    visitor.get("/王小明")
    visitor.http.request("WANG", "/")
    metrics = visitor.http.get("/metrics").text
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert "POST /say 303" in ours and 'zhuye_turns_total{channel="web"} 1.0' in metrics
    for personal in ("王小明", "%E7%8E%8B", visitor.token, "127.0.0.1", "WANG"):
        assert personal not in ours and personal not in metrics


def test_the_privacy_page_says_what_it_must(visitor: Visitor) -> None:
    visitor.get("/about")
    text = visitor.answer.text
    for line in (line for section in load_words()["about"]["sections"] for line in section["lines"]):
        assert line in text
    assert "身份证号" in text and "删除我的信息" in text
