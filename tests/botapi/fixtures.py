"""A server with one bot and one person: fixtures, for the conftest that wants them."""

from collections.abc import AsyncIterator

import pytest

from tests.botapi.bots import Bot
from tests.botapi.people import Person
from tests.botapi.server import BotApi

TOKEN = "7001:public"


@pytest.fixture
async def server() -> AsyncIterator[BotApi]:
    async with BotApi(loopback_webhooks=True) as running:
        yield running


@pytest.fixture
def bot(server: BotApi) -> Bot:
    return server.bot(TOKEN, username="zhuye_bot", name="助业")


@pytest.fixture
def wang(server: BotApi, bot: Bot) -> Person:
    return server.person(1, "王芳")
