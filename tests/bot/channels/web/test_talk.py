"""The talk through the page when things go wrong: nothing lost, nothing doubled, and the person is told."""

import asyncio
import datetime
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from bot import service
from bot.channels.together import Together
from bot.channels.web import talk
from bot.channels.web.forgetting import forget_expired
from bot.channels.web.limits import Limit, Limits
from bot.channels.web.pages import load_words
from bot.channels.web.talk import Bad, Spoken
from bot.store.backup import back_up
from bot.store.base import StoreError
from bot.store.restore import restore
from bot.store.retention import expire
from bot.store.transcripts import LONGEST
from bot.store.turns import Turns
from bot.store.web_sessions import CODE_LIFE, IDLE
from conversations.materials import Materials
from conversations.messages import Erased, Incoming, Reply, Turn
from conversations.session import Session
from tests.bot.channels.web.site import ENOUGH, Site, Visitor
from tests.bot.store.madeup import add, at, registration

WORDS = load_words()
ERROR = "错误："


def turns(visitor: Visitor) -> int:
    """How many turns the page shows."""
    visitor.get("/")
    return len(visitor.find("//article[@data-position]"))


def summary(visitor: Visitor) -> str:
    """The error summary's words."""
    (found,) = visitor.find("//*[@id='summary']//p")
    return str(found.text_content())


def test_the_first_page_offers_the_menu_and_its_buttons_work(visitor: Visitor) -> None:
    visitor.get("/")
    assert visitor.options() == ["subsidy", "training", "massage", "apply", "employer"]
    assert "您在哪个县" in visitor.press("subsidy")[0]
    assert visitor.said() == ["看看能申请哪些补贴"] and turns(visitor) == 1


