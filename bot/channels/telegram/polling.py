"""Asking Telegram for updates, and confirming them only when what they came to is stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod

from bot.channels.failures import why
from bot.channels.limits import Limits
from bot.channels.stopping import unless
from bot.store.base import StoreError
from bot.store.sealing import BadKeys

logger = logging.getLogger(__name__)
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that we ask for."""
MORE_SECONDS = 10
"""How much longer than Telegram holds a request we wait for its answer."""

RawUpdate = dict[str, Any]
Receive = Callable[[RawUpdate], Awaitable[None]]


class GetRawUpdates(TelegramMethod[list[RawUpdate]]):
    """getUpdates with each update as it came: one that aiogram cannot read must not hide the others."""

    __returning__ = list[RawUpdate]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: Sequence[str]


async def poll(bot: Bot, receive: Receive, limits: Limits, stop: asyncio.Event) -> None:
    """Hand each update to `receive`, in order, until `stop` is set; what fails is asked for again.

    Raises:
        TelegramUnauthorizedError: the token is not known any longer.

    """
    offset: int | None = None
    failures = 0
    while not stop.is_set():
        method = GetRawUpdates(offset=offset, timeout=limits.poll_seconds, allowed_updates=KINDS)
        try:
            updates = await unless(stop, bot(method, request_timeout=limits.poll_seconds + MORE_SECONDS))
            await _receive_all(receive, updates or ())
            if updates:
                offset = max(update["update_id"] for update in updates) + 1
            failures = 0
        except TelegramUnauthorizedError:
            raise
        except (AiogramError, StoreError, BadKeys) as error:
            failures += 1
            wait = limits.wait(failures)
            told = why(error, "ZHUYE_TELEGRAM_TOKEN", TelegramConflictError, TelegramRetryAfter)
            logger.warning("updates are asked for again in %.0f s: %s", wait, told)
            await unless(stop, asyncio.sleep(wait))


async def _receive_all(receive: Receive, updates: Sequence[RawUpdate]) -> None:
    """Each chat's updates in order, the chats beside each other; the first failure is raised when all have ended."""
    chats: dict[object, list[RawUpdate]] = {}
    for update in updates:
        chats.setdefault(_chat(update), []).append(update)

    async def one_after_the_other(own: Sequence[RawUpdate]) -> None:
        for update in own:
            await receive(update)

    ended = await asyncio.gather(*map(one_after_the_other, chats.values()), return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error


def _chat(update: RawUpdate) -> object:
    """The chat that an update is of; any other update is alone."""
    for kind in KINDS:
        content = update.get(kind)
        if isinstance(content, dict):
            message = content.get("message", content)
            chat = message.get("chat") if isinstance(message, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return chat["id"]
    return id(update)
