"""A person asks a human and a caseworker answers: the talk, the store, the desk bot and what each is owed."""

import datetime
import itertools
from collections.abc import Sequence

import msgspec
import pytest

from bot.desk.accounts import OPERATOR
from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Asked, Say
from bot.desk.telegram.questions import shown
from bot.service import Service
from bot.store.base import StaleSession
from bot.store.outbox import Letter
from bot.store.store import Store
from conversations.materials import Materials
from conversations.messages import Incoming, Turn
from tests.bot.desk.telegram.conftest import MAIJI, MONDAY, QINZHOU, Caller, Clock, Link, Running, buttons, taken
from tests.botapi.people import Person
from tests.botapi.server import BotApi

DAY = datetime.timedelta(days=1)


class Asker:
    """A person on the public bot, which is played by its outbox."""

    numbers = itertools.count(1)

    def __init__(self, service: Service, user: str = "77", channel: str = "telegram") -> None:
        self.service = service
        self.user = user
        self.channel = channel

    def says(self, text: str) -> str:
        """The replies to a text, taken from the outbox."""

        def letters(turn: Turn) -> Sequence[Letter]:
            told = [{"method": "sendMessage", "text": reply.text} for reply in turn.replies]
            return [Letter(self.user, msgspec.Raw(msgspec.json.encode(one))) for one in told]

        message = Incoming(text=text)
        self.service.handle(self.user, str(next(self.numbers)), message, self.channel, letters)
        return self.hears()

    def hears(self) -> str:
        """What is owed to them."""
        outbox, told = self.service.store.outbox, []
        while owed := outbox.take(self.channel, self.service.now().timestamp(), 100, 60):
            for one in owed:
                assert one.letter.address == self.user
                told.append(msgspec.json.decode(one.letter.content)["text"])
                outbox.done(one.id)
        return "\n".join(told)


@pytest.fixture
def asker(front: Front, materials: Materials) -> Asker:
    return Asker(Service(materials, front.at.store, front.now))


def asks(asker: Asker, words: str = "我的腿这样能去按摩店上班吗？") -> str:
    """Somebody in Maiji asks a human."""
    asker.says("我在天水麦积区")
    assert "麦积区残联的工作人员" in asker.says("人工")
    return asker.says(words)


def arrived(front: Front) -> list[Say]:
    """What is owed to caseworkers, as it is sent."""
    return [
        one if isinstance(one, Say) else shown(front.at, one) for one in taken(front) if isinstance(one, Say | Asked)
    ]


def test_a_question_is_answered_by_a_human(front: Front, wang: Caller, asker: Asker) -> None:
    assert "转给工作人员了" in asks(asker)
    (question,) = arrived(front)
    assert "我的腿这样能去按摩店上班吗" in question.text and "麦积区" in question.text and "77" not in question.text
    assert buttons(question) == ["answer:1", "end:1"]
    assert "请把回答发过来" in wang.told("answer:1")
    assert "发给本人了" in wang.says("可以，请带身份证来")
    told = asker.hears()
    assert "残联工作人员（真人）回答" in told and "可以，请带身份证来" in told and "王芳" not in told
    assert "转过去了" in asker.says("谢谢，几点？")
    (more,) = arrived(front)
    assert "谢谢，几点？" in more.text and "王芳：可以" in more.text
    assert [one.text for one in wang.does(text="9点到18点", answers="answer:1") if isinstance(one, Say)]
    assert "9点到18点" in asker.hears()
    assert "结束了" in asker.says("结束")
    (ended,) = arrived(front)
    assert "结束了" in ended.text and not ended.buttons
    assert "已经结束" in wang.told("end:1") and "已经结束" in wang.says("x") + wang.told("answer:1") + wang.says("晚了")
    assert asker.hears() == "" and "5000元" in asker.says("创业补贴有多少钱")


def test_the_desk_ends_it_and_the_talk_goes_on(front: Front, wang: Caller, asker: Asker) -> None:
    asks(asker)
    assert "已经告诉本人" in wang.told("end:1")
    assert "工作人员结束了这次对话" in asker.hears()
    assert "5000元" in asker.says("创业补贴有多少钱")
    assert "没有人在等" in wang.says("提问")


