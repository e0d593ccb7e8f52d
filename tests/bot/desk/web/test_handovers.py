"""People's questions to a human, in the browser: who sees them, what is answered, what is recorded."""

from typing import get_args

import pytest

from bot.desk.models import Role
from bot.desk.permissions import NATION
from bot.desk.web.handovers import HOME
from bot.store.registrations import PERSON
from tests.bot.desk.web.site import DeskSite, Visitor

QUESTION = "我的腿这样能去按摩店上班吗？"
HERE, CHILD_OF, BESIDE, ABROAD = "620503", "620500", "620502", "350500"
PLACES = {"own": HERE, "parent": CHILD_OF, "nation": NATION, "sibling": BESIDE, "other": ABROAD}
SEES = {"own", "parent", "nation"}


def listed(visitor: Visitor) -> list[str]:
    """The questions of the page, by number."""
    return [str(row.get("id"))[1:] for row in visitor.find("//tr[starts-with(@id, 'r')]")]


def said(visitor: Visitor) -> list[str]:
    """What was said, as the page shows it."""
    return [str(words.text) for words in visitor.find("//li//*[@class='words']")]


def test_a_question_is_read_answered_and_ended(site: DeskSite) -> None:
    number = site.asks()
    visitor = site.signed_in()
    visitor.get("/desk/")
    assert visitor.find("string(//*[@id='waiting'])") == "有1个人找真人，等人回答"
    visitor.get(HOME)
    assert listed(visitor) == [str(number)] and QUESTION not in visitor.answer.text, "the list tells nobody's words"
    assert "麦积区" in visitor.answer.text and site.log() == []
    visitor.get(f"{HOME}/{number}")
    assert said(visitor) == [QUESTION] and site.log() == [("王芳", "show", f"handover {number}")]
    visitor.post(f"{HOME}/{number}/answer", text="可以，请周三来。\r\n带上残疾人证。")
    assert visitor.answer.status_code == 200 and "发给本人了" in visitor.told
    (told,) = site.told()
    assert told is not None and told.startswith("残联工作人员（真人）回答：\n可以，请周三来。\n带上残疾人证。\n")
    assert "王芳" not in told and said(visitor)[1].startswith("可以，请周三来。")
    assert visitor.find("//li[@id='s2']/strong")[0].text == "王芳"
    visitor.post(f"{HOME}/{number}/close")
    assert "已经告诉本人" in visitor.told and listed(visitor) == [] and len(site.told()) == 2
    entry = site.do(lambda o: o.telling.entry(next(o.store.access_log.entries())))
    assert entry.endswith(f"　王芳　查看　提问{number}")
    assert {entry[1] for entry in site.log()} == {"show", "answer"} and len(site.log()) == 4
    visitor.get(f"{HOME}/{number}")
    assert "已经结束" in visitor.answer.text and not visitor.find("//textarea")


def test_an_answer_sent_twice_is_one(site: DeskSite) -> None:
    number, visitor = site.asks(), site.signed_in()
    for _ in range(2):
        visitor.get(f"{HOME}/{number}")
        visitor.post(f"{HOME}/{number}/answer", text="可以。")
    assert len(site.told()) == 1 and said(visitor) == [QUESTION, "可以。"]


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_an_answer_of_a_wrong_length_is_told_at_its_field(site: DeskSite, text: str) -> None:
    number, visitor = site.asks(), site.signed_in()
    visitor.post(f"{HOME}/{number}/answer", text=text)
    assert visitor.answer.status_code == 422 and visitor.title.startswith("错误：") and "1到2000个字" in visitor.told
    (wrong,) = visitor.find("//*[@aria-invalid='true']")
    assert wrong.get("id") == "text" and (wrong.text or "").strip() == text.strip() and site.told() == []


