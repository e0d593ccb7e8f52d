"""What has been kept long enough is removed, day after day, while the process runs."""

import asyncio
import datetime
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from starlette.routing import BaseRoute

from bot.channels.stopping import now_and_then
from bot.channels.web.forgetting import forget_expired
from bot.store.backup import remove_old
from bot.store.retention import Expired, expire
from bot.store.store import Store
from bot.worker import Worker

logger = logging.getLogger(__name__)
EVERY_SECONDS = 24 * 60 * 60.0


class Upkeep:
    """Runs `forget_expired` and `expire` at the start and once a day, in a thread with a store of its own."""

    name = "upkeep"

    def __init__(
        self, worker: Worker[Store], now: Callable[[], datetime.datetime], every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._worker = worker
        self._now = now
        self._every_seconds = every_seconds

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await now_and_then(stop, self._every_seconds, self._expire)

    async def _expire(self) -> None:
        removed = await self._worker.run(lambda store: _expire(store, self._now()))
        logger.info("removed what was kept long enough: %s", msgspec.structs.asdict(removed))


def _expire(store: Store, now: datetime.datetime) -> Expired:
    # The page may not be served here any more; what was said on it goes in its time all the same.
    forget_expired(store, now)
    return expire(store, now)


class OldBackups:
    """Removes the backups of this machine's data `folder` that are too old, at the start and once a day.

    So what people deleted leaves them in time also where no new one is made.
    """

    name = "old backups"

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._folder = folder
        self._now = now
        self._every_seconds = every_seconds

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await now_and_then(stop, self._every_seconds, self._remove)

    async def _remove(self) -> None:
        for file in await asyncio.to_thread(remove_old, self._folder, self._now()):
            logger.info("removed, as it is too old: %s", file)
