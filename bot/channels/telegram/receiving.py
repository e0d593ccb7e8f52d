"""The bot at work: updates are stored as what they come to, and what is owed is sent."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator

from aiogram import Bot, Dispatcher
from aiogram.types import Update, User
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.channels.limits import Limits
from bot.channels.telegram.answering import Answering
from bot.channels.telegram.polling import RawUpdate, Receive
from bot.channels.telegram.sending import sender
from bot.channels.telegram.words import load_words
from bot.channels.together import Together
from bot.service import Service
from bot.worker import Worker

logger = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def at_work(bot: Bot, me: User, talk: Worker[Service], limits: Limits) -> AsyncIterator[Receive]:
    """The bot `me` with its sender running: yields what stores an update, and ends when what is under way is done."""
    together = Together(talk)
    letters = sender(bot, together, limits)
    answering = Answering(bot, me, together, load_words(), limits, letters.wake)
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(answering.router())
    ended = asyncio.Event()
    sending = asyncio.create_task(letters.run(ended))
    try:
        yield functools.partial(_receive, dispatcher, bot)
    finally:
        ended.set()
        await asyncio.gather(sending, answering.close())


async def _receive(dispatcher: Dispatcher, bot: Bot, raw: RawUpdate) -> None:
    """Store what an update comes to. One that aiogram does not know, or that has not its form, comes to nothing.

    Raises:
        StoreError, BadKeys: it must come again.

    """
    try:
        update = Update.model_validate(raw, context={"bot": bot})
        kind = update.event_type
    except (ValidationError, UpdateTypeLookupError) as error:
        logger.info("an update is passed over: %s", type(error).__name__)
        return
    logger.debug("update: %s", kind)
    await dispatcher.feed_update(bot, update)
