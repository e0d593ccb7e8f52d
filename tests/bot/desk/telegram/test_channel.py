"""The desk bot over HTTP, at the tests' Bot API server."""

import asyncio
import datetime
import io
import socket

import openpyxl
import pytest
import uvicorn

from bot.desk.accounts import DESK_TELEGRAM, OPERATOR
from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Heard
from bot.service import Service
from bot.serving import ChannelError, http_server
from bot.settings import Settings
from bot.store.store import Store
from conversations.materials import Materials
from tests.bot.desk.conftest import SOMEBODY, Register
from tests.bot.desk.telegram.conftest import FAST, TIANSHUI, Clock, Running
from tests.botapi.bots import Bot
from tests.botapi.errors import blocked, broken, too_many
from tests.botapi.faults import Break
from tests.botapi.people import Person
from tests.botapi.server import BotApi


async def logs_in(person: Person, front: Front, name: str = "王芳", role: str = "worker") -> None:
    code = front.at.accounts.add(OPERATOR, name, role, TIANSHUI)  # type: ignore[arg-type]
    await person.says(code)
    await person.waits_for("登录好了")


async def sees(person: Person, button: str) -> None:
    await person.waits_for(lambda inbox: any(button in message.buttons for message in inbox))


async def test_a_caseworker_works_on_a_lead(
    running: Running, server: BotApi, front: Front, newcomer: Person, register: Register
) -> None:
    receipt = register()
    async with running():
        await newcomer.says("你好")
        await newcomer.waits_for("只给残联工作人员用")
        await logs_in(newcomer, front)
        await newcomer.says("/leads")
        await newcomer.waits_for("共1份")
        await newcomer.presses(f"show:{receipt}")
        await sees(newcomer, "写备注")
        press = await newcomer.presses("由我跟进")
        await newcomer.waits_for("由您跟进")
        await newcomer.waits_for("跟进人：王芳")
        await newcomer.presses("写备注")
        await newcomer.waits_for("请把内容发过来")
        await newcomer.says("已通话，下周面谈")
        await newcomer.waits_for("记下了")
        await server.idle()
    assert press.answer is not None
    assert front.at.store.leads.events(receipt)[-1].text == "已通话，下周面谈"
    assert not server.refused


async def test_the_menu_of_commands_is_set(running: Running, server: BotApi, bot: Bot, front: Front) -> None:
    async with running():
        await server.until(lambda: bool(bot.commands))
    (commands,) = bot.commands.values()
    assert [command["command"] for command in commands] == list(front.at.words.commands)


async def test_a_new_registration_arrives_where_it_belongs(
    running: Running, server: BotApi, bot: Bot, front: Front, newcomer: Person, materials: Materials
) -> None:
    other = server.person(2, "李强")
    async with running():
        await logs_in(newcomer, front)
        code = front.at.accounts.add(OPERATOR, "李强", "worker", "510100")
        await other.says(code)
        await other.waits_for("登录好了")
        receipt = _registers(front, materials)
        await newcomer.waits_for("您那里有新的登记")
        await server.idle()
    card = newcomer.inbox[-1]
    assert receipt in card.text and "王**" in card.text and "13812345678" not in card.text
    assert card.buttons == ["由我跟进", "看全部经过", "写备注", "改状态", "定跟进日期", "看完整信息"]
    assert len(other.inbox) == 1


def test_with_nobody_on_the_desk_bot_nothing_is_owed(front: Front, materials: Materials) -> None:
    _registers(front, materials)
    assert front.at.store.outbox.next_due(DESK_TELEGRAM, 0) is None


async def test_a_card_of_what_was_deleted_meanwhile_is_not_sent(
    running: Running, server: BotApi, front: Front, newcomer: Person, materials: Materials
) -> None:
    async with running():
        await logs_in(newcomer, front)
    receipt = _registers(front, materials)
    store = front.at.store
    store.registrations.erase(store.sender("chat", "u1"), front.now())
    async with running():
        await newcomer.says("/help")
        await newcomer.waits_for("看能做什么")
        await newcomer.waits_for("/unlink")
    assert not any(receipt in message.text for message in newcomer.inbox)


