"""What the webhook answers, and what fuzzed updates do to the bot: nothing."""

import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.channels.telegram.webhook import FILE, HEADER, Hook, check_address, hook_of
from bot.serving import ChannelError
from bot.settings import Settings
from bot.store.store import open_store
from tests.bot.channels.telegram.conftest import Run
from tests.bot.store.madeup import at
from tests.botapi.bots import Bot
from tests.botapi.people import Person
from tests.botapi.server import BotApi


async def post(bot: Bot, body: bytes, secret: str | None = None) -> int:
    """Post a body to the bot's webhook; the status."""
    headers = {HEADER: bot.webhook.secret if secret is None else secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(bot.webhook.url, data=io.BytesIO(body), headers=headers) as done,
    ):
        return done.status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"[" * 100_000, 400),
        (b"1" * 5000, 400),
        (b"{}", 200),
        (b'{"update_id": 1}', 200),
        (b'{"update_id": 1, "telepathy": {}}', 200),
        (b'{"update_id": "x", "message": 3}', 200),
        (b'{"update_id": 1, "message": {"text": "\\ud800"}}', 200),
        (b" " * (2 << 20), 413),
    ],
    ids=lambda value: repr(value)[:30],
)
async def test_what_is_no_update_is_refused_and_what_is_unknown_is_taken(
    run: Run, bot: Bot, body: bytes, status: int
) -> None:
    async with run(webhook=True):
        assert await post(bot, body) == status


async def test_only_telegram_may_call(run: Run, bot: Bot) -> None:
    async with run(webhook=True):
        for secret in ("", "wrong", "é", bot.webhook.secret + "x"):
            assert await post(bot, b"{}", secret.encode("utf-8").decode("latin-1")) == 403
        elsewhere = bot.webhook.url[:-1] + ("a" if bot.webhook.url[-1] != "a" else "b")
        async with aiohttp.ClientSession() as session, session.post(elsewhere, data=b"{}") as done:
            assert done.status == 404
        async with aiohttp.ClientSession() as session, session.get(bot.webhook.url) as done:
            assert done.status == 405


def test_the_secrets_are_the_same_for_all_processes_and_are_sealed(place: Settings) -> None:
    called = replace(place, public_url="https://zhuye.example.cn")
    with open_store(called) as one, open_store(called) as other:
        hook = hook_of(called, one)
        assert hook and hook_of(called, other) == hook
        assert hook.path != hook.header and len(hook.path) > 40 and len(hook.header) > 40
        assert hook_of(place, one) is None
        kept = one.database.query("SELECT sealed FROM secrets")
        assert not any(hook.path.encode() in bytes(row["sealed"]) for row in kept)


def test_the_secrets_that_an_earlier_version_kept_go_on(tmp_path: Path) -> None:
    settings = replace(at(tmp_path), public_url="https://zhuye.example.cn")
    (tmp_path / FILE).write_text("one\nother\n")
    with open_store(settings) as store:
        assert hook_of(settings, store) == Hook("https://zhuye.example.cn", "one", "other")
        (tmp_path / FILE).unlink()
        assert hook_of(settings, store) == Hook("https://zhuye.example.cn", "one", "other")


@pytest.mark.parametrize("url", ["http://zhuye.example.cn", "http://192.0.2.1:8000"])
def test_an_address_that_is_not_https_is_named(url: str) -> None:
    with pytest.raises(ChannelError, match="ZHUYE_PUBLIC_URL"):
        check_address(url)
    check_address(url.replace("http:", "https:"))
    check_address("http://127.0.0.1:8000")


async def test_polling_after_a_webhook_and_back(run: Run, server: BotApi, bot: Bot, wang: Person) -> None:
    for number, webhook in enumerate((True, False, True), 1):
        async with run(webhook=webhook):
            await wang.says("菜单")
            await wang.waits_for(number)
            await server.idle()
            assert bool(bot.webhook.url) == webhook


