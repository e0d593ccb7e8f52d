"""Each kind of update, and what is done about it. What is owed for it is stored when its function has returned."""

import asyncio
import functools
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from aiogram import Bot, F, Router
from aiogram.enums import ChatAction, ChatMemberStatus, ChatType
from aiogram.exceptions import AiogramError
from aiogram.methods import AnswerCallbackQuery, SendChatAction, TelegramMethod
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from bot.channels.limits import Floods, Limits
from bot.channels.telegram import writing
from bot.channels.telegram.reading import Asked, hear, hear_in_group
from bot.channels.telegram.sending import CALL_SECONDS, CHANNEL
from bot.channels.telegram.words import Words
from bot.channels.telegram.writing import Place, Pressed, Rows
from bot.channels.together import Together, Whose
from bot.service import Letters, Service
from bot.store.base import StoreError
from bot.store.outbox import Letter
from bot.store.sealing import BadKeys, Unopened
from conversations.dialogs.question import answer
from conversations.messages import Incoming, Turn

logger = logging.getLogger(__name__)
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
PRIVATE = F.chat.type == ChatType.PRIVATE


class Answering:
    """Answers updates of the bot `me`; `wake` tells that letters are owed."""

    def __init__(
        self, bot: Bot, me: User, talk: Together, words: Words, limits: Limits, wake: Callable[[], None]
    ) -> None:
        self._bot = bot
        self._me = me
        self._talk = talk
        self._words = words
        self._limits = limits
        self._wake = wake
        self._floods = Floods(limits)
        self._background: set[asyncio.Task[None]] = set()

    def router(self) -> Router:
        """The functions, by kind of update; channel posts and all else get no answer."""
        router = Router()
        router.message.register(self._private, PRIVATE)
        router.message.register(self._group, F.chat.type.in_(GROUPS))
        router.edited_message.register(self._edited, PRIVATE)
        router.callback_query.register(self._pressed)
        router.my_chat_member.register(self._member, PRIVATE)
        return router

    async def close(self) -> None:
        """Wait for what is still being told to Telegram."""
        await asyncio.gather(*self._background)

    async def _private(self, message: Message) -> None:
        heard = hear(message, self._words)
        if heard is None:
            return
        place, notices = _place(message), self._words.notices
        said = list(writing.say(place.address, getattr(notices, heard.notice))) if heard.notice else []
        if self._floods.begins(place.chat, time.monotonic()):
            said += writing.say(place.address, notices.flood, lasting=True)
        id_ = f"{place.chat}:{place.message}"
        if heard.incoming is None:
            await self._work(place, id_, Service.tell, place.address, id_, said, CHANNEL)
            return

        def letters(turn: Turn) -> Sequence[Letter]:
            return [*said, *writing.turn_letters(self._words, place, turn)]

        await self._turn(place, id_, heard.incoming, letters)

    async def _edited(self, message: Message) -> None:
        place = _place(message)
        id_ = f"{place.chat}:{place.message}:{message.edit_date}"
        await self._work(place, id_, _answer_edit, place, id_, message.text or message.caption or "", self._words)

    async def _group(self, message: Message) -> None:
        asked = hear_in_group(message, self._me, self._words)
        if asked is not None:
            place = _place(message)
            id_ = f"{place.chat}:{place.message}"
            await self._work(place, id_, _answer_group, place, id_, asked, self._words, self._me.username or "")

    async def _pressed(self, query: CallbackQuery) -> None:
        self._tell_telegram(AnswerCallbackQuery(callback_query_id=query.id))
        message = query.message
        if message is None or message.chat.type != ChatType.PRIVATE:
            return
        place, data = Place(message.chat.id, message.message_id), query.data or ""
        id_ = f"{place.chat}:{place.message}:{data}:{query.id}"
        shown = message.reply_markup if isinstance(message, Message) else None
        rows: Rows = shown.model_dump(mode="json", exclude_none=True)["inline_keyboard"] if shown else []
        button = writing.pressed(data)
        if button and button.programme is None:
            text = await self._talk.run_for(_whose(place), _told, place, button)
            if text is not None:
                letters = list(writing.listed(place, text, rows))
                await self._work(place, id_, Service.tell, place.address, id_, letters, CHANNEL)
                return
        if button and button.programme:
            write: Letters = functools.partial(_expanded, self._words, place, button, rows)
            await self._turn(place, id_, Incoming(choice=button.programme), write)
        else:
            old: Letters = functools.partial(_as_told, self._words, place)
            await self._turn(place, id_, Incoming(choice=data), old)

    async def _member(self, change: ChatMemberUpdated) -> None:
        status = change.new_chat_member.status
        whose = _whose(Place(change.chat.id, 0))
        await self._talk.run_for(whose, _block, str(change.chat.id), blocked=status == ChatMemberStatus.KICKED)

    async def _turn(self, place: Place, id_: str, incoming: Incoming, letters: Letters) -> None:
        await self._work(place, id_, Service.handle, place.address, id_, incoming, CHANNEL, letters)

    async def _work(self, place: Place, id_: str, work: Callable[..., Any], *arguments: Any) -> None:
        """Do it in the talk's thread. Where it takes long the person sees that we write; where it fails, they are told.

        Raises:
            StoreError, BadKeys: it could not be stored, and must come again.

        """
        try:
            await self._typing(place, self._talk.run_for(_whose(place), work, *arguments))
        except Exception as error:
            # What no key opens is one person's, and would not open the next time either: everybody would wait for it.
            if isinstance(error, StoreError | BadKeys) and not isinstance(error, Unopened):
                raise
            # The error's own words may be the person's.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("%s at %s:%s", type(error).__name__, frame.filename, frame.lineno)
            sorry = list(writing.say(place.address, self._words.notices.failed))
            await self._talk.run_for(_whose(place), Service.tell, place.address, f"{id_}:failed", sorry, CHANNEL)
        self._wake()

    async def _typing(self, place: Place, work: Awaitable[Any]) -> None:
        working = asyncio.ensure_future(work)
        done, _ = await asyncio.wait((working,), timeout=self._limits.typing_seconds)
        if not done:
            self._tell_telegram(SendChatAction(chat_id=place.chat, action=ChatAction.TYPING))
        await working

    def _tell_telegram(self, call: TelegramMethod[bool]) -> None:
        """Call it without waiting; it is no matter if it fails."""
        task = asyncio.create_task(self._call(call))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _call(self, call: TelegramMethod[bool]) -> None:
        try:
            await self._bot(call, request_timeout=CALL_SECONDS)
        except AiogramError as error:
            logger.debug("%s failed: %s", call.__api_method__, type(error).__name__)


