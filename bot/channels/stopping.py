"""Waiting, and work done now and then, that end when the process is told to stop."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.store.base import StoreError
from bot.store.sealing import BadKeys

logger = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN_SECONDS = 60.0
"""Until what failed is tried again, if it is not done more often anyway."""


async def unless(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """What `work` comes to; None, and the work ended, if `stop` is set first."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await working


async def now_and_then(stop: asyncio.Event, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do `work` at once, then every so many seconds; that the store cannot be used is told, and soon tried again."""
    while not stop.is_set():
        wait = seconds
        try:
            await work()
        except (StoreError, BadKeys) as error:
            logger.error("%s", error)
            wait = min(seconds, AGAIN_SECONDS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
