"""Getting in: in two steps, the first time, the very first administrator; and those who should not."""

import re
import statistics
import time

import pyotp
import pytest
import segno

from bot.desk.accounts import OPERATOR
from bot.desk.logins import MOST_TRIES
from bot.desk.passwords import Passwords
from bot.store.desk_sessions import IDLE, LONGEST
from tests.bot.desk.web.site import PASSWORD, SECRET, DeskSite, Visitor

WRONG = "完全 不对 的 一个 密码 在这里"


def code_of(site: DeskSite, name: str = "王芳") -> str:
    code: str = site.do(lambda o: o.accounts.new_code(OPERATOR, name))
    return code


def set_up(site: DeskSite, visitor: Visitor, code: str, password: str = PASSWORD) -> str:
    """The first login; the TOTP secret."""
    visitor.get("/desk/first")
    visitor.post("/desk/first", code=code)
    assert visitor.answer.url.path == "/desk/setup"
    visitor.post("/desk/setup/password", password=password, again=password)
    secret = str(visitor.find("//dd[@class='code']")[0].text).replace(" ", "")
    visitor.post("/desk/setup/code", code=site.totp(secret))
    return secret


def test_login_in_two_steps(site: DeskSite) -> None:
    site.account()
    visitor = site.visitor()
    assert visitor.log_in().url.path == "/desk/" and visitor.answer.status_code == 200
    assert "王芳" in visitor.answer.text
    assert site.log() == [("王芳", "login", "王芳")]


def test_the_first_time_by_a_one_time_code_that_is_good_once(site: DeskSite) -> None:
    site.do(lambda o: o.accounts.add(OPERATOR, "李强", "worker", "620500"))
    code = code_of(site, "李强")
    visitor = site.visitor()
    spaced = f"{code[:5]} {code[5:]}".translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    secret = set_up(site, visitor, spaced)
    assert visitor.answer.url.path == "/desk/" and "设好了" in visitor.told and visitor.title.startswith("办好了")
    other = site.visitor()
    other.get("/desk/first")
    assert other.post("/desk/first", code=code).status_code == 422 and "管理员" in other.told
    site.later(seconds=30)
    assert other.log_in("李强", code=site.totp(secret)).url.path == "/desk/"


def test_a_new_code_replaces_password_and_phone_and_ends_the_sessions(site: DeskSite) -> None:
    old = site.signed_in()
    visitor = site.visitor()
    set_up(site, visitor, code_of(site), "另一个 完全 新的 密码 石榴树")
    assert old.get("/desk/").url.path == "/desk/login"
    site.later(minutes=5)
    assert visitor.get("/desk/").url.path == "/desk/"
    again = site.visitor()
    assert again.log_in().status_code == 422


def test_nothing_is_set_up_before_the_phone_is_proved(site: DeskSite) -> None:
    site.do(lambda o: o.accounts.add(OPERATOR, "李强", "worker", "620500"))
    visitor = site.visitor()
    visitor.get("/desk/first")
    visitor.post("/desk/first", code=code_of(site, "李强"))
    assert visitor.post("/desk/setup/code", code="123456").status_code == 422
    visitor.post("/desk/setup/password", password=PASSWORD, again=PASSWORD)
    assert visitor.post("/desk/setup/code", code="000000").status_code == 422 and "6个数字" in visitor.told
    assert visitor.get("/desk/").url.path != "/desk/"
    assert site.do(lambda o: o.store.credentials.get("李强")) is None


@pytest.mark.parametrize(("password", "again", "told"), [
    ("短密码", "短密码", "太短"), ("password1234", "password1234", "太常见"), (PASSWORD, WRONG, "不一样"),
])  # fmt: skip
def test_a_weak_password_is_refused_and_why(site: DeskSite, password: str, again: str, told: str) -> None:
    site.account()
    visitor = site.visitor()
    visitor.get("/desk/first")
    visitor.post("/desk/first", code=code_of(site))
    visitor.post("/desk/setup/password", password=password, again=again)
    assert visitor.answer.status_code == 422 and told in visitor.told and visitor.title.startswith("错误：")
    assert visitor.find("//input[@aria-invalid='true']") and password not in visitor.answer.text


def test_the_first_administrator_is_made_at_the_address_that_the_log_tells_and_only_once(site: DeskSite) -> None:
    address = f"/desk/begin/{site.do(lambda o: o.logins.beginning())}"
    visitor, late = site.visitor(), site.visitor()
    late.get(address)
    assert late.get(f"{address}x").status_code == 404
    late.get(address)
    visitor.get(address)
    assert visitor.post(address, name="a", region="天水市").status_code == 422 and "名字" in visitor.told
    assert visitor.post(address, name="李主任", region="哪里").status_code == 422
    visitor.post(address, name="李主任", region="天水市")
    assert visitor.answer.url.path == "/desk/setup"
    (admin,) = site.do(lambda o: o.store.staff.all())
    assert (admin.name, admin.role, admin.region) == ("李主任", "admin", "620500")
    assert late.post(address, name="坏人", region="000000").status_code == 404
    assert site.visitor().get(address).status_code == 404


