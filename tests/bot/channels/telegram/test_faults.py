"""What goes wrong with Telegram, with the store, with the process: no answer is lost, none is handled twice."""

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.channels.limits import Limits
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.sending import CHANNEL
from bot.channels.telegram.words import load_words
from bot.service import Service
from bot.store.base import StoreError
from bot.store.outbox import Letter
from tests.bot.channels.telegram.conftest import Run, Talk
from tests.bot.store.madeup import add, registration
from tests.botapi.bots import Bot
from tests.botapi.errors import Refused, bad, blocked, broken, conflict, too_many, unauthorized
from tests.botapi.faults import Break
from tests.botapi.people import Person
from tests.botapi.server import BotApi


def turns(service: Service, user: str = "1") -> int:
    """How many turns the person's session has had."""
    return service.store.turns.session(service.store.sender(CHANNEL, user)).version


async def test_updates_twice_reordered_and_with_random_ids_are_one_turn_each(
    either: TelegramChannel, server: BotApi, bot: Bot, talk: Talk, wang: Person
) -> None:
    async with bot.held() as updates:
        for text in ("菜单", "补贴 资格", "天水"):
            await wang.says(text)
        for update in list(bot.updates.log):
            await bot.hears_again(update)
        updates[3:] = reversed(updates[3:])
        updates.insert(0, updates.pop())
    await wang.waits_for(3)
    await server.idle()
    bot.updates.jump(7)
    await wang.says("重听")
    await wang.waits_for(4)
    await server.idle()
    assert await talk.run(turns) == 4 and len(wang.inbox) == 4


@pytest.mark.parametrize("webhook", [False, True])
async def test_what_cannot_be_stored_comes_again(
    run: Run,
    server: BotApi,
    bot: Bot,
    talk: Talk,
    wang: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    webhook: bool,
) -> None:
    store = await talk.run(lambda service: service.store)
    owe, failures = store.outbox.owe, iter(range(3))

    def full(channel: str, sender: str, letters: Sequence[Letter], now: float, *, most: int) -> None:
        if next(failures, None) is not None:
            raise StoreError(tmp_path, "full")
        owe(channel, sender, letters, now, most=most)

    monkeypatch.setattr(store.outbox, "owe", full)
    async with run(webhook=webhook):
        await wang.says("补贴 资格")
        await wang.says("天水")
        await wang.waits_for(2)
        await server.idle()
    assert "哪个县" in wang.inbox[0].text and "哪一类残疾" in wang.inbox[1].text
    assert await talk.run(turns) == 2
    assert bot.webhook.statuses.count(500) == (3 if webhook else 0)


@pytest.mark.parametrize("webhook", [False, True])
async def test_what_no_key_opens_is_told_to_its_person_and_holds_nobody_up(
    run: Run, server: BotApi, talk: Talk, wang: Person, webhook: bool
) -> None:
    li = server.person(2, "李四")

    def damage(service: Service) -> None:
        store = service.store
        sender = store.sender(CHANNEL, "1")
        add(store, sender, registration())
        store.database.execute("UPDATE registrations SET sealed = ? WHERE sender = ?", (b"damaged", sender))

    await talk.run(damage)
    async with run(webhook=webhook):
        await wang.says("我的信息")
        await wang.waits_for(load_words().notices.failed)
        await li.says("菜单")
        await li.waits_for("想做什么")
        await server.idle()


@pytest.mark.parametrize("how", [broken(), Break.CLOSED, Break.REPLY_LOST, Refused(502, "<html>")], ids=str)
async def test_what_fails_to_be_sent_is_sent_again_in_order(
    run: Run, server: BotApi, wang: Person, how: Refused | Break
) -> None:
    server.fails("sendMessage", how, times=2)
    async with run():
        for text in ("菜单", "补贴 资格", "天水"):
            await wang.says(text)
        await wang.waits_for("哪一类残疾")
        await server.idle()
    texts = [message.text for message in wang.inbox]
    once = list(dict.fromkeys(texts))
    assert ["想做什么" in once[0], "哪个县" in once[1], "哪一类" in once[2]] == [True] * 3 and len(once) == 3
    assert len(texts) == (5 if how is Break.REPLY_LOST else 3)


async def test_retry_after_is_obeyed_and_others_do_not_wait(run: Run, server: BotApi, wang: Person) -> None:
    li = server.person(2, "李四")
    server.fails("sendMessage", too_many(1), to=wang)
    async with run():
        await wang.says("菜单")
        await server.until(lambda: bool(server.refused))
        await li.says("菜单")
        await li.waits_for(1)
        assert not wang.inbox
        await wang.waits_for(1)
    calls = [call for call in server.called("sendMessage") if call.parameters["chat_id"] == 1]
    assert [call.status for call in calls] == [429, 200] and calls[1].time - calls[0].time >= 1


