"""The public bot as a channel: who it is, how updates reach it, and its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User
from aiogram.utils.token import TokenValidationError
from starlette.routing import BaseRoute, Route

from bot.channels.limits import Limits
from bot.channels.stopping import unless
from bot.channels.telegram.polling import KINDS, Receive, poll
from bot.channels.telegram.profile import set_profile
from bot.channels.telegram.receiving import at_work
from bot.channels.telegram.webhook import Hook, Webhook, check_address
from bot.channels.telegram.words import load_words
from bot.ownership import Ownership
from bot.service import Service
from bot.serving import ChannelError
from bot.worker import Worker

T = TypeVar("T")
logger = logging.getLogger(__name__)
BAD_TOKEN = (
    "ZHUYE_TELEGRAM_TOKEN: Telegram knows no bot with this token; copy it again from @BotFather "
    "(like 123456789:AAExample), or leave it out to run without the public bot"
)


class TelegramChannel:
    """The public bot; `hook` is where Telegram can call us, None to ask it for updates instead.

    Every process answers what it is called with and sends what is owed; one of them asks for updates, and says where
    to call and what Telegram shows of the bot.
    """

    name = "telegram"

    def __init__(
        self,
        talk: Worker[Service],
        ownership: Ownership,
        token: str,
        api: str,
        hook: Hook | None,
        limits: Limits | None = None,
    ) -> None:
        self._talk = talk
        self._ownership = ownership
        self._token = token
        self._api = api
        self._hook = hook
        self._limits = limits or Limits()
        self._webhook = Webhook(hook.header) if hook else None

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Route(self._hook.place, self._webhook.answer, methods=["POST"])] if self._hook and self._webhook else []

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        if self._hook:
            check_address(self._hook.base)
        try:
            session = AiohttpSession(api=TelegramAPIServer.from_base(self._api))
            async with Bot(self._token, session=session) as bot:
                if me := await self._reached(stop, bot.me):
                    await self._serve(bot, me, stop)
        except (TelegramUnauthorizedError, TelegramNotFound, TokenValidationError) as error:
            raise ChannelError(BAD_TOKEN) from error

    async def _reached(self, stop: asyncio.Event, call: Callable[[], Awaitable[T]]) -> T | None:
        """What `call` comes to once Telegram can be reached; None if `stop` is set before."""
        failures = 0
        while not stop.is_set():
            try:
                return await unless(stop, call())
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise
            except AiogramError as error:
                failures += 1
                wait = self._limits.wait(failures)
                why = f"{type(error).__name__}; tried again in {wait:.0f} s"
                logger.warning("ZHUYE_TELEGRAM_API: %s cannot be reached (%s)", self._api, why)
                await unless(stop, asyncio.sleep(wait))
        return None

    async def _serve(self, bot: Bot, me: User, stop: asyncio.Event) -> None:
        async with at_work(bot, me, self._talk, self._limits) as receive:
            logger.info("the public bot answers %s", "calls" if self._webhook else "what it asks for")
            if self._webhook:
                self._webhook.receive = receive
            await self._ownership.while_held(self.name, stop, lambda ended: self._lead(bot, receive, ended))

    async def _lead(self, bot: Bot, receive: Receive, ended: asyncio.Event) -> None:
        """What one process does for all."""
        if not await self._reached(ended, lambda: self._choose_way(bot)):
            return
        profile = asyncio.create_task(set_profile(bot, load_words()))
        try:
            await (ended.wait() if self._hook else poll(bot, receive, self._limits, ended))
        finally:
            profile.cancel()

    async def _choose_way(self, bot: Bot) -> bool:
        """Let Telegram call us, or stop it from doing so."""
        if hook := self._hook:
            url = f"{hook.base}{hook.place}"
            return await bot.set_webhook(url, secret_token=hook.header, allowed_updates=list(KINDS))
        return not (await bot.get_webhook_info()).url or await bot.delete_webhook()
