"""The privacy and security checklist (domain.md, 15–25) on the desk's side; each test is named after its item."""

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.routing import Route

from bot.desk.web.pages import load_web_words
from tests.bot.desk.web.site import PASSWORD, SECRET, DeskSite, Visitor

SECRET_WORDS = ("13812345678", "王小明", "王芳", PASSWORD, "想学电脑")


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[DeskSite]:
    site = DeskSite(tmp_path / "https", https=True)
    yield site
    site.close()


def test_14_nothing_personal_in_addresses_or_logs(site: DeskSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site.account()
    receipt = site.register()
    visitor, addresses = site.visitor(), []
    visitor.http.event_hooks["request"].append(lambda request: addresses.append(str(request.url)))
    visitor.log_in()
    visitor.post("/desk/search", query="王小明")
    visitor.post("/desk/search", query="13812345678")
    visitor.get(f"/desk/leads/{receipt}")
    visitor.post(f"/desk/leads/{receipt}/reveal", reason="联系王小明")
    visitor.get("/desk/leads?who=me")
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("bot.")]
    assert len(addresses) > 6 and len(ours) > 6
    for word in SECRET_WORDS:
        assert not any(word in address for address in addresses)
        assert not any(word in line for line in ours)
    assert not any(receipt in line or visitor.token in line for line in ours)


def test_15_login(site: DeskSite) -> None:
    """At least 12 characters, common ones refused, TOTP, a rate limit: test_login.py. Here: no default account."""
    assert site.do(lambda o: list(o.store.staff.all())) == []
    for name in ("admin", "operator", "root"):
        assert site.visitor().log_in(name, "password1234").status_code == 422
    visitor = site.visitor()
    visitor.get("/desk/login")
    (password,) = visitor.find("//input[@type='password']")
    assert password.get("autocomplete") == "current-password" and "onpaste" not in visitor.answer.text


def test_15_neither_password_nor_secret_is_kept_in_clear(site: DeskSite) -> None:
    site.account()
    rows = site.do(lambda o: o.store.database.query("SELECT * FROM credentials"))
    assert PASSWORD not in str(rows) and SECRET not in str(rows) and rows[0]["password"].startswith("$argon2id$")


def test_16_the_session_is_random_rotated_limited_and_ended_on_the_server(site: DeskSite) -> None:
    visitor, other = site.signed_in(), site.signed_in("李强")
    token = visitor.token
    assert len(bytes.fromhex(token)) * 8 >= 128 and token != other.token
    kept = site.do(lambda o: o.store.database.query("SELECT * FROM desk_sessions"))
    assert token not in str(kept)
    visitor.get("/desk/")
    answer = visitor.post("/desk/logout")
    assert answer.url.path == "/desk/login" and "已经退出" in visitor.told
    thief = site.visitor()
    thief.token = token
    assert thief.get("/desk/").url.path == "/desk/login"
    assert other.get("/desk/").url.path == "/desk/"


def test_17_cookies(secure: DeskSite, site: DeskSite) -> None:
    for one, name in ((secure, "__Host-desk"), (site, "zhuye-desk")):
        one.account()
        visitor = one.visitor()
        set_by = visitor.get("/desk/login").headers.get_list("set-cookie")
        visitor.post("/desk/login", name="王芳", password=PASSWORD)
        set_by += visitor.answer.history[0].headers.get_list("set-cookie")
        visitor.post("/desk/code", code=one.totp())
        set_by += visitor.answer.history[0].headers.get_list("set-cookie")
        assert [cookie.partition("=")[0] for cookie in set_by] == [f"{name}-door", name, name, f"{name}-device"]
        for cookie in set_by:
            assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
            assert "Path=/" in cookie and "domain" not in cookie.lower()
            assert ("Secure" in cookie) == (one is secure)
            assert ("max-age" in cookie.lower()) == ("device" in cookie), "a session ends with its browser"


def test_18_every_form_needs_its_sessions_token_and_nothing_changes_by_get(site: DeskSite) -> None:
    receipt = site.register()
    visitor, other = site.signed_in(role="admin", region="000000"), site.signed_in("李强")
    before = site.do(lambda o: o.store.leads.events(receipt))
    checked = 0
    for route in site.web.app.routes:
        assert isinstance(route, Route)
        address = "/desk" + route.path.replace("{receipt:str}", receipt).replace("{id:int}", "1")
        if "POST" in (route.methods or ()) and "{token}" not in address:
            for csrf in ("", other.csrf, "x"):
                status = visitor.post(
                    address, csrf=csrf, name="李强", text="x", reason="x", status="verified"
                ).status_code
                assert status in (401, 403), address
            checked += 1
            if route.path not in ("/login", "/first"):
                assert visitor.get(address, follow_redirects=False).status_code in (404, 405, 303), address
    assert checked > 18
    assert site.do(lambda o: o.store.leads.events(receipt)) == before
    assert all(one.active for one in site.do(lambda o: o.store.staff.all()))


def test_18_a_login_form_is_of_the_browser_that_shows_it(site: DeskSite) -> None:
    site.account()
    victim, attacker = site.visitor(), site.visitor()
    attacker.get("/desk/login")
    assert victim.post("/desk/login", csrf=attacker.csrf, name="王芳", password=PASSWORD).status_code == 403
    victim.get("/desk/login")
    assert victim.post("/desk/login", csrf=attacker.csrf, name="王芳", password=PASSWORD).status_code == 403