async def test_who_blocked_the_bot_is_marked_and_left_alone(run: Run, server: BotApi, talk: Talk, wang: Person) -> None:
    def keep(service: Service) -> None:
        service.store.recipients.keep(service.store.sender(CHANNEL, "1"), CHANNEL, "1", notices=True)

    def is_blocked(service: Service) -> bool:
        recipient = service.store.recipients.get(service.store.sender(CHANNEL, "1"))
        return recipient is not None and recipient.blocked

    await talk.run(keep)
    server.fails("sendMessage", blocked(), to=wang)
    async with run():
        await wang.says("我是天水的，视力一级，想开个按摩店")
        await wang.says("是第一次")
        await server.until(lambda: bool(server.refused))
        while not await talk.run(is_blocked):
            await asyncio.sleep(0)
        await server.idle()
        await wang.blocks()
        await wang.unblocks()
        await wang.says("菜单")
        await wang.waits_for("想做什么")
        assert not await talk.run(is_blocked)
        await wang.blocks()
        while not await talk.run(is_blocked):
            await asyncio.sleep(0)
    assert await talk.run(lambda service: service.store.outbox.next_due(CHANNEL, 0)) is None


async def test_what_telegram_refuses_is_dropped_and_the_next_is_sent(
    run: Run, server: BotApi, wang: Person, talk: Talk
) -> None:
    server.fails("sendMessage", bad("message is too long"))
    async with run():
        await wang.says("菜单")
        await wang.says("补贴 资格")
        await wang.waits_for("哪个县")
    assert len(wang.inbox) == 1
    assert await talk.run(lambda service: service.store.outbox.next_due(CHANNEL, 0)) is None


@pytest.mark.parametrize("how", [broken(), Break.CLOSED, Break.REPLY_LOST, conflict("other")], ids=str)
async def test_polling_goes_on_after_a_failure(
    run: Run, server: BotApi, talk: Talk, wang: Person, how: Refused | Break
) -> None:
    server.fails("getUpdates", how, times=3, nth=2)
    async with run():
        for text in ("菜单", "补贴 资格", "天水"):
            await wang.says(text)
            await wang.waits_for(lambda inbox: len(inbox) >= len(server.called("sendMessage")) > 0)
        await wang.waits_for("哪一类残疾")
        await server.idle()
    assert await talk.run(turns) == 3


async def test_a_call_that_hangs_holds_up_its_own_chat_only(run: Run, server: BotApi, wang: Person) -> None:
    li = server.person(2, "李四")
    fault = server.fails("sendMessage", Break.HANG, to=wang)
    async with run():
        await wang.says("菜单")
        await server.until(lambda: fault.hits == 1)
        await wang.says("补贴 资格")
        await li.says("菜单")
        await li.waits_for(1)
        assert not wang.inbox
        fault.release()
        await wang.waits_for(2)


async def test_what_is_owed_at_the_end_is_sent_at_the_next_start(
    run: Run, server: BotApi, talk: Talk, wang: Person
) -> None:
    server.fails("sendMessage", broken(), times=1000)
    slow = Limits(a_second=10_000, apart=0, shortest_wait=30)
    async with run(limits=slow):
        await wang.says("菜单")
        await server.until(lambda: bool(server.refused))
    server._faults.clear()
    assert not wang.inbox
    await talk.run(lambda service: service.store.database.execute("UPDATE outbox SET due = 0"))
    async with run():
        await wang.waits_for(1)
    assert await talk.run(turns) == 1


async def test_the_limits_are_kept(run: Run, server: BotApi, wang: Person) -> None:
    limits = Limits(a_second=20, apart=0.3)
    li = server.person(2, "李四")
    async with run(limits=limits):
        for _ in range(4):
            await wang.says("菜单")
        await li.says("菜单")
        await li.waits_for(1)
        assert len(wang.inbox) < 4
        await wang.waits_for(4)
    times = [call.time for call in server.called("sendMessage") if call.parameters["chat_id"] == 1]
    assert all(later - earlier > 0.25 for earlier, later in itertools.pairwise(times))


async def test_two_hundred_at_once_are_all_answered(run: Run, server: BotApi, bot: Bot, talk: Talk) -> None:
    people = [server.person(number, "某") for number in range(1, 201)]
    async with run():
        async with bot.held():
            for person in people:
                await person.says("补贴 资格")
        for person in people:
            await person.waits_for(1, within=30)
    assert all(len(person.inbox) == 1 for person in people)


async def test_a_token_that_is_no_longer_known_is_named(run: Run, server: BotApi, wang: Person) -> None:
    with pytest.raises(Exception, match="ZHUYE_TELEGRAM_TOKEN"):
        async with run():
            await server.until(lambda: bool(server.called("setMyCommands")))
            server.fails("getUpdates", unauthorized())
            await wang.says("菜单")
            await server.until(lambda: any(call.status == 401 for call in server.refused))
