"""How updates are given out: by polling and at a webhook, again and again until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.botapi import delivery
from tests.botapi.bots import Bot
from tests.botapi.conftest import Api
from tests.botapi.fixtures import TOKEN
from tests.botapi.people import Person
from tests.botapi.server import BotApi

SECRET = "a-Secret_1"
HOUR = 3600


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_come_again_until_an_offset_confirms_them(api: Api, server: BotApi, wang: Person) -> None:
    for text in "甲乙丙":
        await wang.says(text)
    first = await api("getUpdates", limit=2)
    assert texts(first) == ["甲", "乙"] and texts(await api("getUpdates")) == ["甲", "乙", "丙"]
    assert texts(await api("getUpdates", offset=first[1]["update_id"])) == ["乙", "丙"]
    assert texts(await api("getUpdates", offset=-1)) == ["丙"]
    assert await api("getUpdates", offset=first[1]["update_id"] + 2) == []
    await server.idle()


async def test_an_update_is_as_it_was_when_it_came(api: Api, wang: Person) -> None:
    said = await wang.says("甲")
    await wang.edits(said, "乙")
    first, second = await api("getUpdates")
    assert (first["message"]["text"], second["edited_message"]["text"]) == ("甲", "乙")


async def test_ids_may_jump_to_a_lower_number(api: Api, bot: Bot, wang: Person) -> None:
    await wang.says("甲")
    (first,) = await api("getUpdates")
    assert await api("getUpdates", offset=first["update_id"] + 1) == []
    bot.updates.jump(77)
    await wang.says("乙")
    (second,) = await api("getUpdates", offset=first["update_id"] + 1)
    assert second["update_id"] == 77
    assert await api("getUpdates", offset=78) == []


async def test_only_the_kinds_asked_for_are_queued(api: Api, wang: Person) -> None:
    await api("getUpdates", allowed_updates=["edited_message"])
    said = await wang.says("甲")
    await wang.edits(said, "乙")
    assert [sorted(update) for update in await api("getUpdates")] == [["edited_message", "update_id"]]
    await api("getUpdates", offset=-1, allowed_updates=[])
    await wang.says("丙")
    assert texts((await api("getUpdates"))[1:]) == ["丙"]


async def test_a_long_poll_ends_with_an_update_or_a_newer_poll(
    api: Api, bot: Bot, server: BotApi, wang: Person
) -> None:
    async with asyncio.TaskGroup() as tasks:
        older = tasks.create_task(api("getUpdates", timeout=HOUR))
        await server.until(lambda: bot.poll == 1)
        newer = tasks.create_task(api("getUpdates", timeout=HOUR))
        await server.until(lambda: bot.poll == 2)
        await wang.says("甲")
    assert texts(newer.result()) == ["甲"]
    assert older.result() == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


async def test_updates_twice_in_another_order_and_of_unknown_kinds(api: Api, bot: Bot, wang: Person) -> None:
    async with bot.held() as updates:
        await wang.says("甲")
        await wang.says("乙")
        assert await api("getUpdates") == []
        updates.reverse()
    second, first = await api("getUpdates")
    assert texts([second, first]) == ["乙", "甲"] and second["update_id"] == first["update_id"] + 1
    assert await api("getUpdates", offset=second["update_id"] + 1) == []
    await bot.hears_again(first)
    assert await api("getUpdates", offset=second["update_id"] + 1) == [first]
    strange = await bot.hears_raw({"telepathy": {"text": 3}})
    assert await api("getUpdates", offset=second["update_id"] + 1) == [strange]
    assert strange["update_id"] == second["update_id"] + 1


class Hook:
    """A bot's webhook: what it was posted, and what it answers next (200 when nothing is left)."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response] = []
        self.arrived = asyncio.Semaphore(0)
        self.open = asyncio.Event()
        self.open.set()

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.arrived.release()
        await self.open.wait()
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def test_a_webhook_gets_the_updates_with_the_secret(api: Api, server: BotApi, wang: Person, hook: Hook) -> None:
    await wang.says("甲")
    poll = asyncio.create_task(api("getUpdates", offset=-1, timeout=HOUR, allowed_updates=["message"]))
    assert texts(await poll) == ["甲"]
    assert await api("setWebhook", url=hook.url, secret_token=SECRET, max_connections=1) is True
    await wang.says("乙")
    await server.idle()
    assert texts(hook.posts) == ["甲", "乙"] and set(hook.secrets) == {SECRET}
    assert await api("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    info = await api("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (hook.url, 0, 1)
    assert info["allowed_updates"] == ["message"] and "last_error_date" not in info
    await api("deleteWebhook")
    await wang.says("丙")
    assert texts(await api("getUpdates")) == ["丙"] and len(hook.posts) == 2
    assert (await api("getWebhookInfo"))["url"] == ""


async def test_held_updates_reach_a_webhook_together(
    api: Api, bot: Bot, server: BotApi, wang: Person, hook: Hook
) -> None:
    await api("setWebhook", url=hook.url)
    async with bot.held() as updates:
        await wang.says("甲")
        await wang.says("乙")
        assert (await api("getWebhookInfo"))["pending_update_count"] == 2
        updates.reverse()
    await bot.hears_again(bot.updates.log[0])
    await server.idle()
    assert texts(hook.posts) == ["乙", "甲", "甲"]


async def test_setting_a_webhook_ends_a_long_poll(api: Api, bot: Bot, server: BotApi, wang: Person, hook: Hook) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=HOUR))
    await server.until(lambda: bot.poll == 1)
    await api("setWebhook", url=hook.url)
    assert await poll == "Conflict: terminated by setWebhook request"


