"""A server with one bot and one person."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from tests.botapi.bots import Bot
from tests.botapi.fixtures import TOKEN, bot, server, wang
from tests.botapi.server import BotApi

__all__ = ["bot", "server", "wang"]
Api = Callable[..., Coroutine[Any, Any, Any]]


@pytest.fixture
async def api(server: BotApi, bot: Bot) -> AsyncIterator[Api]:
    """`await api("sendMessage", chat_id=1, …)`: the result, or what was wrong; `form=True` sends a form, not JSON."""
    async with aiohttp.ClientSession() as session:

        async def call(method: str, *, token: str = TOKEN, form: bool = False, **fields: Any) -> Any:
            sent = {"data": {key: str(value) for key, value in fields.items()}} if form else {"json": fields}
            async with session.post(f"{server.base}/bot{token}/{method}", **sent) as response:
                body = await response.json()
                assert body["ok"] == (response.status == 200) and body.get("error_code", 200) == response.status
                return body["result"] if body["ok"] else body["description"]

        yield call
