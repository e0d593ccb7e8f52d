"""From the outbox to Telegram: in order for each chat, fair between chats, within the limits, until it has arrived.

A letter whose reply was lost is sent again: a message twice is harmless, one that never comes is not.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

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

from bot.channels.telegram.limits import Limits, Pace
from bot.channels.together import Together
from bot.service import Service
from bot.store.base import StoreError
from bot.store.outbox import Owed
from bot.store.sealing import BadKeys

logger = logging.getLogger(__name__)
CHANNEL = "telegram"
METHODS: dict[str, type[TelegramMethod[Any]]] = {
    method.__api_method__: method for method in (SendMessage, EditMessageText, DeleteMessage)
}
CALL_SECONDS = 10
LEASE_SECONDS = 15.0
"""Longer than a call: what a process that died had taken is sent by the next one after so long."""
MOST_AT_ONCE = 60
LOOK_SECONDS = 2.0
"""How often the outbox is looked at unasked: other processes owe letters too."""
NOT_MODIFIED = "message is not modified"


class Outcome(msgspec.Struct, frozen=True):
    """What became of a letter: it is done; or is to be sent in `wait` seconds; or its chat does not want to hear."""

    owed: Owed
    wait: float | None = None
    unwanted: bool = False


class Sender:
    """Sends what is owed, until it is told to stop."""

    def __init__(self, bot: Bot, talk: Together, limits: Limits) -> None:
        self._bot = bot
        self._talk = talk
        self._limits = limits
        self._pace = Pace(limits)
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._stopping = False

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, and finish what is under way."""
        failures = 0
        ending = asyncio.create_task(self._stop(stop))
        while not stop.is_set():
            self._woken.clear()
            try:
                wait = min(await self._round(), LOOK_SECONDS)
                failures = 0
            except (StoreError, BadKeys) as error:
                failures += 1
                wait = self._limits.wait(failures)
                logger.error("%s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(wait, 0))
        await ending
        await asyncio.gather(*self._under_way)
        await self._talk.run(_settle, self._outcomes, 0)

    async def _stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopping = True
        self.wake()

    async def _round(self) -> float:
        """Keep what became of letters, and take some more; the seconds until more can be taken."""
        outcomes = tuple(self._outcomes)
        letters, wait = await self._talk.run(_settle, outcomes, MOST_AT_ONCE - len(self._under_way))
        del self._outcomes[: len(outcomes)]
        for owed in letters:
            task = asyncio.create_task(self._deliver(owed))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return wait

    async def _deliver(self, owed: Owed) -> None:
        try:
            outcome = await self._outcome(owed)
        except Exception as error:
            # A letter that cannot be read must not hold up its person's others.
            logger.error("a letter cannot be sent and is dropped: %s", type(error).__name__)
            outcome = Outcome(owed)
        self._outcomes.append(outcome)
        self.wake()

    async def _outcome(self, owed: Owed) -> Outcome:
        content = msgspec.json.decode(owed.letter.content, type=dict[str, Any])
        method, chat = content.pop("method"), owed.letter.address
        while True:
            await self._pace.turn(chat)
            if self._stopping:
                return Outcome(owed, wait=0)
            try:
                await self._bot(
                    METHODS[method].model_validate({**content, "chat_id": int(chat)}), request_timeout=CALL_SECONDS
                )
                return Outcome(owed)
            except TelegramMigrateToChat as moved:
                chat = str(moved.migrate_to_chat_id)
            except TelegramBadRequest as error:
                if method != EditMessageText.__api_method__ or NOT_MODIFIED in error.message:
                    return self._refused(owed, method, error)
                # The message is gone or too old to be changed: what it should say is said anew.
                method = SendMessage.__api_method__
                content.pop("message_id")
            except AiogramError as error:
                return self._refused(owed, method, error)

    def _refused(self, owed: Owed, method: str, error: AiogramError) -> Outcome:
        """What a failure means for a letter."""
        wait = self._limits.wait(owed.attempts)
        match error:
            case TelegramRetryAfter():
                return Outcome(owed, wait=max(float(error.retry_after), wait))
            case TelegramForbiddenError():
                return Outcome(owed, unwanted=True)
            case TelegramNetworkError() | TelegramServerError() | TelegramUnauthorizedError() | TelegramConflictError():
                logger.warning("%s failed (%s), again in %.0f s", method, type(error).__name__, wait)
                return Outcome(owed, wait=wait)
            case TelegramAPIError():
                if NOT_MODIFIED not in error.message:
                    logger.warning("%s was refused and is dropped: %s", method, error.message)
                return Outcome(owed)
        # An answer that is none of Telegram's: some proxy's page.
        logger.warning("%s failed (%s), again in %.0f s", method, type(error).__name__, wait)
        return Outcome(owed, wait=wait)


def _settle(service: Service, outcomes: Sequence[Outcome], room: int) -> tuple[Sequence[Owed], float]:
    """Keep the outcomes and take up to `room` letters, in one transaction; the seconds until more can be taken."""
    store, now = service.store, service.now().timestamp()
    due = store.outbox.next_due(CHANNEL)
    if not outcomes and (due is None or due > now or not room):
        return (), float("inf") if due is None or not room else due - now
    with store.writing():
        for outcome in outcomes:
            _keep(service, outcome, now)
        taken = store.outbox.take(CHANNEL, now, room, LEASE_SECONDS) if room else ()
        due = store.outbox.next_due(CHANNEL)
    return taken, float("inf") if due is None or len(taken) == room else due - now


def _keep(service: Service, outcome: Outcome, now: float) -> None:
    outbox, owed = service.store.outbox, outcome.owed
    if outcome.unwanted:
        block(service, owed.sender, blocked=True)
    elif outcome.wait is None:
        outbox.done(owed.id)
    else:
        outbox.later(owed.id, now + outcome.wait)


def block(service: Service, sender: str, *, blocked: bool) -> None:
    """Somebody does not want to hear from us, and nothing is owed to them; or wants to again."""
    service.store.recipients.block(sender, blocked=blocked)
    if blocked:
        service.store.outbox.drop(CHANNEL, sender)
