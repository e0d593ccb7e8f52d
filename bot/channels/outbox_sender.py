"""From the outbox to a channel: in order for each person, fair between people, within the limits, until it has arrived.

How a message is sent is the channel's function; it says by an exception that it cannot be sent now, or ever, or that
the person does not want to hear from us. A message whose reply was lost is sent again: one that comes twice is
harmless, one that never comes is not.
"""

import asyncio
import contextlib
import datetime
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeVar

import msgspec

from bot.channels.limits import Limits, Pace
from bot.store.base import StoreError
from bot.store.outbox import FARTHEST, Owed
from bot.store.sealing import BadKeys
from bot.store.store import Store

logger = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
"""How often the outbox is looked at unasked: other processes owe messages too."""
Turn = Callable[[str], Awaitable[None]]
"""Waits until an address may be called; to be awaited before each call."""


class Later(Exception):
    """It cannot be sent now; it is tried again after at least so many seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Never(Exception):
    """It can never be sent; the message says why."""


class Gone(Exception):
    """The person does not want to hear from us."""


class _Stopping(Exception):
    """It was not sent, as no more is sent."""


class Keeper(Protocol):
    """Whose thread has the store, and the clock."""

    @property
    def store(self) -> Store:
        """The store."""
        ...

    @property
    def now(self) -> Callable[[], datetime.datetime]:
        """The clock."""
        ...


K = TypeVar("K", bound=Keeper)
K_co = TypeVar("K_co", bound=Keeper, covariant=True)
R = TypeVar("R")
P = ParamSpec("P")


class Thread(Protocol[K_co]):
    """Does work in the thread of a keeper."""

    async def run(self, work: Callable[Concatenate[K_co, P], R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `work` makes of the keeper and the arguments."""
        ...


class Outcome(msgspec.Struct, frozen=True):
    """What became of a message: it is done; or is to be sent in `wait` seconds; or its person does not want it."""

    owed: Owed
    wait: float | None = None
    gone: bool = False


class OutboxSender(Generic[K]):
    """Sends what a channel owes, until it is told to stop."""

    def __init__(
        self,
        channel: str,
        thread: Thread[K],
        send: Callable[[Owed, Turn], Awaitable[None]],
        leave_alone: Callable[[Store, str], None],
        limits: Limits,
        *,
        lease: float,
        at_once: int,
    ) -> None:
        """`send` raises Later, Never or Gone; `leave_alone` keeps that a sender (keyed hash) wants to hear nothing.

        After `lease` seconds what a process that died had taken is sent by the next one; one that lives holds it for
        as long as it is on its way. To `at_once` people is sent at the same time.
        """
        self._channel = channel
        self._thread = thread
        self._send = send
        self._leave_alone = leave_alone
        self._limits = limits
        self._lease = lease
        self._at_once = at_once
        self._pace = Pace(limits)
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._held: dict[int, float] = {}
        self._outcomes: list[Outcome] = []
        self._stopping = False

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, and finish what is under way; what is owed then is kept."""
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
                logger.error("%s: %s", self._channel, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(wait, 0))
        await ending
        await asyncio.gather(*self._under_way)
        # What cannot be kept is sent again when its lease is over.
        with contextlib.suppress(StoreError, BadKeys):
            await self._thread.run(self._settle, self._outcomes, 0, ())

    async def _stop(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._stopping = True
        self.wake()

    async def _round(self) -> float:
        """Keep what became of messages, and take some more; the seconds until more can be taken."""
        outcomes, now = tuple(self._outcomes), time.monotonic()
        held = [id_ for id_, since in self._held.items() if now - since > self._lease / 2]
        taken, wait = await self._thread.run(self._settle, outcomes, self._at_once - len(self._under_way), held)
        del self._outcomes[: len(outcomes)]
        ended = {outcome.owed.id for outcome in outcomes}
        held = [id_ for id_ in held if id_ not in ended] + [owed.id for owed in taken]
        self._held = {id_: since for id_, since in self._held.items() if id_ not in ended} | dict.fromkeys(held, now)
        for owed in taken:
            task = asyncio.create_task(self._deliver(owed))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return min(wait, self._lease / 4) if self._held else wait

    async def _deliver(self, owed: Owed) -> None:
        self._outcomes.append(await self._outcome(owed))
        self.wake()

    async def _outcome(self, owed: Owed) -> Outcome:
        try:
            await self._send(owed, self._turn)
        except _Stopping:
            return Outcome(owed, wait=0)
        except Later as later:
            wait = max(later.seconds, self._limits.wait(owed.attempts))
            logger.warning("%s: a message is sent again in %.0f s: %s", self._channel, wait, _cause(later))
            return Outcome(owed, wait=wait)
        except Gone:
            return Outcome(owed, gone=True)
        except Never as never:
            logger.warning("%s: a message was refused and is dropped: %s", self._channel, never)
        except Exception as error:
            # A message that cannot be read must not hold up its person's others. The error may hold its words.
            logger.error("%s: a message cannot be sent and is dropped: %s", self._channel, type(error).__name__)
        return Outcome(owed)

    async def _turn(self, address: str) -> None:
        await self._pace.turn(address)
        if self._stopping:
            raise _Stopping

    def _settle(
        self, keeper: K, outcomes: Sequence[Outcome], room: int, held: Sequence[int]
    ) -> tuple[Sequence[Owed], float]:
        """Keep the outcomes, hold what is on its way and take up to `room` messages, in one transaction.

        Also returns the seconds until more can be taken.
        """
        outbox, now = keeper.store.outbox, keeper.now().timestamp()
        due = outbox.next_due(self._channel, now)
        if not outcomes and not held and (due is None or due > now or not room):
            return (), float("inf") if due is None or not room else due - now
        with keeper.store.writing():
            outbox.hold(held, now + self._lease)
            for outcome in outcomes:
                self._keep(keeper.store, outcome, now)
            taken = outbox.take(self._channel, now, room, self._lease) if room else ()
            due = outbox.next_due(self._channel, now)
        return taken, float("inf") if due is None or len(taken) == room else due - now

    def _keep(self, store: Store, outcome: Outcome, now: float) -> None:
        owed = outcome.owed
        if outcome.gone:
            self._leave_alone(store, owed.sender)
            store.outbox.drop(self._channel, owed.sender)
        elif outcome.wait is None:
            store.outbox.done(owed.id)
        else:
            store.outbox.later(owed.id, now + min(outcome.wait, FARTHEST))


def _cause(later: Later) -> str:
    return type(later.__cause__ or later).__name__