IDS = st.integers(-(2**53), 2**53)
TEXTS = st.text(max_size=60) | st.sampled_from(
    ["/start", "/start subsidy", "/", "补贴 资格", "天水", "p:TS-31:1:0", "1"]
)
CHATS = st.fixed_dictionaries({"id": IDS, "type": st.sampled_from(["private", "group", "supergroup", "channel", "?"])})
USERS = st.fixed_dictionaries({"id": IDS, "is_bot": st.booleans(), "first_name": TEXTS})
ENTITIES = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["bot_command", "mention", "text_mention", "url"]),
            "offset": st.integers(-5, 90),
            "length": st.integers(-5, 90),
        },
        optional={"user": USERS},
    ),
    max_size=3,
)
FILE_LIKE = st.fixed_dictionaries(
    {"file_id": TEXTS, "file_unique_id": TEXTS}, optional={"duration": IDS, "width": IDS, "height": IDS}
)
NOBODY = st.lists(USERS, max_size=1)


def messages() -> st.SearchStrategy[dict[str, Any]]:
    always: dict[str, st.SearchStrategy[Any]] = {"message_id": IDS, "date": st.integers(0, 2**31), "chat": CHATS}
    sometimes: dict[str, st.SearchStrategy[Any]] = {
        **{"from": USERS, "text": TEXTS, "caption": TEXTS, "entities": ENTITIES, "caption_entities": ENTITIES},
        **{"voice": FILE_LIKE, "document": FILE_LIKE, "photo": st.lists(FILE_LIKE, max_size=2)},
        "contact": st.fixed_dictionaries({"phone_number": TEXTS, "first_name": TEXTS}, optional={"user_id": IDS}),
        "location": st.fixed_dictionaries({"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)}),
        **{"edit_date": IDS, "migrate_to_chat_id": IDS, "reply_to_message": MESSAGES, "new_chat_members": NOBODY},
    }
    return st.fixed_dictionaries(always, optional=sometimes)


MESSAGES = st.deferred(messages)
MEMBERS = st.fixed_dictionaries(
    {"status": st.sampled_from(["member", "kicked", "left", "?"]), "user": USERS}, optional={"until_date": IDS}
)
QUERIES = st.fixed_dictionaries(
    {"id": TEXTS, "from": USERS, "chat_instance": TEXTS}, optional={"message": MESSAGES, "data": TEXTS}
)
CHANGES = st.fixed_dictionaries(
    {"chat": CHATS, "from": USERS, "date": IDS, "old_chat_member": MEMBERS, "new_chat_member": MEMBERS}
)
JSON = st.recursive(
    st.none() | st.booleans() | IDS | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CONTENT = {
    **dict.fromkeys(("message", "edited_message", "channel_post"), MESSAGES),
    **{"callback_query": QUERIES, "my_chat_member": CHANGES, "poll": JSON, "telepathy": JSON},
}
UPDATES = st.one_of([st.fixed_dictionaries({kind: content | JSON}) for kind, content in CONTENT.items()])


async def test_nothing_that_comes_stops_the_bot(run: Run, server: BotApi, bot: Bot, wang: Person) -> None:
    """Updates of every shape, by polling and to the webhook: the bot answers the next person as if nothing were."""
    fuzzed: list[Any] = []

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(update=UPDATES)
    def collect(update: dict[str, Any]) -> None:
        fuzzed.append(update)

    collect()
    async with run():
        for update in fuzzed:
            await bot.hears_raw(update)
        await wang.says("菜单")
        await wang.waits_for("想做什么", within=30)
    async with run(webhook=True):
        for update in fuzzed:
            await bot.hears_raw(update)
        await wang.says("补贴 资格")
        await wang.waits_for("哪个县", within=30)
        await server.idle()
        assert set(bot.webhook.statuses) == {200}
    assert len(fuzzed) > 100
