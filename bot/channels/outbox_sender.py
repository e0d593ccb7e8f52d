"""Sends what a channel's outbox holds: a person's messages in order, different people's at the same time.

How a message is sent is the channel's; it says by an exception that it cannot be sent now, or ever, or that the
person does not want to hear from us. A message whose sending failed half-way may come twice, but is never lost.
"""

import asyncio
import contextlib
import datetime
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.channels.telegram.limits import Limits
from bot.store.base import StoreError
from bot.store.outbox import Owed
from bot.store.sealing import BadKeys
from bot.store.store import Store
from bot.worker import Worker

T = TypeVar("T")
logger = logging.getLogger(__name__)
AT_ONCE = 20
"""To how many people is sent at the same time."""
LEASE = 300.0
"""Seconds after which a message that was taken may be taken again: longer than a sending can last."""
LOOK_AGAIN = 2.0
"""Seconds until it looks whether another process owes something."""


class Later(Exception):
    """It cannot be sent now; `seconds` says when to try again, if that is known."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Never(Exception):
    """It can never be sent; the message says why."""


class Gone(Exception):
    """The person does not want to hear from us."""


class OutboxSender(Generic[T]):
    """Sends a channel's messages, until told to stop."""

    def __init__(
        self,
        channel: str,
        worker: Worker[T],
        store: Callable[[T], Store],
        send: Callable[[Owed], Awaitable[None]],
        now: Callable[[], datetime.datetime],
        gone: Callable[[Store, str], None],
        limits: Limits,
    ) -> None:
        """`send` raises Later, Never or Gone; `gone` keeps that a sender (keyed hash) is not to be written to."""
        self._channel = channel
        self._worker = worker
        self._store = store
        self._send = send
        self._now = now
        self._gone = gone
        self._limits = limits
        self._owed = asyncio.Event()

    def wake(self) -> None:
        """Something is owed."""
        self._owed.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then finish what is being sent; what is owed is kept."""
        sending: set[asyncio.Task[None]] = set()
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            self._owed.clear()
            taken, wait = await self._take(AT_ONCE - len(sending))
            sending |= {asyncio.create_task(self._deliver(owed)) for owed in taken}
            woken = asyncio.create_task(self._owed.wait())
            await asyncio.wait({woken, stopped, *sending}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
            sending = {task for task in sending if not task.done()}
        if sending:
            await asyncio.wait(sending)
        stopped.cancel()

    async def _take(self, limit: int) -> tuple[Sequence[Owed], float]:
        """Up to `limit` messages, and the seconds until there may be more."""

        def take(owner: T) -> tuple[Sequence[Owed], float]:
            outbox, now = self._store(owner).outbox, self._now().timestamp()
            taken = outbox.take(self._channel, now, limit, LEASE)
            due = outbox.next_due(self._channel)
            return taken, LOOK_AGAIN if due is None else min(max(due - now, 0), LOOK_AGAIN)

        if limit <= 0:
            return [], LOOK_AGAIN
        try:
            return await self._worker.run(take)
        except (StoreError, BadKeys) as error:
            logger.error("%s: %s", self._channel, error)
            return [], LOOK_AGAIN

    async def _deliver(self, owed: Owed) -> None:
        try:
            await self._send(owed)
        except Later as later:
            wait = self._limits.wait(owed.attempts) if later.seconds is None else later.seconds
            await self._keep(lambda store: store.outbox.later(owed.id, self._now().timestamp() + wait))
            return
        except Gone:
            await self._keep(lambda store: self._drop(store, owed.sender))
            return
        except Never as never:
            logger.error("%s: message %s is given up: %s", self._channel, owed.id, never)
        except Exception:
            logger.exception("%s: message %s is given up", self._channel, owed.id)
        await self._keep(lambda store: store.outbox.done(owed.id))

    def _drop(self, store: Store, sender: str) -> None:
        with store.writing():
            self._gone(store, sender)
            store.outbox.drop(self._channel, sender)

    async def _keep(self, change: Callable[[Store], object]) -> None:
        # What cannot be kept is sent again when its lease is over.
        with contextlib.suppress(StoreError, BadKeys):
            await self._worker.run(lambda owner: change(self._store(owner)))
        self.wake()
