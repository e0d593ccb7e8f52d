"""One of several identical processes on one listening socket, and what it does.

It is started as a new interpreter, so that one that replaces another runs the code that is on the disk now.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from bot.commands.output import REFUSED, fail
from bot.logs import begin
from bot.serving import Channel, ChannelError
from bot.settings import Settings

logger = logging.getLogger(__name__)
LONGEST_START = 120.0
"""Seconds in which a process must come to answer: it may have to build the knowledge on a slow machine."""
BEAT, LONGEST_SILENCE = 5.0, 60.0
"""Seconds between two signs of life of a process, and after which one that gives none is taken to hang."""
LONGEST_END = 60.0
"""Seconds in which a process may finish what it does."""
SPAWN = multiprocessing.get_context("spawn")


class Process:
    """One of the processes; `told` is readable once it answers, and with each sign of life from then on."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self.told, telling = SPAWN.Pipe(duplex=False)
        self._process = SPAWN.Process(target=work, args=(settings, listening, telling))
        self._process.start()
        telling.close()
        self.began = self._heard = time.monotonic()
        self._patience = LONGEST_START

    @property
    def id(self) -> int | None:
        """Its process id."""
        return self._process.pid

    @property
    def ended(self) -> int:
        """Readable once it has ended."""
        return self._process.sentinel

    @property
    def exitcode(self) -> int | None:
        """What it ended with; None while it lives."""
        return self._process.exitcode

    def stop(self) -> None:
        """Let it finish what it does, and end."""
        self._process.terminate()

    def hear(self) -> bool:
        """Take the signs of life that have come; whether there were any."""
        heard = False
        while self.told.poll() and _said(self.told):
            heard, self._patience, self._heard = True, LONGEST_SILENCE, time.monotonic()
        return heard

    @property
    def hangs(self) -> bool:
        """Whether it has given no sign of life for too long."""
        return time.monotonic() - self._heard > self._patience

    def kill(self) -> None:
        """End it now: it may not be able to listen."""
        self._process.kill()

    def join(self) -> bool:
        """Wait for its end, which is made if it does not come; whether it was in order, or before it began to work."""
        self._process.join(LONGEST_END)
        self.kill()
        self._process.join()
        self.told.close()
        return self._process.exitcode in (0, -signal.SIGTERM)


def _said(told: Connection) -> bool:
    """Whether something was said, and not only the end closed."""
    try:
        return bool(told.recv())
    except EOFError:
        return False


def work(settings: Settings, listening: socket.socket, telling: Connection) -> None:
    """What each process does."""
    # Ctrl+C reaches all processes of a terminal; it is the supervisor who says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from bot.channels.configured import configured
    from bot.serving import serve
    from bot.store.base import StoreError
    from bot.store.sealing import BadKeys
    from knowledge.corpus.folders import BadKnowledge

    begin(settings.log_level, sys.stderr)
    os.set_blocking(telling.fileno(), False)

    async def run(channels: Sequence[Channel]) -> bool:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        supervisor = multiprocessing.parent_process()
        assert supervisor

        def left_alone() -> None:
            loop.remove_reader(supervisor.sentinel)
            logger.error("the supervisor is gone: this process ends too")
            stop.set()

        loop.add_reader(supervisor.sentinel, left_alone)
        living = set()

        def started(_: str) -> None:
            living.add(asyncio.create_task(live(telling)))

        return await serve(channels, listening, stop, settings.proxies, started)

    try:
        with configured(settings) as channels:
            well = asyncio.run(run(channels))
    except (BadKnowledge, BadKeys, StoreError, ChannelError) as error:
        fail(type(error).__name__, str(error), as_json=False)
        well = False
    if not well:
        sys.exit(REFUSED)


async def live(telling: Connection) -> None:
    """Give signs of life."""
    while True:
        # A supervisor that reads none must not stop us.
        with contextlib.suppress(OSError):
            telling.send(True)
        await asyncio.sleep(BEAT)
