"""Work of many people that is waiting is stored in one transaction: one wait for the disk instead of one for each.

Such a transaction has all its people to itself before it does anything, and what is nobody's comes last: so the batches
of several processes never wait for each other in a circle, in whatever order messages reach them.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec

from bot.service import Service
from bot.store.base import Interrupted
from bot.worker import Worker

P = ParamSpec("P")
R = TypeVar("R")
Whose = Callable[[Service], str]
"""The keyed hash of the person that a piece of work is about."""
MOST = 100
"""Jobs in a transaction: others wait as long as it lasts."""
CROWDED = 300
"""From so many on that wait, more can only wait in vain: whoever asks gives up, asks again, and is answered twice."""
TRIES = 3
"""How often a job may be cut short, which says to do it again whether it was kept or not."""


class Job(msgspec.Struct, frozen=True):
    """A piece of work, and whose it is; nobody's without."""

    work: Callable[[Service], Any]
    whose: Whose | None


class Together:
    """Does work in the talk's thread; what comes while it is busy goes together, a person's in the order of asking."""

    def __init__(self, talk: Worker[Service]) -> None:
        self._talk = talk
        self._waiting: list[tuple[Job, asyncio.Future[Any]]] = []
        self._working: asyncio.Task[None] | None = None

    @property
    def crowded(self) -> bool:
        """Whether so much waits that more should be sent away, to come again soon."""
        return len(self._waiting) >= CROWDED

    async def run(self, work: Callable[Concatenate[Service, P], R], *arguments: P.args, **named: P.kwargs) -> R:
        """What `work`, which is nobody's, makes of the service and the arguments, once it is stored; what it raises."""
        result: R = await self._done(Job(lambda service: work(service, *arguments, **named), None))
        return result

    async def run_for(
        self, whose: Whose, work: Callable[Concatenate[Service, P], R], *arguments: P.args, **named: P.kwargs
    ) -> R:
        """As `run`, for work that is about a person."""
        result: R = await self._done(Job(lambda service: work(service, *arguments, **named), whose))
        return result

    async def _done(self, job: Job) -> Any:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await done

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            taken.sort(key=lambda waiting: waiting[0].whose is None)
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
            with service.store.alone(*(job.whose(service) for job in jobs if job.whose)):
                return [job.work(service) for job in jobs]
        except Exception:
            # Nothing of it was kept. Each by itself now, so that one's fault is not the others'.
            pass
    return [_do(service, job) for job in jobs]


def _do(service: Service, job: Job) -> Any:
    """Its result, or the exception that it raised; what the database cut short is begun anew."""
    for _ in range(TRIES):
        try:
            if job.whose is None:
                return job.work(service)
            # What another process is doing for the person is done before anything is looked up.
            with service.store.alone(job.whose(service)):
                return job.work(service)
        except Interrupted as error:
            cut_short: Exception = error
        except Exception as error:
            return error
    return cut_short