def test_a_button_says_its_words_and_several_are_sent_together(visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    visitor.say("天水")
    assert {box.get("type") for box in visitor.find("//*[@id='options']//*[@name='choice']")} == {"checkbox"}
    visitor.press("视力", "听力")
    assert visitor.said()[-1] == "视力残疾（看不见或看不清）、听力残疾（听不见或听不清）"
    assert "视力残疾、听力残疾" in visitor.say("我说过什么")[0]


def test_nothing_ticked_is_an_error_that_leads_to_the_boxes(visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    visitor.say("天水")
    answer = visitor.post("/say", {**visitor.form("options"), "many": "1"})
    assert answer.status_code == 422 and visitor.title.startswith(ERROR)
    assert summary(visitor) == WORDS["errors"]["nothing_chosen"]
    (link,) = visitor.find("//*[@id='summary']//a")
    assert visitor.find(f"//*[@id='{link.get('href')[1:]}']") and visitor.options()


def test_what_is_too_long_is_kept_in_the_field(visitor: Visitor) -> None:
    visitor.get("/")
    answer = visitor.post("/say", {**visitor.form("words"), "text": "长" * 4001})
    assert answer.status_code == 422 and visitor.title.startswith(ERROR) and "4001" in summary(visitor)
    assert visitor.find("//textarea")[0].text == "长" * 4001
    assert visitor.find("//*[@id='summary']//a")[0].get("href") == "#text" and turns(visitor) == 0


def test_a_double_click_is_one_message(visitor: Visitor) -> None:
    visitor.get("/")
    fields = {**visitor.form("words"), "text": "补贴 资格"}
    visitor.post("/say", fields)
    first = visitor.replies()
    visitor.post("/say", fields)
    assert visitor.replies() == first and turns(visitor) == 1


def test_other_words_after_the_back_button_are_another_message(visitor: Visitor) -> None:
    visitor.get("/")
    fields = visitor.form("words")
    visitor.post("/say", {**fields, "text": "补贴 资格"})
    visitor.post("/say", {**fields, "text": "天水"})
    assert "哪一类残疾" in visitor.replies()[0] and turns(visitor) == 2


def test_a_button_of_the_page_before_says_that_it_is_old_and_what_is_asked(visitor: Visitor) -> None:
    visitor.get("/")
    old = {**visitor.form("options"), "choice": "training"}
    visitor.press("subsidy")
    visitor.post("/say", old)
    assert visitor.replies()[0].startswith("这是以前的按钮，没有用了。\n您在哪个县")


def test_two_tabs_are_one_talk_and_each_part_brings_what_the_other_said(site: Site) -> None:
    first, second = site.visitor(), site.visitor()
    first.get("/")
    second.http.cookies = first.http.cookies
    second.get("/")
    first.say("补贴 资格")
    answer = second.post("/say", {**second.form("words"), "text": "天水", "part": "1", "after": "0"})
    assert answer.status_code == 200 and len(second.find("//article[@data-position]")) == 2
    assert "哪一类残疾" in second.replies()[0] and second.options()
    answer = second.post("/say", {**first.form("words"), "text": "视力", "part": "1", "after": "2"})
    assert [turn.get("data-position") for turn in second.find("//article[@data-position]")] == ["3"]


def test_a_form_without_its_session_is_not_sent_and_keeps_the_words(visitor: Visitor) -> None:
    visitor.get("/")
    fields = {**visitor.form("words"), "text": "开店有补贴吗"}
    visitor.http.cookies.clear()
    answer = visitor.post("/say", fields)
    assert answer.status_code == 403 and visitor.title.startswith(ERROR)
    assert summary(visitor) == WORDS["errors"]["old_form"]
    assert visitor.find("//textarea")[0].text == "开店有补贴吗"
    assert "5000元" in visitor.say("开店有补贴吗")[0], "sent again, it arrives"


def test_an_expired_session_is_told_and_begins_anew(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    token = visitor.token
    site.at += IDLE - datetime.timedelta(hours=1)
    assert turns(visitor) == 1
    visitor.say("天水")
    site.at += IDLE + datetime.timedelta(hours=2)
    answer = visitor.post("/say", {**visitor.form("words"), "text": "视力"})
    assert answer.status_code == 403 and WORDS["ended"]["title"] in visitor.answer.text
    assert visitor.token != token and turns(visitor) == 0


def test_expired_talks_are_forgotten(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    other = site.visitor()
    site.at += IDLE - datetime.timedelta(days=1)
    other.say("补贴 资格")
    site.at += datetime.timedelta(days=2)
    assert forget_expired(site.service.store, site.at) == 1 and forget_expired(site.service.store, site.at) == 0
    for table in ("turns", "sessions", "transcripts", "web_sessions"):
        assert len(site.service.store.database.query(f"SELECT * FROM {table}")) == 1, table


def test_a_talk_is_on_its_page_for_as_long_as_its_session_lives(site: Site, visitor: Visitor) -> None:
    store = site.service.store
    for text in ("我是天水的，视力一级，想开个按摩店", "第一次开", "开店有补贴吗"):
        visitor.say(text)
    replies = [words.text for words in visitor.find("//*[@class='bot']//*[@class='words']")]
    visitor.get("/result")
    result = [found.get("href") for found in visitor.find("//section//h3/a")]
    for days in (8, 16, 24):
        site.at += datetime.timedelta(days=8)
        assert expire(store, site.at).turns == forget_expired(store, site.at) == 0
        assert turns(visitor) == 3, days
        assert [words.text for words in visitor.find("//*[@class='bot']//*[@class='words']")] == replies
    visitor.get("/result")
    assert [found.get("href") for found in visitor.find("//section//h3/a")] == result != []
    site.at += IDLE + datetime.timedelta(days=1)
    forget_expired(store, site.at)
    expire(store, site.at)
    for table in ("turns", "sessions", "transcripts", "web_sessions"):
        assert not store.database.query(f"SELECT * FROM {table}"), table


def test_a_restart_in_between_changes_nothing(materials: Materials, tmp_path: Path) -> None:
    before = Site(materials, tmp_path)
    visitor = before.visitor()
    visitor.say("补贴 资格")
    fields = {**visitor.form("words"), "text": "天水"}
    before.close()
    after = Site(materials, tmp_path)
    again = after.visitor()
    again.http.cookies = visitor.http.cookies
    again.post("/say", fields)
    assert "哪一类残疾" in again.replies()[0] and turns(again) == 2
    again.post("/say", fields)
    assert turns(again) == 2
    after.close()


def test_an_answer_that_got_lost_is_given_again(visitor: Visitor) -> None:
    visitor.get("/")
    fields = {**visitor.form("words"), "text": "补贴 资格", "part": "1", "after": "0"}
    first = visitor.post("/say", fields).text.split('name="message_id"')[0]
    again = visitor.post("/say", fields).text.split('name="message_id"')[0]
    assert first == again and turns(visitor) == 1


def test_a_store_that_cannot_keep_is_told_and_the_words_can_be_sent_again(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.get("/")

    def full(*_: object) -> None:
        raise StoreError("data", "disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Turns, "keep", full)
        answer = visitor.post("/say", {**visitor.form("words"), "text": "补贴 资格"})
    assert answer.status_code == 503 and answer.headers["retry-after"] == "10"
    form = {field.get("name"): field.get("value") for field in visitor.find("//form//input[@type='hidden']")}
    visitor.post("/say", {**form, "text": visitor.find("//textarea")[0].text})
    assert "您在哪个县" in visitor.replies()[0] and turns(visitor) == 1


def test_only_the_last_turns_are_shown(visitor: Visitor) -> None:
    for number in range(LONGEST + 2):
        visitor.say("菜单" if number % 2 else "补贴 资格")
    assert turns(visitor) == LONGEST
    assert visitor.find("//article[@data-position]")[0].get("data-position") == "3"


def everything_kept(site: Site) -> bytes:
    """All that stands in the database, opened where it is sealed."""
    store = site.service.store
    rows: list[Any] = []
    for table in store.database.tables():
        for row in store.database.query(f"SELECT * FROM {table}"):
            rows += [store.keys.unseal(v) if isinstance(v, bytes) and k == "sealed" else v for k, v in row.items()]
    return "\n".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in rows).encode()


@pytest.mark.parametrize("number", ["110101199003070038", "１１０１０１１９９００３０７００３８"])
def test_an_id_number_leaves_nothing(
    site: Site, visitor: Visitor, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    visitor.say("补贴 资格")
    assert "请不要发身份证号" in visitor.say(f"我的身份证号是{number}")[0]
    assert visitor.said()[-1] == WORDS["chat"]["forgotten"]
    assert number not in visitor.answer.text and number.encode() not in everything_kept(site)
    assert "补贴 资格".encode() in everything_kept(site), "what may be kept would be found"
    assert number not in caplog.text


def test_ending_leaves_nothing_of_the_talk_and_its_cookie_opens_nothing(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    token = visitor.token
    visitor.get("/end")
    answer = visitor.http.post("/end", data=visitor.form("end"), follow_redirects=False)
    assert answer.status_code == 303 and '"storage"' in answer.headers["clear-site-data"]
    assert visitor.http.cookies.get("zhuye-session") is None
    for table in ("turns", "sessions", "transcripts"):
        assert not site.service.store.database.query(f"SELECT * FROM {table}"), table
    visitor.http.cookies.set("zhuye-session", token, domain="testserver.local", path="/")
    visitor.get("/")
    assert WORDS["ended"]["title"] in visitor.answer.text and visitor.find("//article[@data-position]") == []


def test_ending_what_is_over_is_no_problem(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    visitor.get("/end")
    fields = visitor.form("end")
    site.at += IDLE + datetime.timedelta(hours=2)
    assert visitor.post("/end", fields).status_code == 200 and visitor.answer.url.path == "/ended"
    assert "session" not in str(visitor.answer.request.headers.get("cookie")), "its cookie is gone"
    visitor.say("补贴 资格")
    visitor.get("/end")
    fields = visitor.form("end")
    assert take_over(site.visitor(), code_of(visitor)).status_code == 200
    assert visitor.post("/end", fields).url.path == "/ended"
    assert site.service.store.database.query("SELECT * FROM transcripts"), "the other device goes on"


def test_an_old_page_of_ones_own_says_which_button_to_press(visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    for address, button in (("/end", "//*[@id='end']"), ("/continue/code", "//*"), ("/continue", "//*")):
        assert visitor.post(address, {"csrf": "x", "code": "0123456789"}).status_code == 403
        assert summary(visitor) == "这一页太久了，没有办成。请再按一次下面的按钮。"
        assert visitor.find(f"{button}//button") and not visitor.find("//*[@aria-invalid]")
    take_over(visitor, "1")
    assert visitor.find("//*[@aria-invalid='true']/@id") == ["code"]


def test_a_talk_that_was_ended_is_not_brought_back_by_a_backup(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    place, store = at(tmp_path / "data"), site.service.store
    visitor.say("补贴 资格")
    stays, taken_over = site.visitor(), site.visitor()
    for other in (stays, taken_over):
        other.say("开店有补贴吗")
    token, person = visitor.token, talk.whose(site.service, visitor.token)
    add(store, person, registration(), site.at)
    backup = back_up(store, place.data_dir, site.at).file
    visitor.get("/end")
    visitor.post("/end", visitor.form("end"))
    fresh = site.visitor()
    take_over(fresh, code_of(taken_over))
    restore(place, backup, site.at)
    assert store.turns.session(person).data is None and store.transcripts.last(person) == []
    assert [row["sender"] for row in store.database.query("SELECT sender FROM registrations")] == [person]
    visitor.http.cookies.set("zhuye-session", token, domain="testserver.local", path="/")
    for ended in (visitor, taken_over):
        ended.get("/")
        assert WORDS["ended"]["title"] in ended.answer.text and not ended.said()
    for going_on in (stays, fresh):
        going_on.get("/")
        assert going_on.said() == ["开店有补贴吗"]


def test_a_talk_that_was_left_for_another_is_not_brought_back(site: Site, visitor: Visitor, tmp_path: Path) -> None:
    place, store = at(tmp_path / "data"), site.service.store
    other = site.visitor()
    other.say("补贴 资格")
    visitor.say("开店有补贴吗")
    left = talk.whose(site.service, other.token)
    backup = back_up(store, place.data_dir, site.at).file
    take_over(other, code_of(visitor))
    restore(place, backup, site.at)
    assert store.transcripts.last(left) == [] and store.turns.session(left).data is None


def code_of(visitor: Visitor) -> str:
    visitor.get("/continue")
    (form,) = visitor.find("//form[@action='/continue/code']")
    visitor.post("/continue/code", {"csrf": form.xpath(".//input")[0].get("value")})
    return str(visitor.find("//*[@class='code']")[0].text)


def take_over(visitor: Visitor, code: str) -> Any:
    visitor.get("/continue")
    return visitor.post("/continue", {"csrf": visitor.find("//input[@name='csrf']")[0].get("value"), "code": code})


def test_a_code_moves_the_talk_to_another_device_once(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    code = code_of(visitor)
    other, third = site.visitor(), site.visitor()
    other.say("开店有补贴吗")
    assert take_over(other, code).status_code == 200
    assert other.said() == ["补贴 资格"] and "哪一类残疾" in other.say("天水")[0]
    assert take_over(third, code).status_code == 422 and summary(third) == WORDS["errors"]["code_wrong"]
    visitor.get("/")
    assert WORDS["ended"]["title"] in visitor.answer.text and not visitor.said()


def look(visitor: Visitor) -> None:
    """Press 大字 below the page."""
    fields = visitor.find("//footer//input")
    visitor.post("/view", {**{field.get("name"): field.get("value") for field in fields}, "change": "large"})


def test_a_code_stays_on_its_page_while_it_can_be_used(site: Site, visitor: Visitor) -> None:
    def shown() -> list[str]:
        return [found.text for found in visitor.find("//*[@class='code']")]

    visitor.say("补贴 资格")
    code = code_of(visitor)
    look(visitor)
    assert visitor.answer.status_code == 200 and visitor.page.get("class") == "large" and shown() == [code]
    site.at += CODE_LIFE
    visitor.get("/continue")
    assert shown() == [code]
    site.at += datetime.timedelta(milliseconds=1)
    visitor.get("/continue")
    assert shown() == []
    code = code_of(visitor)
    assert take_over(site.visitor(), code).status_code == 200
    visitor.get("/continue")
    assert shown() == [], "it was used"


def test_a_page_that_says_what_is_wrong_can_be_made_to_look_otherwise(visitor: Visitor) -> None:
    visitor.get("/")
    fields = {**visitor.form("words"), "text": "长" * 4001}
    code_of(visitor)
    for address, sent, status, back in (
        ("/say", fields, 422, "/"),
        ("/say", {**fields, "text": "天水", "csrf": "x"}, 403, "/"),
        ("/continue/code", {"csrf": "x"}, 403, "/continue"),
        ("/continue", {"csrf": fields["csrf"], "code": "1"}, 422, "/continue"),
    ):
        assert visitor.post(address, sent).status_code == status
        assert visitor.find(f"//nav//a[@aria-current='page'][@href='{back}']")
        look(visitor)
        assert visitor.answer.status_code == 200 and visitor.answer.url.path == back
    visitor.post("/view", {"csrf": fields["csrf"], "back": "/say"})
    assert visitor.answer.status_code == 200, "as pages of before said"


def test_a_code_is_over_after_ten_minutes(site: Site, visitor: Visitor) -> None:
    visitor.say("补贴 资格")
    code = code_of(visitor)
    site.at += datetime.timedelta(minutes=10, seconds=1)
    assert take_over(site.visitor(), code).status_code == 422


@pytest.mark.parametrize("typed", ["", "12345", "abcde fghij", "12345 678901"])
def test_what_is_no_code_is_told_with_an_example(site: Site, typed: str) -> None:
    other = site.visitor()
    assert take_over(other, typed).status_code == 422
    assert summary(other) == WORDS["errors"]["code_form"] and other.title.startswith(ERROR)
    assert other.find("//input[@id='code']")[0].get("value") == typed


def test_codes_are_not_to_be_guessed(materials: Materials, tmp_path: Path) -> None:
    site = Site(materials, tmp_path, limits=Limits(session=ENOUGH, address=ENOUGH))
    other = site.visitor()
    answers = [take_over(other, f"{number:010}").status_code for number in range(6)]
    assert answers == [422] * 5 + [429]
    site.close()


@pytest.mark.parametrize("limits", [{"session": Limit(2, 6)}, {"address": Limit(2, 6)}])
def test_too_many_messages_are_told_when_to_come_back(
    materials: Materials, tmp_path: Path, limits: dict[str, Limit]
) -> None:
    site = Site(materials, tmp_path, limits=Limits(**limits))
    visitor = site.visitor()
    visitor.say("补贴 资格")
    visitor.say("天水")
    answer = visitor.post("/say", {**visitor.form("words"), "text": "视力"})
    assert answer.status_code == 429 and 1 <= int(answer.headers["retry-after"]) <= 10
    assert visitor.find("//textarea")[0].text == "视力" and WORDS["problems"]["429"]["title"] in visitor.title
    elsewhere = site.visitor("192.0.2.7")
    assert elsewhere.say("补贴 资格"), "others are not held up"
    site.close()


def test_what_is_erased_is_gone_from_the_page(site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.say("我是天水的")

    def erase(*_: object) -> Turn:
        return Turn(Session(), (Reply(text="都删了。"),), (Erased(),))

    with monkeypatch.context() as patched:
        patched.setattr(service, "advance", erase)
        assert visitor.say("删除我的信息") == ["都删了。"]
    visitor.get("/")
    assert visitor.said() == ["删除我的信息"] and visitor.replies() == ["都删了。"]
    assert "我是天水的".encode() not in everything_kept(site) and "甘肃省天水市".encode() not in everything_kept(site)


def test_who_would_wait_in_vain_is_sent_away_at_once_with_what_they_wrote(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.say("菜单")
    monkeypatch.setattr("bot.channels.together.CROWDED", 0)
    answer = visitor.http.post("/say", data={**visitor.form("words"), "text": "我是天水的"})
    assert answer.status_code == 503 and answer.headers["retry-after"] == "10" and "我是天水的" in answer.text
    monkeypatch.undo()
    assert "天水" in visitor.say("我是天水的")[0]


def test_what_comes_after_erasing_is_told_to_the_pages_script_too(visitor: Visitor) -> None:
    for text in ("我是天水的", "补贴 资格"):
        visitor.say(text)
    for number, (text, answer) in enumerate((("删除我的信息", "删"), ("补贴 资格", "您在哪个县")), 1):
        fields = {**visitor.form("words"), "message_id": f"n{number}", "text": text, "part": "1"}
        for _ in range(2):
            told = visitor.http.post("/say", data={**fields, "after": "2" if number == 1 else "1"})
            part = lxml.html.fromstring(told.text)
            assert part.xpath("//@data-position") == [str(number)]
            assert answer in part.xpath("//*[@id='last']//*[@class='bot']")[0].text_content()


def test_people_who_speak_at_once_each_get_their_own_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    handle, csrf = site.service.handle, site.service.store.web_sessions.csrf

    def sometimes(person: str, message_id: str, incoming: Incoming, *rest: Any, **named: Any) -> Any:
        replies = handle(person, message_id, incoming, *rest, **named)
        if incoming.text == "broken":
            raise ValueError
        return replies

    monkeypatch.setattr(site.service, "handle", sometimes)
    texts = ["补贴 资格", "broken", "天水", "培训补贴 资格"]
    tokens = [talk.new_token() for _ in texts]

    async def at_once() -> list[Any]:
        together = Together(site.worker)
        said = [
            together.run(talk.say, token, "wrong" if text == "天水" else csrf(token), Spoken(nonce="1", text=text), "")
            for token, text in zip(tokens, texts, strict=True)
        ]
        return await asyncio.gather(*said, return_exceptions=True)

    first, broken, bad, last = asyncio.run(at_once())
    assert isinstance(broken, ValueError) and isinstance(bad, Bad)
    for outcome, text in ((first, texts[0]), (last, texts[3])):
        assert [(e.said.text, e.position) for e in outcome.exchanges] == [(text, 1)]
    kept = site.service.store.database.query("SELECT DISTINCT sender FROM turns")
    assert len(kept) == 2 == len(site.service.store.database.query("SELECT * FROM web_sessions"))
