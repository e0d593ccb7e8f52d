"""Peers of a turn: the two bot frameworks echoing the same messages in process, with a network that only pretends.

Each is set up as its documentation shows, and given each update as the Bot API would send it.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, Self

import aiogram
import telegram
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest, RequestData

TOKEN = "42:benchmark"
BOT = {"id": 42, "is_bot": True, "first_name": "Echo", "username": "echo_bot"}
WHEN = 1_700_000_000
STEPS = 2


def updates(chat: int, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The updates that a person's messages come as."""
    person = {"id": chat, "is_bot": False, "first_name": "A"}
    return [
        {"update_id": chat * 1000 + number, "message": {**_message(number, chat, text), "from": person}}
        for number, text in enumerate(texts, 1)
    ]


class Aiogram:
    """aiogram's dispatcher with a handler that answers the text; its state is kept in memory (its default)."""

    def __init__(self) -> None:
        self.session = PretendedSession()
        self._runner = asyncio.Runner()
        self._bot = aiogram.Bot(TOKEN, session=self.session)
        self._dispatcher = aiogram.Dispatcher()
        self._dispatcher.message.register(self._echo)
        self._chats = itertools.count(1)

    async def _echo(self, message: aiogram.types.Message) -> None:
        await message.answer(message.text or "")

    def converse(self, texts: Sequence[str]) -> None:
        """Handle a new person's messages, one after the other."""
        self._runner.run(self._handle(updates(next(self._chats), texts)))

    async def _handle(self, raw: Sequence[dict[str, Any]]) -> None:
        for update in raw:
            await self._dispatcher.feed_raw_update(self._bot, update)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()


class PretendedSession(BaseSession):
    """Answers each call as if it were sent, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    async def make_request(self, bot: aiogram.Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        """The message as sent."""
        if not isinstance(method, aiogram.methods.SendMessage):
            return True
        self.sent.append(method.text)
        return aiogram.types.Message.model_validate(_message(len(self.sent), int(method.chat_id), method.text))

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """Nothing: an echo loads no files."""
        return
        yield b""

    async def close(self) -> None:
        """There is nothing to close."""


class Telegram:
    """python-telegram-bot's ConversationHandler in two steps, its state and the last text pickled after each update."""

    def __init__(self, file: Path) -> None:
        self.request = PretendedRequest()
        self._runner = asyncio.Runner()
        self._persistence = PicklePersistence(file, on_flush=True)
        self._application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder()
            .token(TOKEN)
            .updater(None)
            .request(self.request)
            .get_updates_request(self.request)
            .persistence(self._persistence)
            .build()
        )
        steps: list[BaseHandler[Any, Any, Any]] = [MessageHandler(filters.TEXT, self._echo)]
        self._application.add_handler(
            ConversationHandler(steps, dict.fromkeys(range(STEPS), steps), [], name="echo", persistent=True)
        )
        self._chats = itertools.count(1)
        self._runner.run(self._application.initialize())

    async def _echo(self, update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        assert update.message and update.message.text and context.user_data is not None
        context.user_data["last"] = update.message.text
        await update.message.reply_text(update.message.text)
        # A state that stays the same would not be written.
        return update.message.message_id % STEPS

    def greet(self, people: int, text: str) -> None:
        """Have `people` write once, who are then known; written to the file at the end."""
        self._runner.run(self._greet(people, text))

    async def _greet(self, people: int, text: str) -> None:
        for _ in range(people):
            for update in updates(next(self._chats), [text]):
                await self._process(update)
        await self._persistence.flush()

    def converse(self, texts: Sequence[str]) -> None:
        """Handle a new person's messages, one after the other."""
        self._runner.run(self._handle(updates(next(self._chats), texts)))

    async def _process(self, raw: dict[str, Any]) -> None:
        await self._application.process_update(telegram.Update.de_json(raw, self._application.bot))
        await self._application.update_persistence()

    async def _handle(self, raw: Sequence[dict[str, Any]]) -> None:
        for update in raw:
            await self._process(update)
            await self._persistence.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._application.shutdown())
        self._runner.close()


class PretendedRequest(BaseRequest):
    """Answers each call as if it were sent, and keeps the texts."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    @property
    def read_timeout(self) -> float | None:
        """None: nothing is waited for."""
        return None

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """The bot itself, or the message as sent."""
        if url.endswith("/getMe"):
            return _ok(BOT)
        assert url.endswith("/sendMessage") and request_data
        sent: dict[str, Any] = request_data.parameters
        self.sent.append(sent["text"])
        return _ok(_message(len(self.sent), sent["chat_id"], sent["text"]))


def _ok(result: Any) -> tuple[int, bytes]:
    return 200, json.dumps({"ok": True, "result": result}).encode()


def _message(number: int, chat: int, text: str) -> dict[str, Any]:
    return {"message_id": number, "date": WHEN, "chat": {"id": chat, "type": "private"}, "text": text}