@pytest.mark.parametrize("backoff", [None, 0.001])
async def test_what_a_webhook_does_not_take_comes_again_in_order(
    api: Api, bot: Bot, server: BotApi, wang: Person, hook: Hook, backoff: float | None
) -> None:
    bot.webhook.backoff = backoff
    hook.answers = [web.Response(status=500), web.Response(status=302)]
    await api("setWebhook", url=hook.url)
    await wang.says("甲")
    await wang.says("乙")
    if backoff is None:
        for tries in (1, 2):
            await server.until(lambda: len(bot.webhook.statuses) == tries)  # noqa: B023
            info = await api("getWebhookInfo")
            assert info["pending_update_count"] == 2
            assert info["last_error_message"].startswith("Wrong response from the webhook: ")
            bot.webhook.retry()
    await server.idle()
    assert texts(hook.posts) == ["甲", "甲", "甲", "乙"] and bot.webhook.statuses == [500, 302, 200, 200]
    assert len({post["update_id"] for post in hook.posts}) == 2


async def test_chats_do_not_wait_for_each_other(api: Api, server: BotApi, wang: Person, hook: Hook) -> None:
    li = server.person(2, "李")
    await api("setWebhook", url=hook.url)
    hook.open.clear()
    await wang.says("甲")
    await wang.says("乙")
    await li.says("丙")
    await hook.arrived.acquire()
    await hook.arrived.acquire()
    assert texts(hook.posts) == ["甲", "丙"]
    hook.open.set()
    await server.idle()
    assert texts(hook.posts) == ["甲", "丙", "乙"]


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_webhooks_answer_may_be_a_call(api: Api, wang: Person, hook: Hook, as_json: bool) -> None:
    await api("setWebhook", url=hook.url)
    call = {"method": "sendMessage", "chat_id": "1", "text": "好"}
    if as_json:
        hook.answers = [web.json_response(call)]
    else:
        form = aiohttp.MultipartWriter("form-data")
        for name, value in call.items():
            form.append(value).set_content_disposition("form-data", name=name)
        hook.answers = [web.Response(body=form, headers=form.headers)]
    await wang.says("甲")
    await wang.waits_for("好")


async def test_pending_updates_may_be_dropped(api: Api, wang: Person) -> None:
    for drop, left in ((False, ["甲"]), (True, [])):
        await wang.says("甲")
        await api("deleteWebhook", drop_pending_updates=drop)
        assert texts(await api("getUpdates")) == left


async def test_a_dead_webhook_leaves_the_updates(api: Api, bot: Bot, server: BotApi, wang: Person, hook: Hook) -> None:
    bot.webhook.backoff = None
    await api("setWebhook", url="https://bot.example/hook")
    await wang.says("甲")
    await server.until(lambda: bool(bot.webhook.error))
    assert (await api("getWebhookInfo"))["last_error_message"] == "Connection refused"
    await api("setWebhook", url=hook.url)
    await server.idle()
    assert texts(hook.posts) == ["甲"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"url": "http://bot.example/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://bot.example:8000"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https:///hook"}, "invalid webhook URL specified"),
        ({"url": "https://bot.example", "secret_token": "秘密"}, "secret token contains unallowed characters"),
        ({"url": "https://bot.example", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_a_webhook_has_an_https_address(api: Api, fields: dict[str, str], refusal: str) -> None:
    assert await api("setWebhook", **fields) == f"Bad Request: {refusal}"
    assert (await api("getWebhookInfo"))["url"] == ""


async def test_webhooks_on_this_machine_must_be_allowed() -> None:
    async with BotApi() as server:
        bot = server.bot(TOKEN, username="zhuye_bot")
        async with aiohttp.ClientSession() as session:
            address = f"{server.base}/bot{bot.token}/setWebhook"
            async with session.post(address, data={"url": "http://127.0.0.1:8000/"}) as response:
                assert (await response.json())["description"].endswith("An HTTPS URL must be provided for webhook")


async def test_a_long_poll_without_updates_ends_with_none(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "LONGEST_POLL", 0.01)
    assert await api("getUpdates", timeout=HOUR) == []