async def test_charts_and_the_export(
    running: Running,
    settings: Settings,
    bot: Bot,
    front: Front,
    newcomer: Person,
    register: Register,
    store: Store,
) -> None:
    receipt = register()
    left = settings.exports_dir / "of a process that was killed"
    left.mkdir(parents=True)
    async with running():
        await logs_in(newcomer, front)
        await newcomer.says("/stats")
        await newcomer.waits_for(lambda inbox: any("photo" in message.body for message in inbox))
        await newcomer.says("/export")
        await newcomer.waits_for("确定要在这里导出吗")
        await newcomer.presses("确定导出")
        inbox = await newcomer.waits_for(lambda inbox: any("document" in message.body for message in inbox))
    document = next(message.body["document"] for message in inbox if "document" in message.body)
    book = openpyxl.load_workbook(io.BytesIO(bot.files.find(document["file_id"]).data))
    assert receipt in {cell.value for row in book.worksheets[0] for cell in row}
    assert [entry.operation for entry in store.access_log.entries()].count("export") == 1
    assert not list(settings.exports_dir.iterdir()), "what names people is nowhere in clear"


async def test_an_export_of_an_account_that_is_disabled_meanwhile_is_not_sent(
    running: Running, server: BotApi, front: Front, newcomer: Person, register: Register
) -> None:
    register()
    async with running():
        await logs_in(newcomer, front)
        await newcomer.says("/export")
        await newcomer.waits_for("确定要在这里导出吗")
        front.at.accounts.disable(OPERATOR, "王芳")
        await newcomer.presses("确定导出")
        await newcomer.says("/export")
        await server.idle()
        await newcomer.waits_for("只给残联工作人员用")
    assert not any("document" in message.body for message in newcomer.inbox)


async def test_messages_are_sent_when_telegram_can_take_them(
    running: Running, server: BotApi, front: Front, newcomer: Person, clock: Clock
) -> None:
    async with running():
        await logs_in(newcomer, front)
        clock.step = datetime.timedelta(seconds=1)
        for how in (too_many(3), broken(), Break.CLOSED):
            fault = server.fails("sendMessage", how, to=newcomer)
            before = len(newcomer.inbox)
            await newcomer.says("/help")
            await newcomer.waits_for(before + 1)
            assert fault.hits == 1


async def test_who_blocked_the_bot_is_left_alone_until_they_write(
    running: Running, server: BotApi, front: Front, newcomer: Person, materials: Materials
) -> None:
    async with running():
        await logs_in(newcomer, front)
        server.fails("sendMessage", blocked(), to=newcomer)
        _registers(front, materials)
        await server.until(lambda: not front.at.store.desk_links.reachable())
        assert front.at.store.outbox.next_due(DESK_TELEGRAM, 0) is None
        await newcomer.says("/start")
        await newcomer.waits_for("王芳，您好")
    assert front.at.store.desk_links.reachable()


async def test_old_messages_that_cannot_be_changed_are_said_anew(
    running: Running, server: BotApi, front: Front, newcomer: Person, register: Register
) -> None:
    for _ in range(7):
        register()
    async with running():
        await logs_in(newcomer, front)
        await newcomer.says("/leads")
        await newcomer.waits_for("共7份")
        (page,) = [message for message in newcomer.inbox if "共7份" in message.text]
        page.deleted = True
        await newcomer.presses("下一页", page)
        await newcomer.waits_for(lambda inbox: any("回到第一页" in message.buttons for message in inbox))