def test_19_headers(secure: DeskSite, site: DeskSite) -> None:
    for one in (secure, site):
        visitor = one.signed_in()
        receipt = one.register()
        for address in ("/desk/", "/desk/login", f"/desk/leads/{receipt}", "/desk/nowhere", "/desk/statistics"):
            headers = visitor.get(address).headers
            policy = headers["content-security-policy"]
            assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert ("strict-transport-security" in headers) == (one is secure)
            assert ("data:" in policy) == (address == "/desk/statistics")
        assert not visitor.find("//*[@style]|//style|//script[not(@src)]|//*[starts-with(name(@*), 'on')]")


def test_20_disabling_an_account_ends_its_sessions(site: DeskSite) -> None:
    receipt = site.register()
    admin, worker = site.signed_in("管理", "admin"), site.signed_in("李强")
    worker.get(f"/desk/leads/{receipt}")
    admin.get("/desk/staff")
    admin.post("/desk/staff/disable", name="李强")
    assert "停用" in admin.told
    assert worker.post(f"/desk/leads/{receipt}/claim").status_code == 401
    assert worker.get("/desk/").url.path == "/desk/login"
    assert worker.log_in("李强").status_code == 422
    assert site.do(lambda o: o.store.database.query("SELECT 1 FROM desk_sessions WHERE name = '李强'")) == []


def test_21_an_export_is_defused(site: DeskSite, tmp_path: Path) -> None:
    site.register(call_name="=1+1", needs_words="＋cmd|x", contacts_words="@SUM(A1)")
    visitor = site.signed_in()
    visitor.post("/desk/export", form="xlsx")
    file = tmp_path / "a.xlsx"
    file.write_bytes(visitor.answer.content)
    cells = [cell for sheet in load_workbook(file) for row in sheet for cell in row if cell.value is not None]
    assert cells and all(cell.data_type != "f" for cell in cells)
    visitor.get("/desk/keys")
    visitor.post("/desk/export", form="csv")
    assert ",=1+1" not in visitor.answer.text and '"=1+1' not in visitor.answer.text


def test_22_views_reveals_and_exports_are_in_the_log_and_tampering_shows(site: DeskSite) -> None:
    receipt = site.register()
    visitor = site.signed_in("管理", "admin", "000000")
    visitor.get(f"/desk/leads/{receipt}")
    visitor.post(f"/desk/leads/{receipt}/reveal", reason="第一次联系")
    visitor.get("/desk/keys")
    visitor.post("/desk/export", form="jsonl")
    assert [entry[1] for entry in site.log()][:3] == ["show", "reveal", "show"] and site.log()[-1][1] == "export"
    text = visitor.get(f"/desk/log?subject={receipt}").text
    assert "第一次联系" in text and "看完整信息" in text and "导出" not in visitor.find("string(//table)")
    assert "没有被改过" in visitor.get("/desk/log/verify").text
    site.do(lambda o: o.store.database.execute("UPDATE access_log SET caseworker = '别人' WHERE id = 1"))
    assert "被动过" in visitor.get("/desk/log/verify").text


def test_22_nothing_is_shown_in_clear_that_is_not_in_the_log(site: DeskSite) -> None:
    receipt = site.register()
    visitor = site.signed_in()
    visitor.get(f"/desk/leads/{receipt}")
    assert "王小明" not in visitor.answer.text
    for reason in ("", "  ", "长" * 201):
        visitor.get(f"/desk/leads/{receipt}")
        visitor.post(f"/desk/leads/{receipt}/reveal", reason=reason)
        assert visitor.answer.status_code == 422 and "王小明" not in visitor.answer.text
        assert visitor.find("//input[@id='reason'][@aria-invalid='true']")
    assert not any(entry[1] == "reveal" for entry in site.log())
    visitor.post(f"/desk/leads/{receipt}/reveal", reason="联系")
    assert "王小明" in visitor.answer.text and "13812345678" in visitor.answer.text
    assert ("王芳", "reveal", receipt) in site.log()


def test_23_no_xml_is_read(site: DeskSite) -> None:
    visitor = site.signed_in()
    bomb = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    answer = visitor.http.post("/desk/search", content=bomb, headers={"content-type": "application/xml"})
    assert answer.status_code == 400 and "root:" not in answer.text


def test_24_a_persons_words_are_never_html(site: DeskSite) -> None:
    evil = "<script>alert(1)</script>**粗**\"'>"
    receipt = site.register(call_name=evil, needs_words=evil, contacts_words=evil)
    visitor = site.signed_in()
    visitor.get(f"/desk/leads/{receipt}")
    visitor.post(f"/desk/leads/{receipt}/note", text=evil)
    visitor.post(f"/desk/leads/{receipt}/reveal", reason=evil)
    assert "<script>alert" not in visitor.answer.text
    assert evil in visitor.find("string(//dl)") and evil in visitor.find("string(//ol)")
    visitor.post("/desk/search", query=evil)
    assert "<script>alert" not in visitor.answer.text
    assert "<script>" not in visitor.get(f"/desk/leads?region={evil}&since={evil}").text


def test_25_what_is_kept_is_for_its_owner_only(site: DeskSite, tmp_path: Path) -> None:
    visitor: Visitor = site.signed_in()
    visitor.post("/desk/export", form="xlsx")
    assert visitor.answer.status_code == 200
    folder = tmp_path / "data" / "cache" / "exports"
    assert list(folder.iterdir()) == [] and stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert kept and all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)


def test_no_word_of_the_pages_is_hidden_by_a_method() -> None:
    """In a template `w.list.clear` would be the method of a dictionary."""

    def names(words: object) -> list[str]:
        if not isinstance(words, dict):
            return []
        return [*words, *(name for inner in words.values() for name in names(inner))]

    assert all(isinstance(name, str) and not hasattr(dict, name) for name in names(load_web_words()))
    assert json.dumps(load_web_words(), ensure_ascii=False).count("瞎") == 0
