"""The smallest bots that the libraries can make: they say what they hear, with a button that changes the message."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiogram
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.backoff import BackoffConfig
from aiohttp import web
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, ContextTypes, MessageHandler, filters

SECRET = "echo-secret"
BUTTON = "改"
BACKOFF = BackoffConfig(min_delay=0.01, max_delay=0.02, factor=1.5, jitter=0.0)
"""In seconds, after a poll that failed; python-telegram-bot has a fixed one of a second."""


def aiogram_bot(base: str, token: str) -> aiogram.Bot:
    """aiogram's client of the server at this base."""
    return aiogram.Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(base)))


@contextlib.asynccontextmanager
async def aiogram_polling(base: str, token: str) -> AsyncIterator[None]:
    """An echo by aiogram, which polls."""
    bot, dispatcher = aiogram_bot(base, token), aiogram.Dispatcher()
    button = aiogram.types.InlineKeyboardButton(text=BUTTON, callback_data="change")

    @dispatcher.message()
    async def echo(message: aiogram.types.Message) -> None:
        keyboard = aiogram.types.InlineKeyboardMarkup(inline_keyboard=[[button]])
        await message.answer(message.text or message.content_type, reply_markup=keyboard)

    @dispatcher.callback_query()
    async def change(query: aiogram.types.CallbackQuery) -> None:
        await query.answer("好")
        assert isinstance(query.message, aiogram.types.Message)
        await query.message.edit_text(f"{query.message.text}!")

    started = asyncio.Event()
    dispatcher.startup()(started.set)
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, backoff_config=BACKOFF))
    await started.wait()
    yield
    await dispatcher.stop_polling()
    await polling


def telegram_application(base: str, token: str) -> "Application[Any, Any, Any, Any, Any, Any]":
    """python-telegram-bot's echo at the server with this base, not yet running."""
    builder = ApplicationBuilder().token(token).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot")
    application = builder.build()

    async def echo(update: telegram.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        keyboard = telegram.InlineKeyboardMarkup.from_button(telegram.InlineKeyboardButton(BUTTON, callback_data="c"))
        assert update.message
        await update.message.reply_text(update.message.text or "", reply_markup=keyboard)

    async def change(update: telegram.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query and isinstance(update.callback_query.message, telegram.Message)
        await update.callback_query.answer("好")
        await update.callback_query.edit_message_text(f"{update.callback_query.message.text}!")

    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(change))
    return application


@contextlib.asynccontextmanager
async def telegram_polling(base: str, token: str) -> AsyncIterator[None]:
    """An echo by python-telegram-bot, which polls."""
    async with telegram_application(base, token) as application:
        assert application.updater
        await application.updater.start_polling()
        await application.start()
        yield
        await application.updater.stop()
        await application.stop()


@contextlib.asynccontextmanager
async def telegram_webhook(base: str, token: str) -> AsyncIterator[None]:
    """An echo by python-telegram-bot, whose webhook answers once an update is handled."""
    async with telegram_application(base, token) as application:

        async def take(request: web.Request) -> web.Response:
            if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != SECRET:
                return web.Response(status=403)
            await application.process_update(telegram.Update.de_json(await request.json(), application.bot))
            return web.Response()

        app = web.Application()
        app.router.add_post("/hook", take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        await application.bot.set_webhook(address, secret_token=SECRET)
        yield
        await application.bot.delete_webhook()
        await runner.cleanup()