# ---- attacks ----


def test_an_unknown_name_cannot_be_told_from_a_wrong_password(site: DeskSite) -> None:
    site.account()
    site.do(lambda o: o.store.staff.add(o.store.staff.get("王芳").__class__("张三", "worker", "620500"), site.at))
    answers = set()
    for name, password in (("王芳", WRONG), ("没有这人", PASSWORD), ("张三", PASSWORD), ("没有这人", "")):
        visitor = site.visitor()
        visitor.log_in(name, password)
        answers.add((visitor.answer.status_code, visitor.told))
    assert len(answers) == 1


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    passwords = Passwords()
    kept = passwords.hash(PASSWORD)

    def seconds(of: str | None) -> float:
        began = time.perf_counter()
        assert not passwords.verify(of, WRONG)
        return time.perf_counter() - began

    known, unknown = [], []
    for _ in range(7):
        known.append(seconds(kept))
        unknown.append(seconds(None))
    assert 0.5 < statistics.median(unknown) / statistics.median(known) < 2


def test_the_phone_takes_the_secret_from_a_picture_that_says_so(site: DeskSite) -> None:
    site.do(lambda o: o.accounts.add(OPERATOR, "李强", "worker", "620500"))
    visitor = site.visitor()
    visitor.get("/desk/first")
    visitor.post("/desk/first", code=code_of(site, "李强"))
    visitor.post("/desk/setup/password", password=PASSWORD, again=PASSWORD)
    (picture,) = visitor.find("//*[@role='img'][contains(@aria-label, '二维码')]/svg")
    (address,) = visitor.find("//a[starts-with(@href, 'otpauth:')]/@href")
    drawn = segno.make_qr(address, error="m").svg_inline(dark="#000", light="#fff", omitsize=True)
    assert [path.get("d") for path in picture.iter("path")] == re.findall(' d="([^"]+)"', drawn)
    assert pyotp.parse_uri(address).name == "李强"


def test_who_comes_before_the_first_administrator_is_told_where_to_begin(site: DeskSite) -> None:
    visitor = site.visitor()
    assert "还没有管理员" in visitor.get("/desk/").text
    site.account(role="admin")
    assert "还没有管理员" not in visitor.get("/desk/").text


def test_strangers_do_not_keep_somebody_out_of_a_browser_that_they_have_been_in(site: DeskSite) -> None:
    site.account()
    owner, thief = site.visitor("10.1.0.1"), site.visitor("10.1.0.1")
    owner.log_in()
    owner.post("/desk/logout")
    for n in range(30):
        thief.log_in("王芳", WRONG)
        site.visitor(f"10.0.0.{n}").log_in("王芳", WRONG)
    assert thief.answer.status_code == 429
    site.later(seconds=30)
    assert owner.log_in().url.path == "/desk/"
    owner.post("/desk/logout")
    for status in [422] * 5 + [429]:
        assert owner.log_in("王芳", WRONG).status_code == status, "nor does that browser guess for ever"


def test_a_device_is_of_its_account_only(site: DeskSite) -> None:
    site.account()
    site.account("李强")
    visitor = site.visitor()
    visitor.log_in()
    visitor.post("/desk/logout")
    device = visitor.http.cookies["zhuye-desk-device"]
    for n, made_up in enumerate(("", "x", device[:-1] + "x", device[1:] + device[0], "0" * 96)):
        visitor.http.cookies.set("zhuye-desk-device", made_up, domain="testserver.local")
        assert visitor.log_in("王芳", WRONG).status_code == (422 if n < 4 else 429)
    visitor.http.cookies.set("zhuye-desk-device", device, domain="testserver.local")
    assert [visitor.log_in("李强", WRONG).status_code for _ in range(6)] == [422] * 5 + [429]


def test_codes_of_the_phone_are_limited_by_account(site: DeskSite) -> None:
    site.account()
    statuses = []
    for n in range(3):
        visitor = site.visitor(f"10.0.0.{n}")
        visitor.get("/desk/login")
        visitor.post("/desk/login", name="王芳", password=PASSWORD)
        statuses += [visitor.post("/desk/code", code="000000").status_code for _ in range(2)]
    assert statuses == [422] * 5 + [429]


def test_tries_are_limited_by_account_and_by_address(site: DeskSite) -> None:
    site.account()
    statuses = [site.visitor(f"10.0.0.{n}").log_in("王芳", WRONG).status_code for n in range(6)]
    assert statuses == [422] * 5 + [429]
    assert site.visitor("10.0.0.9").log_in("别人", WRONG).status_code == 422
    statuses = [site.visitor("10.1.0.1").log_in(f"人{n}", WRONG).status_code for n in range(21)]
    assert statuses == [422] * 20 + [429]


def test_a_totp_code_is_good_once(site: DeskSite) -> None:
    site.account()
    code = site.totp()
    assert site.visitor().log_in(code=code).url.path == "/desk/"
    other = site.visitor()
    other.log_in(code=code)
    assert other.answer.status_code == 422 and "用过" in other.told
    before = pyotp.TOTP(SECRET).at(int(site.at.timestamp()) - 30)
    assert other.post("/desk/code", code=before).status_code == 422
    site.later(seconds=30)
    assert other.post("/desk/code", code=site.totp()).url.path == "/desk/"


