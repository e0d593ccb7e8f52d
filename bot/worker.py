"""One thread for all that touches a store, so that asynchronous channels neither wait for it nor meet in it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Generic, ParamSpec, TypeVar

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class Worker(Generic[T]):
    """A thread with an object of its own (a service, a desk) that is asked in the order of asking."""

    def __init__(self, name: str, make: Callable[[], T], end: Callable[[T], object]) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._end = end
        self._owned = self._threads.submit(make).result()

    async def run(self, work: Callable[Concatenate[T, P], R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `work` makes of the thread's object and the arguments. Work that was begun is finished."""
        return await asyncio.wrap_future(self._threads.submit(work, self._owned, *arguments, **named))

    def close(self) -> None:
        """Finish what was asked for, and end."""
        self._threads.submit(self._end, self._owned).result()
        self._threads.shutdown()
