"""One letter of the outbox to Telegram, and what its failures mean."""

import functools
from typing import Any, NoReturn

import msgspec
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import DeleteMessage, EditMessageText, SendMessage, TelegramMethod

from bot.channels.limits import Limits
from bot.channels.outbox_sender import Gone, Later, Never, OutboxSender, Thread, Turn
from bot.service import Service
from bot.store.outbox import Owed
from bot.store.store import Store

CHANNEL = "telegram"
METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__: method for method in (SendMessage, EditMessageText, DeleteMessage)
}
CALL_SECONDS = 10
LEASE_SECONDS = 15.0
"""Longer than a call."""
MOST_AT_ONCE = 60
NOT_MODIFIED = "message is not modified"


def sender(bot: Bot, talk: Thread[Service], limits: Limits) -> OutboxSender[Service]:
    """What sends the public bot's letters."""
    return OutboxSender(
        CHANNEL, talk, functools.partial(send, bot), leave_alone, limits, lease=LEASE_SECONDS, at_once=MOST_AT_ONCE
    )


def leave_alone(store: Store, sender: str) -> None:
    """Somebody does not want to hear from us."""
    store.recipients.block(sender, blocked=True)


async def send(bot: Bot, owed: Owed, turn: Turn) -> None:
    """Make a letter's call.

    Raises:
        Later, Never, Gone: it was not sent.

    """
    content = msgspec.json.decode(owed.letter.content, type=dict[str, Any])
    method, chat = content.pop("method"), owed.letter.address
    while True:
        await turn(chat)
        try:
            call = METHODS[method].model_validate({**content, "chat_id": int(chat)})
            await bot(call, request_timeout=CALL_SECONDS)
            return
        except TelegramMigrateToChat as moved:
            chat = str(moved.migrate_to_chat_id)
        except TelegramBadRequest as error:
            if NOT_MODIFIED in error.message:
                return
            if method != EditMessageText.__api_method__:
                _refuse(error)
            # The message is gone or too old to be changed: what it should say is said anew.
            method = SendMessage.__api_method__
            content.pop("message_id")
        except AiogramError as error:
            _refuse(error)


def _refuse(error: AiogramError) -> NoReturn:
    """What a failure means for a letter."""
    match error:
        case TelegramRetryAfter():
            raise Later(float(error.retry_after)) from error
        case TelegramForbiddenError():
            raise Gone from error
        case TelegramNetworkError() | TelegramServerError() | TelegramUnauthorizedError() | TelegramConflictError():
            raise Later from error
        case TelegramAPIError():
            raise Never(error.message) from error
    # An answer that is none of Telegram's: some proxy's page.
    raise Later from error
