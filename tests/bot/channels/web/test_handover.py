"""Asking a human on the page: the question goes to the caseworkers, what they answer is on the page, once."""

import datetime
from collections.abc import Sequence

import pytest

from bot.channels.web import talk
from bot.channels.web.forgetting import CHANNEL, forget_expired
from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.models import Caseworker
from bot.desk.names import load_names
from bot.desk.permissions import Refused
from bot.store.credentials import Credential
from bot.store.retention import expire
from bot.store.web_sessions import IDLE
from tests.bot.channels.staffed import staffed
from tests.bot.channels.web.site import Site, Visitor
from tests.bot.channels.web.test_transcripts import sender_of
from tests.bot.desk.conftest import SOMEBODY

MAIJI = "620503"
WANG = Caseworker(MAIJI, "worker", MAIJI)
MONDAY = datetime.datetime(2026, 11, 23, 2, tzinfo=datetime.UTC)
ANSWER = "残联工作人员（真人）回答：\n可以，请周三来。\n接着写，就转给工作人员。不问了，写“结束”。"


@pytest.fixture
def desk(site: Site) -> Handovers:
    """The caseworkers of Maiji are there."""
    site.at = MONDAY
    staffed(site.service, [MAIJI])
    return Handovers(site.service.store, lambda: site.at)


def asks(visitor: Visitor, words: str = "我的腿这样能去按摩店上班吗？") -> None:
    visitor.say("我在天水麦积区")
    assert "麦积区残联的工作人员" in visitor.say("人工")[0]
    assert "转给工作人员了" in visitor.say(words)[0]


def told(visitor: Visitor) -> list[str]:
    """What the page shows that was told unasked: the turns without anything that the person said."""
    visitor.get("/")
    return [words.text for words in visitor.find("//article[@data-position][not(*[@class='you'])]//*[@class='words']")]


def part(visitor: Visitor, address: str, fields: dict[str, str] | None = None) -> Sequence[str]:
    """What a part of the page brings: the positions of its turns."""
    if fields is None:
        visitor.get(address)
    else:
        visitor.post(address, {**fields, "part": "1"})
    return [turn.get("data-position") for turn in visitor.find("//article")]


def test_a_question_is_answered_by_a_human_on_the_page(visitor: Visitor, desk: Handovers) -> None:
    asks(visitor)
    (open_,) = desk.waiting(WANG)
    assert [one.words for one in desk.show(WANG, open_.id)[1]] == ["我的腿这样能去按摩店上班吗？"]
    desk.answer(WANG, open_.id, "可以，请周三来。")
    assert told(visitor) == [ANSWER]
    assert visitor.find("//*[@id='last']//h2")[0].text == "发给您的消息"
    assert visitor.find("//*[@role='log'][@aria-live='polite']//*[@id='last']")
    assert "转过去了" in visitor.say("谢谢，几点？")[0]
    assert [one.words for one in desk.show(WANG, open_.id)[1]][-1] == "谢谢，几点？"
    desk.close(WANG, open_.id)
    assert told(visitor)[0] == ANSWER and "结束了这次对话" in told(visitor)[1] and len(told(visitor)) == 2
    assert "5000元" in visitor.say("创业补贴有多少钱")[0]
    with pytest.raises(Refused, match="handover_closed"):
        desk.answer(WANG, open_.id, "晚了")
    assert len(told(visitor)) == 2


def test_the_person_ends_it(visitor: Visitor, desk: Handovers, site: Site) -> None:
    asks(visitor)
    assert "对话结束了" in visitor.say("结束")[0]
    assert desk.waiting(WANG) == [] and told(visitor) == []
    assert site.service.store.outbox.next_due(DESK_TELEGRAM, 0) is not None, "the caseworkers are told"


def test_an_answer_is_there_once_however_often_it_is_sent_and_looked_for(
    site: Site, visitor: Visitor, desk: Handovers
) -> None:
    asks(visitor)
    (open_,) = desk.waiting(WANG)
    for _ in range(3):
        desk.answer(WANG, open_.id, "可以，请周三来。")
    second = site.visitor()
    second.http.cookies = visitor.http.cookies
    assert (
        part(second, "/news?after=3") == part(second, "/news?after=3") == ["4"] and part(second, "/news?after=4") == []
    )
    visitor.get("/")
    assert part(visitor, "/say", {**visitor.form("words"), "text": "好", "after": "3"}) == ["4", "5"]
    assert told(visitor) == [ANSWER]
    desk.answer(WANG, open_.id, "可以，请周三来。")
    assert told(visitor) == [ANSWER, ANSWER], "the same words in answer to something else are another answer"


def test_the_page_looks_for_an_answer_only_while_one_may_come(visitor: Visitor, desk: Handovers) -> None:
    def every() -> list[str]:
        return [str(each) for each in visitor.find("//@data-look-again")]

    visitor.say("我在天水麦积区")
    assert every() == []
    asks(visitor)
    assert every() == [str(talk.ANSWER_SECONDS)]
    part(visitor, "/news?after=3")
    assert every() == [str(talk.ANSWER_SECONDS)]
    desk.close(WANG, 1)
    part(visitor, "/news?after=3")
    assert every() == []


