"""The caseworkers' bot as a channel: how updates reach it, what it does every minute, and its end."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Route
from telegram import BotCommand, Update
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler

from bot.channels.failures import why
from bot.channels.limits import Limits
from bot.channels.outbox_sender import OutboxSender
from bot.channels.stopping import unless
from bot.channels.telegram.webhook import Hook, Webhook, check_address
from bot.desk.accounts import DESK_TELEGRAM
from bot.desk.drafts import Drafts
from bot.desk.telegram.front import Front
from bot.desk.telegram.hearing import KINDS, heard
from bot.desk.telegram.morning import remind
from bot.desk.telegram.sending import LEASE_SECONDS, MOST_AT_ONCE, Sending
from bot.desk.telegram.words import load_telegram_words
from bot.ownership import Ownership
from bot.serving import ChannelError
from bot.settings import Settings
from bot.store.base import StoreError
from bot.store.sealing import BadKeys
from bot.worker import Worker

# python-telegram-bot warns where it still tells seconds as a number.
os.environ["PTB_TIMEDELTA"] = "1"

App = Application[Any, Any, Any, Any, Any, Any]
logger = logging.getLogger(__name__)
MINUTE = 60
BAD_TOKEN = (
    "ZHUYE_DESK_TELEGRAM_TOKEN: Telegram knows no bot with this token; copy it again from @BotFather "
    "(like 123456789:AAExample), or leave it out to run without the caseworkers' bot"
)


class DeskTelegram:
    """The caseworkers' bot; `hook` is where Telegram can call us, None to ask it for updates instead.

    Every process answers what it is called with and sends what is owed; one of them asks for updates and reminds.
    """

    name = DESK_TELEGRAM

    def __init__(
        self,
        front: Worker[Front],
        ownership: Ownership,
        settings: Settings,
        hook: Hook | None,
        limits: Limits | None = None,
    ) -> None:
        assert settings.desk_telegram_token
        self._ownership = ownership
        self._front = front
        self._settings = settings
        self._token = settings.desk_telegram_token
        self._limits = limits or Limits()
        self._hook = hook
        self._webhook = Webhook(hook.header) if hook else None
        self._failed: dict[int, Exception] = {}
        self.application: App = self._build()
        self._sender = OutboxSender(
            DESK_TELEGRAM,
            front,
            Sending(self.application.bot, front, Drafts(settings.exports_dir)).send,
            lambda store, user: store.desk_links.block(user, blocked=True),
            self._limits,
            lease=LEASE_SECONDS,
            at_once=MOST_AT_ONCE,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        if not self._hook or not self._webhook:
            return []
        return [Route(f"{self._hook.place}/desk", self._webhook.answer, methods=["POST"])]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        if self._hook:
            check_address(self._hook.base)
        try:
            if await self._reached(stop, self.application.initialize):
                await self._serve(stop)
        except InvalidToken as error:
            raise ChannelError(BAD_TOKEN) from error
        finally:
            await self.application.shutdown()
            # Half-way through its beginning the application leaves the connections open.
            await self.application.bot.shutdown()

    def _build(self) -> App:
        api = self._settings.telegram_api
        builder = ApplicationBuilder().token(self._token).base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
        application = builder.updater(None).build()
        application.add_handler(TypeHandler(Update, self._handle))
        application.add_error_handler(self._fail)
        return application

    async def _reached(self, stop: asyncio.Event, call: Callable[[], Awaitable[None]]) -> bool:
        """Do `call` once Telegram can be reached; False if `stop` is set before that is done.

        Raises:
            InvalidToken: nobody has the token.
            ChannelError: Telegram does not take the address.

        """
        failures = 0
        while not stop.is_set():
            try:
                await unless(stop, call())
                return not stop.is_set()
            except InvalidToken:
                raise
            except TelegramError as error:
                failures += 1
                wait = self._limits.wait(failures)
                logger.warning(
                    "ZHUYE_TELEGRAM_API: %s cannot be used (%s); tried again in %.0f s",
                    self._settings.telegram_api,
                    type(error).__name__,
                    wait,
                )
                await unless(stop, asyncio.sleep(wait))
        return False

    async def _choose_way(self) -> None:
        """Let Telegram call us, or stop it from doing so; and tell the commands."""
        bot, hook = self.application.bot, self._hook
        if hook:
            url = f"{hook.base}{hook.place}/desk"
            try:
                await bot.set_webhook(url, secret_token=hook.header, allowed_updates=list(KINDS))
            except BadRequest as error:
                raise ChannelError(f"ZHUYE_PUBLIC_URL: Telegram cannot call {hook.base} ({error})") from error
        elif (await bot.get_webhook_info()).url:
            await bot.delete_webhook()
        commands = load_telegram_words().commands
        await bot.set_my_commands([BotCommand(name, command.about) for name, command in commands.items()])

    async def _serve(self, stop: asyncio.Event) -> None:
        await self.application.start()
        ended = asyncio.Event()
        sending = asyncio.create_task(self._sender.run(ended))
        logger.info("the caseworkers' bot works")
        try:
            if self._webhook:
                self._webhook.receive = self._receive
            await self._ownership.while_held(self.name, stop, self._lead)
        finally:
            ended.set()
            await sending
            await self.application.stop()

    async def _lead(self, ended: asyncio.Event) -> None:
        """What one process does for all."""
        if not await self._reached(ended, self._choose_way):
            return
        assert self.application.job_queue
        try:
            await self._remind()
        except (StoreError, BadKeys) as error:
            logger.error("%s", error)  # in a minute again
        reminding = self.application.job_queue.run_repeating(self._every_minute, MINUTE)
        try:
            await (ended.wait() if self._hook else self._poll(ended))
        finally:
            reminding.schedule_removal()

    async def _poll(self, stop: asyncio.Event) -> None:
        """Ask for updates; each is confirmed only when what it came to is stored."""
        offset, failures, bot = None, 0, self.application.bot
        while not stop.is_set():
            try:
                updates = await unless(
                    stop,
                    bot.get_updates(offset=offset, timeout=self._limits.poll_seconds, allowed_updates=list(KINDS)),
                )
                for update in updates or ():
                    await self.take(update)
                    offset = update.update_id + 1
                failures = 0
            except InvalidToken:
                raise
            except (TelegramError, StoreError, BadKeys) as error:
                failures += 1
                wait = self._limits.wait(failures)
                logger.warning(
                    "updates are asked for again in %.0f s: %s",
                    wait,
                    why(error, "ZHUYE_DESK_TELEGRAM_TOKEN", Conflict, RetryAfter),
                )
                await unless(stop, asyncio.sleep(wait))

    async def _receive(self, raw: dict[str, Any]) -> None:
        """What Telegram called us with. What is no update comes to nothing."""
        try:
            update = Update.de_json(raw, self.application.bot)
        except Exception as error:
            logger.info("an update is passed over: %s", type(error).__name__)
            return
        await self.take(update)

    async def take(self, update: Update) -> None:
        """Store what an update comes to.

        Raises:
            StoreError, BadKeys: it must come again.

        """
        await self.application.process_update(update)
        if error := self._failed.pop(update.update_id, None):
            if isinstance(error, StoreError | BadKeys):
                raise error
            logger.error("an update came to nothing", exc_info=error)

    async def _handle(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        told = heard(update)
        if told is None:
            return
        answering = asyncio.create_task(_answer(update)) if update.callback_query else None
        try:
            await self._front.run(Front.receive, told)
            self._sender.wake()
        finally:
            if answering:
                await answering

    async def _fail(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(update, Update) and context.error:
            self._failed[update.update_id] = context.error
        else:
            logger.error("the caseworkers' bot: %s", context.error)

    async def _every_minute(self, _: ContextTypes.DEFAULT_TYPE) -> None:
        await self._remind()

    async def _remind(self) -> None:
        """Whatever time it is: what was said today is in the store, so a start makes up for what was missed."""
        if await self._front.run(lambda front: remind(front.at, front.now())):
            self._sender.wake()


async def _answer(update: Update) -> None:
    """Let the button stop showing that it waits; one that is too old need not."""
    assert update.callback_query
    with contextlib.suppress(TelegramError):
        await update.callback_query.answer()