def test_wrong_codes_lead_back_to_the_password(site: DeskSite) -> None:
    site.account()
    visitor = site.visitor()
    visitor.log_in(code="000000")
    for _ in range(MOST_TRIES - 1):
        visitor.post("/desk/code", code="000000")
    assert "从账号和密码重新登录" in visitor.told
    assert visitor.get("/desk/code").url.path == "/desk/login"


def test_a_session_that_was_put_into_a_browser_is_not_the_one_that_is_logged_in(site: DeskSite) -> None:
    site.account()
    planted = "ab" * 32
    visitor = site.visitor()
    visitor.token = planted
    visitor.log_in()
    assert visitor.token != planted
    thief = site.visitor()
    thief.token = planted
    assert thief.get("/desk/").url.path == "/desk/login"


def test_the_token_changes_with_each_step(site: DeskSite) -> None:
    site.account()
    visitor = site.visitor()
    visitor.get("/desk/login")
    tokens = [visitor.http.cookies[visitor.door]]
    visitor.post("/desk/login", name="王芳", password=PASSWORD)
    tokens.append(visitor.token)
    visitor.post("/desk/code", code=site.totp())
    tokens.append(visitor.token)
    assert len(set(tokens)) == 3
    for old in tokens[:2]:
        thief = site.visitor()
        thief.token = old
        assert thief.get("/desk/").url.path == "/desk/login"


def test_who_comes_from_another_site_keeps_the_session(site: DeskSite) -> None:
    visitor = site.signed_in()
    token = visitor.token
    kept = dict(visitor.http.cookies)
    visitor.http.cookies.clear()  # a browser does not send them then, as they are strict
    assert visitor.get("/desk/leads").url.path == "/desk/login"
    for name, value in kept.items():
        if name not in visitor.http.cookies:
            visitor.http.cookies.set(name, value, domain="testserver.local", path="/")
    assert visitor.token == token and visitor.get("/desk/leads").url.path == "/desk/leads"


def test_who_has_only_seen_the_login_has_no_session_that_is_over(site: DeskSite) -> None:
    visitor = site.visitor()
    visitor.get("/desk/login")
    visitor.get("/desk/")
    assert visitor.answer.url.query == b"" and "太久" not in visitor.answer.text
    assert "还没有管理员" in visitor.answer.text
    stranger = site.signed_in()
    site.later(hours=1)
    stranger.get("/desk/")
    assert "太久" in stranger.answer.text and "还没有管理员" in stranger.answer.text, "one notice hides no other"


def test_half_a_login_opens_nothing(site: DeskSite) -> None:
    site.account()
    receipt = site.register()
    visitor = site.visitor()
    visitor.get("/desk/login")
    visitor.post("/desk/login", name="王芳", password=PASSWORD)
    for address in ("/desk/", "/desk/leads", f"/desk/leads/{receipt}", "/desk/statistics", "/desk/leads/new"):
        assert visitor.get(address, follow_redirects=False).status_code == 303
    visitor.get("/desk/code")
    assert visitor.post(f"/desk/leads/{receipt}/claim").status_code == 401
    site.account("李强")
    assert visitor.get("/desk/login").url.path == "/desk/login", "whoever wrote another's name can begin again"
    assert visitor.log_in("李强").url.path == "/desk/"


def test_a_session_ends_when_it_is_not_used_and_when_it_is_old(site: DeskSite) -> None:
    visitor = site.signed_in()
    for _ in range(int(LONGEST / IDLE * 2) - 1):
        site.later(seconds=IDLE.total_seconds() / 2)
        assert visitor.get("/desk/keys").url.path == "/desk/keys"
    site.later(seconds=IDLE.total_seconds() / 2, milliseconds=1)
    assert visitor.get("/desk/keys").url.path == "/desk/login" and "太久" in visitor.answer.text
    idle = site.signed_in("李强")
    site.later(seconds=IDLE.total_seconds(), milliseconds=1)
    assert idle.get("/desk/keys").url.path == "/desk/login"


def test_looking_for_news_does_not_keep_a_session_alive(site: DeskSite) -> None:
    visitor = site.signed_in()
    for _ in range(4):
        site.later(minutes=10)
        status = visitor.get("/desk/leads/new", headers={"fragment": "1"}).status_code
    assert status == 401


def test_what_was_written_when_the_session_ended_is_given_back(site: DeskSite) -> None:
    visitor = site.signed_in()
    receipt = site.register()
    visitor.get(f"/desk/leads/{receipt}")
    site.later(hours=1)
    visitor.post(f"/desk/leads/{receipt}/note", text="很长的备注 <b>")
    assert visitor.answer.status_code == 401
    assert visitor.find("//textarea")[0].text == "很长的备注 <b>"
    assert len(site.do(lambda o: o.store.leads.events(receipt))) == 1
