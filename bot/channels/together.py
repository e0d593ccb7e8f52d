"""Work of many people that is waiting is stored in one transaction: one wait for the disk instead of one for each."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.service import Service
from bot.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
Job = Callable[[Service], Any]
MOST = 100
"""Jobs in a transaction: others wait as long as it lasts."""


class Together:
    """Does work in the talk's thread; whatever asks while it is busy goes together, in the order of asking."""

    def __init__(self, talk: Worker[Service]) -> None:
        self._talk = talk
        self._waiting: list[tuple[Job, asyncio.Future[Any]]] = []
        self._working: asyncio.Task[None] | None = None

    async def run(self, work: Callable[Concatenate[Service, P], R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `work` makes of the service and the arguments, once it is stored; what it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda service: work(service, *arguments, **named), done))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await done

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                results = await self._talk.run(_do_all, [job for job, _ in taken])
            except Exception as error:  # the thread has ended: whoever waits must not wait for ever
                results = [error] * len(taken)
            for (_, done), result in zip(taken, results, strict=True):
                if done.cancelled():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                else:
                    done.set_result(result)
        self._working = None


def _do_all(service: Service, jobs: Sequence[Job]) -> Sequence[Any]:
    """Each job's result, or the exception that it raised."""
    if len(jobs) > 1:
        try:
            with service.store.writing():
                return [job(service) for job in jobs]
        except Exception:
            # Nothing of it was kept. Each by itself now, so that one's fault is not the others'.
            pass
    return [_do(service, job) for job in jobs]


def _do(service: Service, job: Job) -> Any:
    try:
        return job(service)
    except Exception as error:
        return error
