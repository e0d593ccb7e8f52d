"""A small Bot API server for tests: strict where Telegram is, and able to fail where Telegram can.

    async with BotApi() as server:
        bot = server.bot("7001:public", username="zhuye_bot")
        wang = server.person(1, "王芳", "zh-hans")
        # a bot of any library, with server.base as its Bot API
        await wang.says("/start")
        await wang.waits_for(1)
        await wang.presses("登记")

Error texts, the queue of updates and the order of webhooks are those of github.com/tdlib/telegram-bot-api.
"""