def _place(message: Message) -> Place:
    return Place(message.chat.id, message.message_id)


def _whose(place: Place) -> Whose:
    return lambda service: service.store.sender(CHANNEL, place.address)


def _as_told(words: Words, place: Place, turn: Turn) -> Sequence[Letter]:
    return list(writing.turn_letters(words, place, turn))


def _expanded(words: Words, place: Place, button: Pressed, rows: Rows, turn: Turn) -> Sequence[Letter]:
    return list(writing.expanded(words, place, turn, button, rows))


def _told(service: Service, place: Place, button: Pressed) -> str | None:
    """The list to which a button leads back; None where it is not known, or cannot be read, any more."""
    try:
        said = service.said(place.address, f"{place.chat}:{button.turn}", CHANNEL)
    except Unopened:
        return None
    return writing.told_text(said, button.reply)


def _block(service: Service, user: str, *, blocked: bool) -> None:
    store, sender = service.store, service.store.sender(CHANNEL, user)
    with store.writing():
        store.recipients.block(sender, blocked=blocked)
        if blocked:
            store.outbox.drop(CHANNEL, sender)


def _answer_edit(service: Service, place: Place, id_: str, text: str, words: Words) -> None:
    """A message that was changed: only the first form counts; but a number that must not be kept is deleted."""
    service.tell(place.address, id_, [*_refusal(service, place, text, words.notices.edited)], CHANNEL)


def _answer_group(service: Service, place: Place, id_: str, asked: Asked, words: Words, username: str) -> None:
    """What somebody asks in a group is answered from the texts alone: nothing is remembered, nothing registered."""
    materials = service.materials
    if asked.command in words.private_commands:
        link = asked.command if asked.command in words.links else "start"
        text = words.notices.group_private.format(username=username, link=link)
    elif asked.command or not asked.question:
        text = words.notices.group_hello
    else:
        found = answer(materials.knowledge, asked.question, None, service.now().date(), materials.say, whole=True)
        text = found.reply
    letters = _refusal(service, place, asked.question, text, reply_to=place.message)
    service.tell(place.address, id_, [*letters], CHANNEL)


def _refusal(service: Service, place: Place, heard: str, text: str, reply_to: int | None = None) -> Iterator[Letter]:
    """`text`; or, if what was heard holds a number that must not be kept, that it is not, and its deletion."""
    understood = service.materials.understanding.understand(heard, today=service.now().date())
    if understood.id_number:
        yield writing.forget(place)
        text, reply_to = service.materials.say("talk.id_number"), None
    yield from writing.say(place.address, text, reply_to=reply_to)
