"""Both libraries talk with the server as with Telegram: by polling, at a webhook, and when things go wrong."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
import telegram
from aiogram import exceptions
from aiogram.types import BotCommand, BufferedInputFile
from telegram import error

from tests.botapi.bots import Bot
from tests.botapi.echoes import aiogram_bot, aiogram_polling, telegram_polling, telegram_webhook
from tests.botapi.errors import Refused, bad, blocked, broken, too_many
from tests.botapi.faults import Break
from tests.botapi.fixtures import TOKEN
from tests.botapi.people import Person
from tests.botapi.server import BotApi

ECHOES = (aiogram_polling, telegram_polling, telegram_webhook)


@pytest.fixture(params=ECHOES, ids=lambda echo: echo.__name__)
async def echo(request: pytest.FixtureRequest, server: BotApi, bot: Bot) -> AsyncIterator[str]:
    async with request.param(server.base, TOKEN):
        yield request.param.__name__


async def test_an_echo_answers_and_its_button_changes_the_message(
    echo: str, server: BotApi, bot: Bot, wang: Person
) -> None:
    await wang.says("42")
    await wang.waits_for("42")
    press = await wang.presses("改")
    await wang.waits_for("42!")
    await server.idle()
    assert press.answer == {"text": "好"}
    assert [(message.text, message.buttons) for message in wang.inbox] == [("42!", [])]
    assert {call.status for call in server.calls if call.method != "getUpdates"} == {200}
    assert bool(bot.webhook.statuses) == (echo == "telegram_webhook")


@pytest.mark.filterwarnings("ignore:Detected unknown update type:RuntimeWarning")
async def test_updates_twice_and_in_another_order_reach_the_bot(
    echo: str, server: BotApi, bot: Bot, wang: Person
) -> None:
    async with bot.held() as updates:
        await wang.says("甲")
        await wang.says("乙")
        updates.reverse()
        await bot.hears_again(bot.updates.log[0])
    inbox = await wang.waits_for(3)
    assert sorted(message.text for message in inbox) == ["乙", "甲", "甲"]
    await server.idle()
    bot.updates.jump(7)
    await wang.says("丙")
    await bot.hears_raw({"telepathy": {}})
    await wang.waits_for("丙")
    await server.idle()


async def test_what_a_bot_did_not_confirm_comes_again(server: BotApi, bot: Bot, wang: Person) -> None:
    await wang.says("甲")
    fault = server.fails("getUpdates", Break.REPLY_LOST)
    async with aiogram_polling(server.base, TOKEN):
        await wang.waits_for("甲")
        await server.idle()
    assert fault.hits == 1 and len(wang.inbox) == 1


@dataclass
class Client:
    """What both libraries can do, and what they call the ways to fail."""

    send: Callable[[str], Coroutine[Any, Any, Any]]
    send_file: Callable[[bytes, str], Coroutine[Any, Any, Any]]
    set_commands: Callable[[str], Coroutine[Any, Any, Any]]
    names: Callable[[Any], type[Exception]]


@pytest.fixture(params=["aiogram", "telegram"])
async def client(
    request: pytest.FixtureRequest, server: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Client]:
    # Else python-telegram-bot warns whoever looks at RetryAfter.retry_after.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    if request.param == "aiogram":
        async with aiogram_bot(server.base, TOKEN) as one:
            yield Client(
                lambda text: one.send_message(1, text),
                lambda data, name: one.send_document(1, BufferedInputFile(data, name), caption="表"),
                lambda name: one.set_my_commands([BotCommand(command=name, description="开始")]),
                lambda names: names[0],
            )
    else:
        async with telegram.Bot(TOKEN, f"{server.base}/bot", f"{server.base}/file/bot") as other:
            yield Client(
                lambda text: other.send_message(1, text),
                lambda data, name: other.send_document(1, io.BytesIO(data), filename=name, caption="表"),
                lambda name: other.set_my_commands([(name, "开始")]),
                lambda names: names[1],
            )


@pytest.mark.parametrize(
    ("how", "names"),
    [
        (too_many(3), (exceptions.TelegramRetryAfter, error.RetryAfter)),
        (blocked(), (exceptions.TelegramForbiddenError, error.Forbidden)),
        (bad("message is too long"), (exceptions.TelegramBadRequest, error.BadRequest)),
        (broken(), (exceptions.TelegramServerError, error.NetworkError)),
        (Break.CLOSED, (exceptions.TelegramNetworkError, error.NetworkError)),
        (Break.REPLY_LOST, (exceptions.TelegramNetworkError, error.NetworkError)),
    ],
    ids=str,
)
async def test_a_fault_is_what_the_library_calls_it(
    client: Client, server: BotApi, wang: Person, how: Refused | Break, names: Any
) -> None:
    await wang.says("/start")
    fault = server.fails("sendMessage", how, to=wang, nth=2)
    await client.send("甲")
    with pytest.raises(client.names(names)) as raised:
        await client.send("乙")
    await client.send("丙")
    assert fault.hits == 1
    if isinstance(how, Refused):
        assert how.description.partition(": ")[2].lower() in str(raised.value).lower() or how.code in (429, 500)
    else:
        assert not isinstance(raised.value, error.TimedOut)
    # A call whose reply is lost was done.
    assert [message.text for message in wang.inbox] == ["甲", *(["乙"] if how is Break.REPLY_LOST else []), "丙"]
    statuses = {Break.CLOSED: None, Break.REPLY_LOST: 200}
    expected = how.code if isinstance(how, Refused) else statuses[how]
    assert [call.status for call in server.called("sendMessage")] == [200, expected, 200]


async def test_a_call_hangs_until_it_is_released(client: Client, server: BotApi, wang: Person) -> None:
    await wang.says("/start")
    fault = server.fails("sendMessage", Break.HANG)
    sending = asyncio.create_task(client.send("甲"))
    await server.until(lambda: fault.hits == 1)
    await client.send("乙")
    assert [message.text for message in wang.inbox] == ["乙"] and not sending.done()
    fault.release()
    await sending
    assert [message.text for message in wang.inbox] == ["乙", "甲"]


async def test_a_file_arrives_as_it_was_sent(client: Client, server: BotApi, bot: Bot, wang: Person) -> None:
    await wang.says("/start")
    await client.send_file(b"PK\x03\x04", "登记.xlsx")
    (message,) = wang.inbox
    about = message.body["document"]
    assert message.text == "表" and about["file_name"] == "登记.xlsx" and about["file_size"] == 4
    assert bot.files.find(about["file_id"]).data == b"PK\x03\x04"
    with pytest.raises(client.names((exceptions.TelegramBadRequest, error.BadRequest)), match="non-empty"):
        await client.send_file(b"", "a.xlsx")


async def test_commands_are_checked_whatever_library_sends_them(client: Client, bot: Bot) -> None:
    await client.set_commands("start")
    assert list(bot.commands.values()) == [[{"command": "start", "description": "开始"}]]
    with pytest.raises(
        client.names((exceptions.TelegramBadRequest, error.BadRequest)), match=r"(?i)BOT_COMMAND_INVALID"
    ):
        await client.set_commands("Start")


async def test_whoever_waits_in_vain_is_told_what_there_is(server: BotApi, bot: Bot, wang: Person) -> None:
    await wang.says("/start")
    with pytest.raises(AssertionError, match=r"waited for 1; the inbox holds \[\]"):
        await wang.waits_for(1, within=0.01)
    with pytest.raises(AssertionError, match=r"not confirmed: .*/start"):
        await server.idle(within=0.01)
