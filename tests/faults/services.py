"""The processes of `zhuye serve` in a run: started, kept up as a service manager would, killed."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.bot.test_serving import free_port
from tests.faults.launcher import set_clock

READY_SECONDS = 120
STOP_SECONDS = 30
PAUSE_SECONDS = 0.5
"""Until a process that ended is started again."""
LAST_WORDS = 2000
"""Characters of a log that are told of a process that ended by itself."""


class Service:
    """One process. `crashes` tells of those that ended by themselves, after they had been ready."""

    def __init__(self, number: int, folder: Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.log = folder / f"serve-{number}.log"
        self.clock = folder / f"clock-{number}"
        self.clock_off = 0.0
        self.kills = 0
        self.starts = 0
        self.crashes: list[str] = []
        self._settings = {**os.environ, **settings, "ZHUYE_PORT": str(self.port)}
        self._process: asyncio.subprocess.Process | None = None
        self._killed = self._stopping = False
        self._ready = asyncio.Event()
        set_clock(self.clock, 0.0)
        self._keeping = asyncio.create_task(self._keep_up())

    async def ready(self) -> None:
        """Wait until it answers."""
        try:
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)
        except TimeoutError:
            raise RuntimeError(self._last_words()) from None

    def kill(self) -> None:
        """End it as a machine that fails would; it is started again."""
        if self._process and self._process.returncode is None:
            self.kills += 1
            self._killed = True
            self._process.kill()

    def jump(self, seconds: float) -> None:
        """Set its clock so far off."""
        self.clock_off = seconds
        set_clock(self.clock, seconds)

    async def stop(self) -> None:
        """End it in order; what is no order is a crash."""
        self._stopping = True
        if self._process and self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._keeping, STOP_SECONDS)
        except TimeoutError:
            self.crashes.append(f"did not stop within {STOP_SECONDS} s: {self._last_words()}")
            assert self._process
            self._process.kill()

    async def _keep_up(self) -> None:
        while not self._stopping:
            self._killed, ready = False, False
            self.starts += 1
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-u", "-m", "tests.faults.launcher", str(self.clock)),
                    env=self._settings,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
            if self._stopping:
                self._process.terminate()
            assert self._process.stdout
            while line := await self._process.stdout.readline():
                ready = ready or b"http://" in line
                if ready:
                    self._ready.set()
            code = await self._process.wait()
            # One that finds no database when it starts says so and ends; it is tried again.
            if ready and not self._killed and (code or not self._stopping):
                self.crashes.append(f"ended by itself with {code}: {self._last_words()}")
            if not self._stopping:
                await asyncio.sleep(PAUSE_SECONDS)

    def _last_words(self) -> str:
        return self.log.read_text("utf-8", "replace")[-LAST_WORDS:]