def test_what_can_no_longer_be_answered_says_so_and_gives_the_words_back(site: DeskSite) -> None:
    number, visitor, other = site.asks(), site.signed_in(), site.signed_in("李强")
    visitor.get(f"{HOME}/{number}")
    other.post(f"{HOME}/{number}/close")
    visitor.post(f"{HOME}/{number}/answer", text="晚了的回答")
    assert visitor.answer.status_code == 409 and "已经结束" in visitor.told and "晚了的回答" in visitor.answer.text
    assert len(site.told()) == 1
    visitor.post(f"{HOME}/{number}/close")
    assert visitor.answer.status_code == 409
    left = site.asks("走了的人")
    site.do(lambda o: o.store.recipients.forget(o.store.sender("web", "走了的人")))
    visitor.post(f"{HOME}/{left}/answer", text="没人看的回答")
    assert visitor.answer.status_code == 409 and "收不到消息" in visitor.told
    assert visitor.find("//textarea")[0].text.strip() == "没人看的回答" and said(visitor) == ["走了的人"]


def test_new_ones_and_new_words_are_parts_of_the_pages(site: DeskSite) -> None:
    first, visitor = site.asks(), site.signed_in()
    second = site.asks("第二个人问")
    visitor.get(f"{HOME}/new?after={first}")
    assert listed(visitor) == [str(second)]
    assert visitor.get(f"{HOME}/new?after={second}").text.strip() == ""
    before = site.log()
    assert visitor.get(f"{HOME}/{first}/new?after=1").text.strip() == "" and site.log() == before
    site.do(lambda o: o.store.handovers.say(o.store.handovers.get(first), PERSON, "谢谢，几点？", site.at))
    visitor.get(f"{HOME}/{first}/new?after=1")
    assert said(visitor) == ["谢谢，几点？"] and visitor.find("//li")[0].get("id") == "s2"
    assert len(site.log()) == len(before) + 1, "what was seen is recorded, looking in vain is not"


def test_what_a_person_writes_is_no_html(site: DeskSite) -> None:
    number, visitor = site.asks("<script>alert(1)</script><b>粗</b>"), site.signed_in()
    visitor.get(f"{HOME}/{number}")
    assert said(visitor) == ["<script>alert(1)</script><b>粗</b>"] and not visitor.find("//main//script")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", get_args(Role))
def test_nothing_of_another_place_is_reached_by_any_address(site: DeskSite, role: Role, place: str) -> None:
    number, visitor = site.asks(), site.signed_in(role=role, region=PLACES[place])
    may, sees = role != "viewer", place in SEES
    assert bool(visitor.find(f"//nav//a[@href='{HOME}']")) == may
    visitor.get("/desk/")
    assert bool(visitor.find(f"//main//a[@href='{HOME}']")) == (may and sees)
    for address in (HOME, f"{HOME}/new"):
        assert visitor.get(address).status_code == (200 if may else 403)
        assert listed(visitor) == ([str(number)] if may and sees else [])
    expected = 403 if not may else 200 if sees else 404
    for address in (f"{HOME}/{number}", f"{HOME}/{number}/new"):
        assert visitor.get(address).status_code == expected
        assert (QUESTION in visitor.answer.text) == (expected == 200)
    reached = len(site.log())
    visitor.get("/desk/keys")
    for form, fields in (("answer", {"text": "可以"}), ("close", {})):
        visitor.post(f"{HOME}/{number}/{form}", **fields)
        assert visitor.answer.status_code == expected and (QUESTION in visitor.answer.text) == (
            expected == 200 and form == "answer"
        )
        visitor.get("/desk/keys")
    assert len(site.told()) == (2 if expected == 200 else 0)
    assert bool(site.do(lambda o: o.store.handovers.open())) == (expected != 200)
    if expected != 200:
        assert reached == 0 and site.log() == []


@pytest.mark.parametrize("number", ["0", "7", str(2**63), "1" + "0" * 30, "1" * 4301, "x", "-1", "１"])
def test_a_number_that_is_none_is_not_found(site: DeskSite, number: str) -> None:
    visitor = site.signed_in()
    assert visitor.get(f"{HOME}/{number}").status_code == 404
    assert visitor.get(f"{HOME}/new?after={10**30}").status_code == 200
