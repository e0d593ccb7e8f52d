"""What one process at a time must do, of all that work on one store: done by whoever holds its lease.

A holder gives a sign of life every EVERY seconds, and stops what it does MARGIN seconds before another may take the
lease. Whoever waits looks as often: they take a lease that was given up, and one whose holder died TERM seconds after
they have seen the last sign of it, so at most TERM + EVERY seconds after its death. Only the process's own steady
clock is asked.

A process that was stopped as a whole (a machine that slept) may go on for a moment after its lease is another's: what
is done under a lease must not be harmed by that, as nothing is that the store takes once.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Sequence, Set

from starlette.routing import BaseRoute

from bot.serving import Channel
from bot.store.base import StoreError
from bot.store.leases import NOBODY, Lease
from bot.store.sealing import BadKeys
from bot.store.store import Store
from bot.worker import Worker

logger = logging.getLogger(__name__)
TERM = 10.0
EVERY = 3.0
MARGIN = 2.0
Work = Callable[[asyncio.Event], Awaitable[None]]
"""Work until the event is set, then finish what is under way."""


class Ownership:
    """The leases of this process. The `worker` is a thread with a store that does nothing else, so it is never late."""

    def __init__(
        self,
        worker: Worker[Store],
        term: float = TERM,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._worker = worker
        self._term = term
        self._every = every
        self._clock = clock
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._wanted: dict[str, asyncio.Future[asyncio.Event]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._until = 0.0
        self._seen: dict[str, tuple[Lease, float]] = {}
        self._beating: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()

    async def while_held(self, name: str, stop: asyncio.Event, work: Work) -> None:
        """Do `work` whenever this process holds the lease `name`, until `stop` is set or the work is done.

        Raises:
            Exception: what the work raises; the lease is given up then.

        """
        while not stop.is_set():
            ended = await self._obtain(name, stop)
            if ended is None:
                return
            passing_on = asyncio.create_task(_pass_on(stop, ended))
            try:
                await work(ended)
            finally:
                passing_on.cancel()
                await self._give_up(name)
            if not ended.is_set():
                return

    async def _obtain(self, name: str, stop: asyncio.Event) -> asyncio.Event | None:
        """What is set when the lease is lost, once it is held; None if `stop` is set first."""
        obtained: asyncio.Future[asyncio.Event] = asyncio.get_running_loop().create_future()
        self._wanted[name] = obtained
        self._wake()
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((obtained, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        del self._wanted[name]
        if stop.is_set():
            await self._give_up(name)
            return None
        logger.info("%s: done by this process from now on", name)
        return await obtained

    async def _give_up(self, name: str) -> None:
        self._held.pop(name, None)
        # What cannot be given up now is somebody else's when its time is over.
        with contextlib.suppress(StoreError, BadKeys):
            await self._worker.run(lambda store: store.leases.give_up(name, self.holder))
        if not self._held and not self._wanted and self._beating:
            self._beating.cancel()
            self._beating = None

    def _wake(self) -> None:
        self._woken.set()
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        """Give signs of life and look for what can be taken, as long as there is anything to do."""
        while True:
            self._woken.clear()
            asked = self._clock()
            step = asyncio.ensure_future(self._worker.run(self._step, frozenset(self._wanted), frozenset(self._held)))
            await asyncio.wait((step,), timeout=max(self._until - asked, 0) if self._held else None)
            if not step.done():
                self._lose(set(self._held), "the store does not answer")
                await asyncio.wait((step,))
            wait = self._every
            try:
                mine, wait = step.result()
                self._until = asked + self._term - MARGIN * self._term / TERM
                self._lose(set(self._held) - mine, "another process has it")
                self._gain(mine)
            except (StoreError, BadKeys) as error:
                logger.error("%s", error)
                if self._clock() >= self._until:
                    self._lose(set(self._held), "the store does not answer")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), min(wait, self._every))

    def _lose(self, names: Set[str], why: str) -> None:
        for name in names:
            logger.warning("%s: not done by this process any more: %s", name, why)
            self._held.pop(name).set()

    def _gain(self, names: Set[str]) -> None:
        for name in names:
            obtained = self._wanted.get(name)
            if obtained and not obtained.done() and name not in self._held:
                self._held[name] = asyncio.Event()
                obtained.set_result(self._held[name])

    def _step(self, store: Store, wanted: Set[str], held: Set[str]) -> tuple[Set[str], float]:
        """Renew what is held and take what can be had; what is held now, and the seconds until more may be had."""
        mine = {*store.leases.renew(self.holder)} & held if held else set()
        found = store.leases.all()
        now, wait = self._clock(), self._every  # after looking: the sign of life that was seen is older
        for name in wanted - mine:
            lease = found.get(name)
            if lease and lease.holder not in (NOBODY, self.holder):
                if name not in self._seen or self._seen[name][0] != lease:
                    self._seen[name] = lease, now
                left = self._seen[name][1] + self._term - now
                if left > 0:
                    wait = min(wait, left)
                    continue
            if store.leases.take(name, self.holder, lease):
                mine.add(name)
        return mine, wait


class Once:
    """A channel of which one process at a time does the work; all answer by HTTP."""

    def __init__(self, channel: Channel, ownership: Ownership) -> None:
        self.name = channel.name
        self._channel = channel
        self._ownership = ownership

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return self._channel.routes()

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await self._ownership.while_held(self.name, stop, self._channel.run)


async def _pass_on(stop: asyncio.Event, ended: asyncio.Event) -> None:
    await stop.wait()
    ended.set()
