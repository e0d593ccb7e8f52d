"""Several processes on one listening socket: begun again when they die or hang, replaced one by one, ended together.

The socket stays open meanwhile: whoever connects waits a moment at most.
"""

import contextlib
import logging
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait

from bot.serving import address_of, listen
from bot.settings import Settings
from bot.workers import BEAT, LONGEST_START, SPAWN, Process

logger = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds until a process that died is begun again: twice as long each time …"""
LIVED = 60.0
"""… until one has lived so many seconds."""
METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client keeps what all processes have counted."""


class Supervisor:
    """Keeps so many processes at work until it is told to stop."""

    def __init__(self, settings: Settings, count: int, listening: socket.socket, signals: Connection) -> None:
        self._settings = settings
        self._count = count
        self._listening = listening
        self._signals = signals
        self._processes: list[Process] = []
        self._failures = 0
        self._due: list[float] = []

    def run(self, ready: Callable[[str], object]) -> bool:
        """Work until a signal to stop; whether all ended in order. `ready` is called once the first one answers."""
        try:
            # The first one alone: it makes what the others find made, and says what is wrong once.
            if not self._begin():
                return False
            ready(address_of(self._listening))
            self._processes += [self._new() for _ in range(self._count - 1)]
            self._watch()
        finally:
            for process in self._processes:
                process.stop()
            well = [process.join() for process in self._processes]
        return all(well)

    def _new(self) -> Process:
        return Process(self._settings, self._listening)

    def _begin(self) -> bool:
        """Begin a process; whether it came to answer before it ended, or we were told to stop."""
        process = self._new()
        found = wait([process.told, process.ended, self._signals], LONGEST_START)
        if process.told in found and process.hear():
            self._processes.append(process)
            return True
        process.stop()
        process.join()
        return False

    def _watch(self) -> None:
        while True:
            pause = min([BEAT, *(due - time.monotonic() for due in self._due)])
            found = wait([self._signals, *(process.ended for process in self._processes)], max(pause, 0))
            if self._signals in found:
                if self._signals.recv() != signal.SIGHUP:
                    return
                self._replace()
            for process in [process for process in self._processes if process.exitcode is not None]:
                self._mourn(process)
            for process in self._processes:
                if not process.hear() and process.hangs:
                    logger.error("process %s gives no sign of life: it is killed", process.id)
                    process.kill()
            for due in [due for due in self._due if due <= time.monotonic()]:
                self._due.remove(due)
                self._processes.append(self._new())

    def _mourn(self, process: Process) -> None:
        """A process has ended that nobody had told to."""
        self._processes.remove(process)
        process.join()
        self._failures = 0 if time.monotonic() - process.began > LIVED else self._failures + 1
        pause = min(FIRST_WAIT * 2 ** max(self._failures - 1, 0), LONGEST_WAIT)
        self._due.append(time.monotonic() + pause)
        logger.error("process %s has ended with %s; another begins in %.1f s", process.id, process.exitcode, pause)

    def _replace(self) -> None:
        """Each by a new one, one after the other, as long as the new ones come to answer."""
        for process in list(self._processes):
            if not self._begin():
                logger.error("a new process does not come to work; the others go on as they are")
                return
            process.stop()
            process.join()
            self._processes.remove(process)
        logger.info("all processes are new")


def supervise(settings: Settings, count: int, ready: Callable[[str], object]) -> bool:
    """Run `count` processes with all channels, until SIGTERM or SIGINT; whether all could run. SIGHUP replaces them.

    Raises:
        ChannelError: nothing can listen there.

    """
    with (
        listen(settings.host, settings.port) as listening,
        tempfile.TemporaryDirectory(prefix="zhuye-metrics-") as counted,
        _signals() as signals,
    ):
        os.environ[METRICS] = counted
        return Supervisor(settings, count, listening, signals).run(ready)


@contextlib.contextmanager
def _signals() -> Iterator[Connection]:
    """Where the numbers of the signals that come can be read."""
    reading, writing = SPAWN.Pipe(duplex=False)
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, lambda number, _: writing.send(number)) for number in numbers]
    try:
        yield reading
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
