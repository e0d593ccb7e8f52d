"""What has been kept long enough is removed, day after day, while the process runs."""

import abc
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


class Daily(abc.ABC):
    """Removes something at the start and once a day."""

    name: str

    def __init__(self, now: Callable[[], datetime.datetime], every_seconds: float) -> None:
        self._now = now
        self._every_seconds = every_seconds

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await now_and_then(stop, self._every_seconds, self._remove)

    @abc.abstractmethod
    async def _remove(self) -> None:
        """What is done."""


class Upkeep(Daily):
    """Runs `forget_expired` and `expire`, in a thread with a store of its own."""

    name = "upkeep"

    def __init__(
        self, worker: Worker[Store], now: Callable[[], datetime.datetime], every_seconds: float = EVERY_SECONDS
    ) -> None:
        super().__init__(now, every_seconds)
        self._worker = worker

    async def _remove(self) -> None:
        removed = await self._worker.run(lambda store: _expire(store, self._now()))
        logger.info("removed what was kept long enough: %s", msgspec.structs.asdict(removed))


def _expire(store: Store, now: datetime.datetime) -> Expired:
    # The page may not be served here any more; what was said on it goes in its time all the same.
    forget_expired(store, now)
    return expire(store, now)


class OldBackups(Daily):
    """Removes the backups of this machine's data `folder` that are too old.

    So what people deleted leaves them in time also where no new one is made.
    """

    name = "old backups"

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        super().__init__(now, every_seconds)
        self._folder = folder

    async def _remove(self) -> None:
        for file in await asyncio.to_thread(remove_old, self._folder, self._now()):
            logger.info("removed, as it is too old: %s", file)