def test_what_is_said_is_sealed_recorded_and_erased(front: Front, wang: Caller, asker: Asker, store: Store) -> None:
    asks(asker)
    wang.presses("answer:1")
    wang.says("可以来")
    rows = store.database.query("SELECT sealed FROM handover_messages")
    assert len(rows) == 2 and all("可以".encode() not in bytes(row["sealed"]) for row in rows)
    assert [(e.caseworker, e.operation) for e in store.access_log.entries("handover 1")][-1] == ("王芳", "answer")
    asker.says("删除我的信息")
    assert store.recipients.get(store.sender("telegram", "77")) is None
    assert store.database.query("SELECT * FROM handover_messages") == []
    assert "没有编号是1的提问" in wang.told("answer:1")


def test_only_those_who_may_answer_there_hear_of_it(front: Front, wang: Caller, link: Link, asker: Asker) -> None:
    viewer, other = link(2, "看看", role="viewer"), link(3, "秦州", region=QINZHOU)
    li = link(4, "李强", region=MAIJI)
    asks(asker)
    assert [one.caseworker for one in taken(front) if isinstance(one, Asked)] == ["李强", "王芳"]
    assert "没有做这件事的权限" in viewer.told("answer:1") and "没有做这件事的权限" in viewer.says("提问")
    assert "没有编号是1的提问" in other.told("answer:1") and "没有编号是1的提问" in other.told("end:1")
    li.presses("answer:1")
    li.says("我来答")
    asker.says("好")
    assert [one.caseworker for one in taken(front) if isinstance(one, Asked)] == ["李强"]
    (listed,) = wang.does(text="提问")
    assert isinstance(listed, Asked)


@pytest.mark.parametrize("when", [MONDAY.replace(hour=8), MONDAY.replace(hour=18), MONDAY + 5 * DAY])
def test_out_of_hours_it_says_when(wang: Caller, asker: Asker, clock: Clock, when: datetime.datetime) -> None:
    clock.now = when
    asker.says("我在天水麦积区")
    told = asker.says("人工")
    assert "9点到18点" in told and "1 2 3 4 5" in told and "请人代打" in told
    assert asker.service.store.handovers.open() == []


def test_without_a_caseworker_or_a_channel_it_offers_the_hotline(
    front: Front, wang: Caller, asker: Asker, materials: Materials
) -> None:
    elsewhere = Asker(asker.service, "78")
    elsewhere.says("我在成都市")
    assert "1 2 3 4 5" in elsewhere.says("人工") and "转给" not in elsewhere.says("人工")
    front.at.accounts.disable(OPERATOR, "王芳")
    asker.says("我在天水麦积区")
    assert "1 2 3 4 5" in asker.says("人工")
    terminal = Asker(asker.service, "79", channel="chat")
    terminal.says("我在天水麦积区")
    assert "1 2 3 4 5" in terminal.says("人工")


def test_at_most_one_is_open_and_what_was_closed_meanwhile_begins_the_turn_anew(store: Store, clock: Clock) -> None:
    begun = store.handovers.begin("s", MAIJI, "甲", clock())
    with pytest.raises(StaleSession):
        store.handovers.begin("s", MAIJI, "乙", clock())
    assert store.handovers.close(begun, clock()) and not store.handovers.close(begun, clock())
    with pytest.raises(StaleSession):
        store.handovers.still_open("s")


def test_who_blocked_the_public_bot_cannot_be_answered(front: Front, wang: Caller, asker: Asker, store: Store) -> None:
    asks(asker)
    store.recipients.block(store.sender("telegram", "77"), blocked=True)
    wang.presses("answer:1")
    assert "收不到消息" in wang.says("可以来")
    assert len(store.database.query("SELECT * FROM handover_messages")) == 1


def test_an_answer_has_its_lengths(wang: Caller, asker: Asker) -> None:
    asks(asker)
    wang.presses("answer:1")
    assert "1到2000个字" in wang.says("长" * 2001) and "发给本人了" in wang.says("短")


async def test_over_http(running: Running, server: BotApi, front: Front, newcomer: Person, asker: Asker) -> None:
    async with running():
        code = front.at.accounts.add(OPERATOR, "王芳", "worker", MAIJI)
        await newcomer.says(code)
        await newcomer.waits_for("登录好了")
        asks(asker)
        inbox = await newcomer.waits_for("我的腿这样")
        await newcomer.says("可以来", reply_to=inbox[-1])
        await newcomer.waits_for("发给本人了")
        assert "可以来" in asker.hears()
        await newcomer.presses("结束对话", inbox[-1])
        await newcomer.waits_for("已经告诉本人")
        assert "结束了这次对话" in asker.hears()
        await server.idle()
    assert not server.refused
