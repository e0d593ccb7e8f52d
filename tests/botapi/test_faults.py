"""Which calls a fault strikes, and what else a test may ask of the server."""

import pytest

from tests.botapi import methods
from tests.botapi.bots import Bot
from tests.botapi.conftest import Api
from tests.botapi.errors import blocked, broken, too_many
from tests.botapi.people import Person
from tests.botapi.server import BotApi

OTHER = "7002:desk"


async def test_a_fault_strikes_the_nth_call_and_so_many_after_it(api: Api, server: BotApi, wang: Person) -> None:
    await wang.says("/start")
    fault = server.fails("sendMessage", too_many(3), nth=2, times=2)
    answers = [await api("sendMessage", chat_id=1, text=text) for text in "甲乙丙丁"]
    assert [isinstance(answer, str) for answer in answers] == [False, True, True, False]
    assert answers[1] == "Too Many Requests: retry after 3" and fault.hits == 2
    assert [call.status for call in server.refused] == [429, 429]
    assert [message.text for message in wang.inbox] == ["甲", "丁"]


async def test_a_fault_strikes_one_chat_one_method_one_bot(api: Api, server: BotApi, wang: Person) -> None:
    desk = server.bot(OTHER, username="desk_bot")
    li = server.person(2, "李", bot=wang.bot)
    staff = server.person(1, "王芳", bot=desk)
    for person in (wang, li, staff):
        await person.says("/start")
    server.fails("sendMessage", blocked(), to=wang, times=9)
    server.fails("getMe", broken(), bot=desk, times=9)
    refused = "Forbidden: bot was blocked by the user"
    assert await api("sendMessage", chat_id=1, text="a") == refused
    assert await api("sendChatAction", chat_id=1, action="typing") is True
    assert (await api("sendMessage", chat_id=2, text="a"))["chat"]["id"] == 2
    assert (await api("sendMessage", token=OTHER, chat_id=1, text="a"))["from"]["id"] == 7002
    assert (await api("getMe"))["id"] == 7001
    assert await api("getMe", token=OTHER) == "Internal Server Error"


async def test_bots_share_neither_chats_nor_updates(api: Api, server: BotApi, wang: Person) -> None:
    desk = server.bot(OTHER, username="desk_bot")
    staff = server.person(1, "王芳", bot=desk)
    await staff.says("/start")
    assert await api("sendMessage", chat_id=1, text="a") == "Bad Request: chat not found"
    assert await api("getUpdates") == [] and len(await api("getUpdates", token=OTHER)) == 1
    await api("sendMessage", token=OTHER, chat_id=1, text="a")
    assert len(staff.inbox) == 1 and not wang.inbox
    with pytest.raises(AssertionError, match="name the bot: there are 2"):
        server.person(3, "李")


async def test_every_call_is_recorded(api: Api, server: BotApi, bot: Bot, wang: Person) -> None:
    await wang.says("/start")
    await api("SENDMESSAGE", form=True, chat_id=1, text="[1]", reply_markup='{"inline_keyboard": []}')
    await api("nonsense")
    await api("getMe", token="7001:other")
    assert [(call.method, call.token, call.status) for call in server.calls] == [
        ("sendMessage", bot.token, 200),
        ("nonsense", bot.token, 400),
        ("getMe", "7001:other", 401),
    ]
    assert server.calls[0].parameters == {"chat_id": 1, "text": "[1]", "reply_markup": {"inline_keyboard": []}}
    assert server.called("sendMessage", bot) == server.calls[:1] and server.refused == server.calls[1:]
    assert server.calls[0].time <= server.calls[1].time


async def test_a_bug_of_the_server_is_told_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "DOES", dict.fromkeys(methods.DOES, lambda bot, call: 1 // 0))
    with pytest.raises(ExceptionGroup, match="has failed"):
        async with BotApi() as server:
            bot = server.bot("7001:public", username="zhuye_bot")
            with pytest.raises(ZeroDivisionError):
                await server._call(bot, "getMe", {})
