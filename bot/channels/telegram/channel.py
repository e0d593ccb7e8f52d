"""The public bot as a channel: who it is, how updates reach it, and its end."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User
from aiogram.utils.token import TokenValidationError
from starlette.routing import BaseRoute, Route

from bot.channels.stopping import unless
from bot.channels.telegram.limits import Limits
from bot.channels.telegram.polling import KINDS, poll
from bot.channels.telegram.profile import set_profile
from bot.channels.telegram.receiving import at_work
from bot.channels.telegram.webhook import Webhook, check_address, webhook_secrets
from bot.channels.telegram.words import load_words
from bot.service import Service
from bot.serving import ChannelError
from bot.worker import Worker

logger = logging.getLogger(__name__)
BAD_TOKEN = (
    "ZHUYE_TELEGRAM_TOKEN: Telegram knows no bot with this token; copy it again from @BotFather "
    "(like 123456789:AAExample), or leave it out to run without the public bot"
)


class TelegramChannel:
    """The public bot; `public_url` is where Telegram can call us, None to ask it for updates instead."""

    name = "telegram"

    def __init__(
        self,
        talk: Worker[Service],
        token: str,
        api: str,
        public_url: str | None,
        data_dir: Path,
        limits: Limits | None = None,
    ) -> None:
        self._talk = talk
        self._token = token
        self._api = api
        self._public_url = public_url
        self._limits = limits or Limits()
        if public_url:
            self._path, self._header = webhook_secrets(data_dir)
            self._webhook = Webhook(self._header)

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        if not self._public_url:
            return []
        return [Route(f"/telegram/{self._path}", self._webhook.answer, methods=["POST"])]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        if self._public_url:
            check_address(self._public_url)
        try:
            session = AiohttpSession(api=TelegramAPIServer.from_base(self._api))
            async with Bot(self._token, session=session) as bot:
                if me := await self._connect(bot, stop):
                    await self._serve(bot, me, stop)
        except (TelegramUnauthorizedError, TelegramNotFound, TokenValidationError) as error:
            raise ChannelError(BAD_TOKEN) from error

    async def _connect(self, bot: Bot, stop: asyncio.Event) -> User | None:
        """Who we are, and updates coming as they should; None if `stop` is set before Telegram can be reached."""
        failures = 0
        while not stop.is_set():
            try:
                me: User | None = await unless(stop, bot.me())
                await unless(stop, self._choose_way(bot))
                return me
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise
            except AiogramError as error:
                failures += 1
                wait = self._limits.wait(failures)
                why = f"{type(error).__name__}; tried again in {wait:.0f} s"
                logger.warning("ZHUYE_TELEGRAM_API: %s cannot be reached (%s)", self._api, why)
                await unless(stop, asyncio.sleep(wait))
        return None

    async def _choose_way(self, bot: Bot) -> None:
        """Let Telegram call us, or stop it from doing so."""
        if self._public_url:
            url = f"{self._public_url}/telegram/{self._path}"
            await bot.set_webhook(url, secret_token=self._header, allowed_updates=list(KINDS))
        elif (await bot.get_webhook_info()).url:
            await bot.delete_webhook()

    async def _serve(self, bot: Bot, me: User, stop: asyncio.Event) -> None:
        async with at_work(bot, me, self._talk, self._limits) as receive:
            logger.info("the public bot answers %s", "calls" if self._public_url else "what it asks for")
            profile = asyncio.create_task(set_profile(bot, load_words()))
            try:
                if self._public_url:
                    self._webhook.receive = receive
                    await stop.wait()
                else:
                    await poll(bot, receive, self._limits, stop)
            finally:
                profile.cancel()
