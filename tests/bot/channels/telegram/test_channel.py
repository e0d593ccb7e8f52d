"""Starting: who the bot is, what is wrong with the settings, and what Telegram shows of it."""

import asyncio
import re
import socket

import pytest
from starlette.routing import BaseRoute

from bot.channels.limits import Limits
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import Hook
from bot.channels.telegram.words import load_words
from bot.ownership import Ownership
from bot.serving import ChannelError, listen, serve
from tests.bot.channels.telegram.conftest import FAST, Run, Talk
from tests.botapi.bots import Bot
from tests.botapi.errors import broken, too_many
from tests.botapi.fixtures import TOKEN
from tests.botapi.people import Person
from tests.botapi.server import BotApi

WORDS = load_words()


@pytest.mark.parametrize("token", ["7001:other", "nonsense", "7001:", "a b:c"])
async def test_a_wrong_token_is_named_and_the_others_go_on(
    server: BotApi, bot: Bot, talk: Talk, ownership: Ownership, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Other:
        name = "other"
        ended = False

        def routes(self) -> list[BaseRoute]:
            return []

        async def run(self, stop: asyncio.Event) -> None:
            while "ZHUYE_TELEGRAM_TOKEN" not in caplog.text:
                await asyncio.sleep(0.01)
            stop.set()
            self.ended = True

    other = Other()
    channel = TelegramChannel(talk, ownership, token, server.base, None, FAST)
    assert not await serve([channel, other], listen("127.0.0.1", 0), asyncio.Event())
    assert other.ended and "@BotFather" in caplog.text and token not in caplog.text


async def test_an_address_that_is_not_https_is_a_fault_of_its_setting(
    server: BotApi, bot: Bot, talk: Talk, ownership: Ownership
) -> None:
    hook = Hook("http://zhuye.example.cn", "path", "header")
    channel = TelegramChannel(talk, ownership, TOKEN, server.base, hook, FAST)
    with pytest.raises(ChannelError, match="ZHUYE_PUBLIC_URL"):
        await channel.run(asyncio.Event())


async def test_it_keeps_trying_to_reach_telegram_and_says_so(
    run: Run, server: BotApi, bot: Bot, wang: Person, caplog: pytest.LogCaptureFixture
) -> None:
    server.fails("getMe", broken(), times=3)
    async with run():
        await wang.says("菜单")
        await wang.waits_for(1)
    said = [record.getMessage() for record in caplog.records if "cannot be reached" in record.getMessage()]
    assert len(said) == 3 and all(line.startswith("ZHUYE_TELEGRAM_API: ") for line in said)


async def test_it_ends_when_told_even_if_telegram_was_never_reached(talk: Talk, ownership: Ownership) -> None:
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    channel = TelegramChannel(talk, ownership, TOKEN, f"http://127.0.0.1:{port}", None, Limits(shortest_wait=60))
    running = asyncio.create_task(channel.run(stop))
    asyncio.get_running_loop().call_later(0.2, stop.set)
    await asyncio.wait_for(running, 5)


async def test_the_profile_is_set_once_and_then_left(run: Run, server: BotApi, bot: Bot, wang: Person) -> None:
    for starts in (1, 2):
        async with run():
            await server.until(lambda: len(server.called("getMyCommands")) == starts)  # noqa: B023
            await wang.says("菜单")
            await wang.waits_for(starts)
            await server.idle()
    for method in ("setMyDescription", "setMyShortDescription", "setMyCommands"):
        assert len(server.called(method)) == 1, method
    assert not server.called("setMyName"), "it is named so already"
    assert bot.texts["description", ""] == WORDS.description
    (commands,) = bot.commands.values()
    assert [command["command"] for command in commands] == [command.command for command in WORDS.commands]
    assert all(re.search("[\u4e00-\u9fff]", command["description"]) for command in commands)


async def test_a_profile_that_cannot_be_set_stops_nothing(run: Run, server: BotApi, wang: Person) -> None:
    server.fails("setMyDescription", too_many(100))
    async with run():
        await wang.says("菜单")
        await wang.waits_for(1)
