"""Both bots at work on one store, over HTTP: a person asks a human in the one, a caseworker answers in the other."""

import asyncio
import datetime

from bot.channels.telegram.channel import TelegramChannel
from bot.desk.accounts import OPERATOR
from bot.desk.telegram.front import Front
from bot.ownership import Ownership
from bot.service import Service
from bot.settings import Settings
from bot.store.store import open_store
from bot.worker import Worker
from conversations.materials import Materials
from tests.bot.desk.telegram.conftest import FAST, MAIJI, TOKEN, Clock, Running
from tests.bot.store.madeup import at
from tests.botapi.bots import Bot
from tests.botapi.errors import too_many
from tests.botapi.server import BotApi

PUBLIC = "7001:public"


async def test_a_question_and_a_notice_go_from_one_bot_to_the_other(
    running: Running,
    ownership: Ownership,
    server: BotApi,
    bot: Bot,
    front: Front,
    settings: Settings,
    materials: Materials,
    clock: Clock,
) -> None:
    public = server.bot(PUBLIC, username="zhuye_bot", name="助业")
    li, wang = server.person(5, "李明", bot=public), server.person(1, "王芳", bot=server.bots[TOKEN])
    folder = settings.data_dir
    talk = Worker("talk", lambda: Service(materials, open_store(at(folder)), clock), lambda one: one.store.close())
    stop = asyncio.Event()
    try:
        channel = TelegramChannel(talk, ownership, PUBLIC, server.base, None, FAST)
        serving = asyncio.create_task(channel.run(stop))
        async with running():
            await wang.says(front.at.accounts.add(OPERATOR, "王芳", "worker", MAIJI))
            await wang.waits_for("登录好了")
            await li.says("我在天水麦积区")
            await li.waits_for("麦积区")
            await li.says("人工")
            await li.waits_for("请把您的问题写在一条消息里")
            await li.says("我的腿这样能去按摩店上班吗？")
            await wang.waits_for("我的腿这样能去按摩店上班吗")
            await wang.presses("回答")
            await wang.waits_for("请把回答发过来")
            server.fails("sendMessage", too_many(1), to=li)
            clock.step = datetime.timedelta(seconds=1)
            await wang.says("可以，下午来残联面谈")
            await li.waits_for("残联工作人员（真人）回答：\n可以，下午来残联面谈")
            await wang.presses("结束对话")
            await li.waits_for("结束了这次对话")
            await li.says("创业补贴有多少钱")
            await li.waits_for("5000元")
            await server.idle()
    finally:
        stop.set()
        await serving
        talk.close()
    assert [call.error for call in server.refused] == ["Too Many Requests: retry after 1"]
    assert not any("李明" in message.text or message.text == "5" for message in wang.inbox)
