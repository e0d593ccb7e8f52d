"""The plan's faults, done to the processes and to what they work with."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg

from tests.faults.place import Place
from tests.faults.plan import CLOCK_HOURS, KINDS, WITHOUT_DATABASE, Fault, Kind
from tests.faults.proxy import Proxy
from tests.postgres import Server

LONGEST_DELAY = 0.5
"""Seconds that what is sent to the processes is held back for at most; the way to the database is a tenth of it, since
a turn goes it a dozen times."""
CUT_EVERY_SECONDS = 0.1
SETTLING_SECONDS = 5.0
"""After a fault's end until people's waits are over, and the run counts as undisturbed again."""


def possible(place: Place) -> Sequence[Kind]:
    """The kinds that can be done here: a disk of its own needs root."""
    kinds = KINDS if place.database else WITHOUT_DATABASE
    return kinds if place.disk.mounted else [kind for kind in kinds if kind != "disk_full"]


class Injector:
    """Does faults to a place; `done` counts them."""

    def __init__(self, place: Place, now: Callable[[], float]) -> None:
        self._place = place
        self._now = now
        self._database = asyncio.Lock()
        self.done: dict[str, int] = {}
        self._disturbed: list[tuple[float, float]] = []

    async def all(self, faults: Sequence[Fault]) -> None:
        """Each at its time; a fault that begins while another lasts does not wait for it."""
        async with asyncio.TaskGroup() as tasks:
            for fault in faults:
                await asyncio.sleep(max(0.0, fault.at - self._now()))
                tasks.create_task(self.one(fault))

    async def one(self, fault: Fault) -> None:
        """One fault, from its beginning to its end."""
        began = self._now()
        await self._kinds[fault.kind](self, fault)
        self.done[fault.kind] = self.done.get(fault.kind, 0) + 1
        self._disturbed.append((began, self._now() + SETTLING_SECONDS))

    def touches(self, begin: float, end: float) -> bool:
        """Whether a fault, or what came of it, lasted in any of these seconds of the run."""
        return any(first < end and begin < last for first, last in self._disturbed)

    async def _kill(self, fault: Fault) -> None:
        """One process, or now and then all of them."""
        services = self._place.services
        for service in services if abs(fault.by) < 1 / 4 else [services[int(fault.part * len(services))]]:
            service.kill()

    async def _restart(self, fault: Fault) -> None:
        """The database's server in order, or at once, or one of its processes, after which it recovers by itself."""
        assert self._place.database
        async with self._database:
            if fault.by < -1 / 3:
                end_a_backend(self._place.database)
                await asyncio.to_thread(self._place.database.await_ready)
            else:
                how = signal.SIGINT if fault.by < 1 / 3 else signal.SIGQUIT
                await asyncio.to_thread(self._place.database.stop, how)
                await asyncio.sleep(fault.seconds)
                await asyncio.to_thread(self._place.database.start)

    async def _fill(self, fault: Fault) -> None:
        """The disk; a server of the database that did not survive it is started when there is room again."""
        async with self._database:
            with self._place.disk.full():
                await asyncio.sleep(fault.seconds)
            if self._place.database:
                await asyncio.to_thread(revive, self._place.database)

    async def _cut(self, fault: Fault) -> None:
        await self._keep_cutting(self._front(fault), fault.seconds)

    async def _cut_database(self, fault: Fault) -> None:
        assert self._place.way
        await self._keep_cutting(self._place.way, fault.seconds)

    async def _keep_cutting(self, proxy: Proxy, seconds: float) -> None:
        until = self._now() + seconds
        while self._now() < until:
            proxy.cut()
            await asyncio.sleep(CUT_EVERY_SECONDS)

    async def _lose(self, fault: Fault) -> None:
        with self._front(fault).deaf():
            await asyncio.sleep(fault.seconds)

    async def _delay(self, fault: Fault) -> None:
        with self._front(fault).slow(abs(fault.by) * LONGEST_DELAY):
            await asyncio.sleep(fault.seconds)

    async def _delay_database(self, fault: Fault) -> None:
        assert self._place.way
        with self._place.way.slow(abs(fault.by) * LONGEST_DELAY / 10):
            await asyncio.sleep(fault.seconds)

    async def _jump(self, fault: Fault) -> None:
        services = self._place.services
        services[int(fault.part * len(services))].jump(fault.by * CLOCK_HOURS * 3600)

    def _front(self, fault: Fault) -> Proxy:
        return self._place.fronts[int(fault.part * len(self._place.fronts))]

    _kinds: Mapping[Kind, Callable[["Injector", Fault], Any]] = {
        "kill": _kill,
        "database": _restart,
        "drop": _cut,
        "drop_database": _cut_database,
        "lose_answers": _lose,
        "delay": _delay,
        "delay_database": _delay_database,
        "disk_full": _fill,
        "clock": _jump,
    }


def revive(database: Server) -> None:
    """Wait until the server lets somebody in again; start it if it has given up."""
    while True:
        if database.ended:
            database.start()
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(database.url).close()
            return


def end_a_backend(database: Server) -> None:
    """Kill one of the processes that serve the connections."""
    with contextlib.closing(psycopg.connect(database.url, autocommit=True)) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
        ).fetchone()
    if found:
        os.kill(found[0], signal.SIGKILL)