def test_what_was_asked_stays_asked_when_something_is_told(site: Site, visitor: Visitor, desk: Handovers) -> None:
    visitor.say("我在天水麦积区")
    visitor.say("补贴 资格")
    options = visitor.options()
    assert len(options) > 3
    site.service.store.transcripts.tell(sender_of(site, visitor), "新的进展")
    visitor.get("/")
    assert visitor.options() == options and told(visitor) == ["新的进展"]
    part(visitor, "/news?after=2")
    assert not visitor.find("//*[@id='now']"), "the page's buttons are left as they are"
    visitor.get("/")
    visitor.press("视力")
    assert visitor.said()[-1].startswith("视力残疾")


def test_news_of_a_registration_wait_for_the_next_visit_until_they_are_stopped(
    site: Site, visitor: Visitor, desk: Handovers
) -> None:
    visitor.say("你好")
    store, sender = site.service.store, sender_of(site, visitor)
    store.registrations.add(sender, "123456782", SOMEBODY, site.at, CHANNEL)
    leads, who = Desk(store, load_names(), lambda: site.at), Caseworker("甲", "worker", "620500")
    assert "告诉您" in visitor.say("通知我")[0]
    leads.claim(who, "123456782")
    site.at += datetime.timedelta(days=20)
    expire(store, site.at)
    assert len(told(visitor)) == 1 and "开始跟进" in told(visitor)[0], "it waits longer than a turn is kept"
    assert "不再通知" in visitor.say("停止通知")[0]
    leads.set_status(who, "123456782", "verified")
    assert len(told(visitor)) == 1


def test_who_has_left_the_page_cannot_be_answered_and_the_desk_is_told(
    site: Site, visitor: Visitor, desk: Handovers
) -> None:
    asks(visitor)
    visitor.get("/end")
    visitor.post("/end", visitor.form("end"))
    assert desk.waiting(WANG) == [] and desk.show(WANG, 1)[0].state == "closed"
    other = site.visitor()
    asks(other)
    site.at += IDLE + datetime.timedelta(days=1)
    assert forget_expired(site.service.store, site.at) == 2
    assert desk.waiting(WANG) == []
    rows = site.service.store.database.query("SELECT count(*) AS n FROM recipients")
    assert rows[0]["n"] == 0
    assert site.service.store.database.query("SELECT count(*) AS n FROM transcripts")[0]["n"] == 0


def test_another_device_goes_on_with_the_human(site: Site, visitor: Visitor, desk: Handovers) -> None:
    asks(visitor)
    visitor.get("/continue")
    visitor.post("/continue/code", {"csrf": visitor.find("//input[@name='csrf']/@value")[0]})
    code = "".join(visitor.find("//*[@class='code']")[0].text_content().split())
    other = site.visitor()
    other.get("/continue")
    other.post("/continue", {"csrf": other.find("//input[@name='csrf']/@value")[0], "code": code})
    desk.answer(WANG, 1, "可以，请周三来。")
    assert told(other) == [ANSWER] and told(visitor) == []
    assert part(visitor, "/news?after=0") == [] and part(site.visitor(), "/news?after=0") == []


def test_looking_for_news_keeps_no_session_alive(site: Site, visitor: Visitor, desk: Handovers) -> None:
    asks(visitor)
    for _ in range(4):
        site.at += IDLE / 3
        part(visitor, "/news?after=0")
    visitor.get("/")
    assert visitor.find("//*[@class='notice']"), "it has ended"


def test_all_that_was_said_is_the_persons_to_see_and_to_delete(site: Site, visitor: Visitor, desk: Handovers) -> None:
    asks(visitor)
    desk.answer(WANG, 1, "可以，请周三来。")
    own = visitor.say("我的信息")[0]
    assert own.startswith("您和工作人员说过的：\n2026年11月23日，您说：“我的腿这样能去按摩店上班吗？”\n")
    assert "\n2026年11月23日，工作人员回答：“可以，请周三来。”\n" in own and WANG.name not in own
    assert "您和工作人员说过的话，也删掉了" in visitor.say("删除我的信息")[0]
    assert told(visitor) == [] and len(visitor.said()) == 1
    store = site.service.store
    for table in ("handovers", "handover_messages", "recipients"):
        assert store.database.query(f"SELECT * FROM {table}") == []
    with pytest.raises(Refused, match="no_handover"):
        desk.answer(WANG, 1, "晚了")


def test_after_a_deletion_the_open_page_shows_what_is_left(visitor: Visitor, desk: Handovers) -> None:
    visitor.say("你好")
    fields = {**visitor.form("words"), "text": "删除我的信息", "after": "1"}
    for _ in range(2):
        assert part(visitor, "/say", fields) == ["1"] and visitor.find("//*[@id='turns']/@data-anew")
    assert "已经删掉了" in visitor.replies()[0]
    assert part(visitor, "/news?after=7") == ["1"] and visitor.find("//*[@id='turns']/@data-anew")


def test_caseworkers_who_use_the_web_desk_alone_can_be_asked(site: Site, visitor: Visitor) -> None:
    site.at, store = MONDAY, site.service.store
    store.staff.add(WANG, site.at)
    visitor.say("我在天水麦积区")
    assert "1 2 3 4 5" in visitor.say("人工")[0]
    store.credentials.keep(WANG.name, Credential("hash", "secret"), 0)
    asks(visitor)
    store.staff.disable(WANG.name)
    visitor.say("结束")
    assert "1 2 3 4 5" in visitor.say("人工")[0]


def test_a_letter_for_the_page_is_none(site: Site, visitor: Visitor, desk: Handovers) -> None:
    """What is told on the page is in its history only: nothing waits in an outbox that nobody sends."""
    asks(visitor)
    desk.answer(WANG, 1, "可以")
    assert site.service.store.outbox.next_due(CHANNEL, 0) is None