async def test_a_store_that_fails_gets_the_update_again(
    running: Running, server: BotApi, front: Front, newcomer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.store.base import StoreError

    real = Front.receive
    failed: list[Heard] = []

    def fails_once(self: Front, heard: Heard) -> None:
        if not failed:
            failed.append(heard)
            raise StoreError("data", "disk full")
        real(self, heard)

    monkeypatch.setattr(Front, "receive", fails_once)
    async with running():
        await newcomer.says("你好")
        await newcomer.waits_for("只给残联工作人员用")


async def test_updates_again_and_in_another_order_change_nothing(
    running: Running, server: BotApi, bot: Bot, front: Front, newcomer: Person, register: Register
) -> None:
    receipt = register()
    async with running():
        await logs_in(newcomer, front)
        await newcomer.says(receipt)
        await sees(newcomer, "写备注")
        await newcomer.presses("写备注")
        await newcomer.waits_for("请把内容发过来")
        async with bot.held() as updates:
            await newcomer.says("已通话")
            await newcomer.says("/mine")
            await bot.hears_again(bot.updates.log[-2])
            updates.sort(key=lambda entry: entry.update["update_id"])
        await newcomer.waits_for("共0份")
        await server.idle()
        bot.updates.jump(7)
        await newcomer.says("/due")
        await newcomer.waits_for("到期和过期")
    assert [event.text for event in front.at.store.leads.events(receipt)].count("已通话") == 1


async def test_the_morning_comes_once_whatever_is_started_again(
    running: Running, server: BotApi, front: Front, newcomer: Person, register: Register, clock: Clock
) -> None:
    clock.now = clock.now.replace(hour=7)
    receipt = register()
    async with running():
        await logs_in(newcomer, front)
        await newcomer.says(receipt)
        await sees(newcomer, "写备注")
        await newcomer.presses("由我跟进")
        await newcomer.waits_for("由您跟进")
    clock.now = clock.now.replace(hour=9)
    for _ in range(2):
        async with running():
            await newcomer.waits_for("早上好")
            await server.idle()
    (told,) = [message for message in newcomer.inbox if "早上好" in message.text]
    assert "我在跟进的：1份" in told.text and told.buttons == ["看新登记", "看我跟进的", "看到期的"]


async def test_a_webhook_takes_only_what_telegram_says(
    running: Running, server: BotApi, bot: Bot, front: Front, newcomer: Person
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await _called_at(address, listening, running, server, bot, newcomer)
    assert set(bot.webhook.statuses) <= {200, 503} and bot.webhook.url.endswith("/desk")


async def _called_at(
    address: str, listening: socket.socket, running: Running, server: BotApi, bot: Bot, newcomer: Person
) -> None:
    async with running(public_url=address) as channel:
        http: uvicorn.Server = http_server([channel])
        serving = asyncio.create_task(http.serve([listening]))
        await server.until(lambda: bool(bot.webhook.url))
        await newcomer.says("你好")
        await newcomer.waits_for("只给残联工作人员用")
        await bot.hears_raw({"telepathy": {}})
        await bot.hears_raw({"message": {"text": 5}})
        await server.idle()
        http.should_exit = True
        await serving


async def test_a_wrong_token_and_an_address_without_https_are_named(running: Running, server: BotApi) -> None:
    with pytest.raises(ChannelError, match="ZHUYE_DESK_TELEGRAM_TOKEN"):
        async with running(desk_telegram_token="7009:nobody"):
            await server.until(lambda: bool(server.refused))
    with pytest.raises(ChannelError, match="ZHUYE_PUBLIC_URL"):
        async with running(public_url="http://zhuye.example.cn"):
            pass


async def test_an_api_that_is_not_there_is_tried_again(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    async with running(telegram_api="http://127.0.0.1:9"):
        while "ZHUYE_TELEGRAM_API" not in caplog.text:
            await asyncio.sleep(FAST.shortest_wait)


def _registers(front: Front, materials: Materials) -> str:
    """A turn of the talk in which somebody registers."""
    from conversations.messages import Registered

    service = Service(materials, front.at.store, front.now)
    receipt = "123456782"
    with front.at.store.writing():
        sender = front.at.store.sender("chat", "u1")
        service._apply(Registered(receipt, SOMEBODY), sender, "chat", front.now())
    return receipt
