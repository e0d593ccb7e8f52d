"""Each kind of message gets a fitting answer, and what is nobody's message gets none."""

import asyncio
import datetime
import logging
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.channels.limits import Limits
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.sending import CHANNEL
from bot.channels.telegram.words import load_words
from bot.service import Service
from bot.store.outbox import MOST
from conversations.materials import Materials
from conversations.wording import Wording
from tests.bot.channels.telegram.conftest import Run, Talk
from tests.botapi.bots import Bot
from tests.botapi.chats import Message
from tests.botapi.errors import bad
from tests.botapi.faults import Break
from tests.botapi.people import Person
from tests.botapi.server import BotApi

WORDS = load_words()
ID_NUMBER = "11010519491231002X"
REGISTRATION = (
    *("同意", "同意", "替自己登记", "45岁", "小王", "13812345678", "天水市秦州区"),
    *("视力残疾", "一级", "城里", "1 3", "1 3", "发送"),
)
"""What follows 登记, from the first consent to the receipt."""
VIDEO_NOTE = {"file_id": "a", "file_unique_id": "b", "length": 1, "duration": 1}
POLL = {
    **{"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True},
    **{"type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False},
}


@pytest.mark.parametrize(
    ("kind", "send"),
    [
        ("voice", lambda person: person.sends_voice()),
        ("voice", lambda person: person.sends({"video_note": VIDEO_NOTE})),
        ("photo", lambda person: person.sends_photo()),
        ("document", lambda person: person.sends_document()),
        ("sticker", lambda person: person.sends_sticker()),
        ("location", lambda person: person.sends_location(34.58, 105.72)),
        ("contact", lambda person: person.sends_contact("+8613812345678", "李四")),
        ("other", lambda person: person.sends({"poll": POLL})),
    ],
)
async def test_what_is_no_text_is_answered_kindly(
    run: Run, server: BotApi, wang: Person, kind: str, send: Callable[[Person], Awaitable[Message]]
) -> None:
    async with run():
        await send(wang)
        await wang.waits_for(1)
        await server.idle()
    assert [message.text for message in wang.inbox] == [getattr(WORDS.notices, kind)]


async def test_a_caption_is_heard_as_well(run: Run, wang: Person) -> None:
    async with run():
        await wang.sends_photo(caption="补贴 资格")
        first, second = await wang.waits_for(2)
    assert first.text == WORDS.notices.photo and "哪个县" in second.text


async def test_ones_own_contact_is_its_number_as_text(run: Run, talk: Talk, wang: Person) -> None:
    async with run():
        await wang.sends_contact("+8613812345678")
        await wang.waits_for(1)
        typed = await talk.run(lambda service: service.said("1", "1:1", CHANNEL))
    assert typed and wang.inbox[0].text == typed[0]["text"] != WORDS.notices.contact


async def test_an_edit_is_not_read_and_a_forwarded_text_is(run: Run, wang: Person) -> None:
    async with run():
        message = await wang.says("补贴 资格")
        await wang.waits_for(1)
        await wang.edits(message, "盲人按摩 资格")
        await wang.waits_for(2)
        await wang.forwards("天水", of="李四")
        await wang.waits_for(3)
    assert wang.inbox[1].text == WORDS.notices.edited
    assert "哪一类残疾" in wang.inbox[2].text


async def test_news_of_the_chat_and_channel_posts_are_not_answered(
    run: Run, server: BotApi, bot: Bot, wang: Person
) -> None:
    async with run():
        await server.channel(5, "公告").posts("残疾人开店有补贴吗")
        await wang.sends({"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}})
        await wang.says("菜单")
        await wang.waits_for(1)
        await server.idle()
    assert len(server.called("sendMessage")) == 1


@pytest.mark.parametrize("edited", [False, True])
async def test_an_id_number_is_deleted_and_not_kept(
    run: Run, server: BotApi, talk: Talk, wang: Person, say: Wording, edited: bool
) -> None:
    async with run():
        message = await wang.says("你好" if edited else ID_NUMBER)
        await wang.waits_for(1)
        if edited:
            await wang.edits(message, f"我的号码 {ID_NUMBER}")
        await wang.waits_for(lambda inbox: bool(inbox) and say("talk.id_number") in inbox[-1].text)
        await server.until(lambda: message.deleted)
        rows = await talk.run(lambda service: service.store.database.query("SELECT sealed FROM turns"))
        kept = await talk.run(lambda service: [service.store.keys.unseal(row["sealed"]) for row in rows])
    assert not any(ID_NUMBER.encode() in row for row in kept)


async def test_a_number_that_cannot_be_deleted_is_refused_all_the_same(
    run: Run, server: BotApi, wang: Person, say: Wording
) -> None:
    server.fails("deleteMessage", bad("message can't be deleted"))
    async with run():
        await wang.says(ID_NUMBER)
        await wang.waits_for(say("talk.id_number"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/menu", "您想做什么"),
        ("/start", "我是助业"),
        ("/start subsidy", "您在哪个县"),
        ("/start training", "您在哪个县"),
        ("/start massage", "您在哪个县"),
        ("/start apply", "您在哪个县"),
        ("/start employer", "您的单位在哪个县"),
        ("/start nonsense", "我是助业"),
        ("/apply@zhuye_bot", "您在哪个县"),
        ("/help", "随时可以写"),
        ("/CANCEL", "您想做什么"),
        ("/nonsense", "没有听懂"),
    ],
)
async def test_commands_and_deep_links_stand_for_sentences(run: Run, wang: Person, text: str, says: str) -> None:
    async with run():
        await wang.says(text)
        inbox = await wang.waits_for(1)
    assert says in inbox[0].text


def test_each_command_and_link_is_understood(materials: Materials) -> None:
    today = datetime.date(2026, 11, 22)
    for sentence in (*(command.says for command in WORDS.commands), *WORDS.links.values()):
        understood = materials.understanding.understand(sentence, today=today)
        assert understood.command or understood.intent, sentence


async def test_choices_are_a_keyboard_of_words_and_go_with_the_question(run: Run, wang: Person) -> None:
    async with run():
        await wang.says("补贴 资格")
        await wang.waits_for(1)
        assert wang.keyboard == ["不知道"]
        await wang.says("天水")
        await wang.waits_for(2)
        assert wang.keyboard[0].startswith("肢体残疾") and len(wang.keyboard) == 8
        await wang.taps(wang.keyboard[1])
        await wang.waits_for("营业执照")
        await wang.says("残疾证去哪儿办")
        await wang.waits_for(5)
        assert wang.keyboard[0].startswith("有，办了")
        await wang.says("菜单")
        await wang.waits_for("您想做什么")
        assert wang.keyboard[0] == "看看能申请哪些补贴"


async def test_a_flood_is_told_once_and_everything_in_it_is_answered(run: Run, server: BotApi, wang: Person) -> None:
    limits = Limits(a_second=10_000, apart=0, flood=5, flood_seconds=60)
    async with run(limits=limits):
        for number in range(12):
            await wang.says(f"创业补贴有多少钱{number}")
        await wang.waits_for(13)
        await server.idle()
    texts = [message.text for message in wang.inbox]
    assert texts.count(WORDS.notices.flood) == 1 and texts.index(WORDS.notices.flood) == 5
    assert len(texts) == 13


async def test_a_long_flood_is_answered_by_its_last_answers_and_a_receipt_is_not_lost(
    run: Run, server: BotApi, bot: Bot, wang: Person, talk: Talk
) -> None:
    def versions(service: Service) -> int:
        return service.store.turns.session(service.store.sender(CHANNEL, "1")).version

    limits = Limits(a_second=10_000, apart=0, flood=5, flood_seconds=60)
    hanging = server.fails("sendMessage", Break.HANG, to=wang)
    async with run(limits=limits):
        await wang.says("登记")
        await server.until(lambda: hanging.hits == 1)
        # What is said while nothing can be sent.
        for words in (*REGISTRATION, *(f"创业补贴有多少钱{number}" for number in range(60)), "菜单"):
            await wang.says(words)
        while (
            await talk.run(lambda s: s.store.turns.session(s.store.sender(CHANNEL, "1")).version)
            < len(REGISTRATION) + 62
        ):
            await asyncio.sleep(0)
        owed = await talk.run(lambda s: s.store.database.query("SELECT count(*) AS n FROM outbox")[0]["n"])
        hanging.release()
        await wang.waits_for("想做什么")
        await server.idle()
    texts = [message.text for message in wang.inbox]
    assert owed <= MOST + 3 and len(texts) == owed
    assert texts.count(WORDS.notices.flood) == 1 and sum("发送好了" in text for text in texts) == 1


async def test_who_waits_sees_that_we_write(run: Run, server: BotApi, talk: Talk, wang: Person) -> None:
    limits = Limits(a_second=10_000, apart=0, typing_seconds=0.01)
    async with run(limits=limits):
        busy = asyncio.create_task(talk.run(lambda service: time.sleep(0.3)))
        await wang.says("菜单")
        await server.until(lambda: bool(server.called("sendChatAction")))
        await busy
        await wang.waits_for(1)
    assert server.called("sendChatAction")[0].parameters["action"] == "typing"


async def test_an_answer_that_fails_is_told_and_the_next_ones_go_on(
    run: Run, talk: Talk, wang: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret words of the person")

    async with run():
        with monkeypatch.context() as patched:
            patched.setattr("bot.service.advance", broken)
            await wang.says("secret words of the person")
            await wang.waits_for(WORDS.notices.failed)
        await wang.says("菜单")
        await wang.waits_for("您想做什么")
    assert "ValueError" in caplog.text and "secret" not in caplog.text


async def test_logs_hold_nothing_of_what_is_said(
    either: TelegramChannel, server: BotApi, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fails("sendMessage", bad("chat not found"))
    for text in ("我是天水的李四", "我的电话13812345678", "菜单"):
        await wang.says(text)
    await wang.waits_for("您想做什么")
    await server.idle()
    assert "chat not found" in caplog.text
    for secret in ("李四", "13812345678", "王芳", "7001:public"):
        assert secret not in "\n".join(
            record.getMessage() for record in caplog.records if record.name != "aiohttp.access"
        )


def test_the_words_are_short_and_fit_telegram() -> None:
    assert len(WORDS.name) <= 64 and len(WORDS.short_description) <= 120 and len(WORDS.description) <= 512
    for command in WORDS.commands:
        assert command.command.isascii() and len(command.command) <= 32 and len(command.description) <= 256
    notices = [getattr(WORDS.notices, field) for field in WORDS.notices.__struct_fields__]
    for text in (*notices, WORDS.description):
        assert all(len(line) <= 60 for line in text.splitlines())
    assert set(WORDS.private_commands) <= {command.command for command in WORDS.commands}


async def test_the_phone_is_given_by_one_tap_where_it_is_asked_for(run: Run, server: BotApi, wang: Person) -> None:
    async with run():
        for text in ("登记", "同意", "同意", "替自己登记", "45岁", "小王"):
            await wang.says(text)
        await server.until(lambda: wang.keyboard[:1] == [WORDS.buttons.phone])
        await wang.sends_contact("+8613812345678")
        await server.until(lambda: WORDS.buttons.phone not in wang.keyboard)
    assert "哪个县" in wang.inbox[-1].text
