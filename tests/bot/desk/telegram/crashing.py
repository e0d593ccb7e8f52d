"""The desk bot as processes that are killed again and again, at any moment of their lives.

Run as `python -m tests.bot.desk.telegram.crashing SEED FOLDER API`: a life begins with each line of its input. It ends
at a random moment ("never": when the input ends the process is told to stop); its exit code is told then. The processes
are forks of this one, so that what takes long (importing) is done once.
"""

import asyncio
import logging
import os
import random
import signal
import sys
import time
from pathlib import Path
from unittest.mock import patch

from bot.channels.limits import Limits
from bot.desk.telegram.channel import DeskTelegram
from bot.desk.telegram.configured import desk_telegram
from bot.settings import Settings
from tests.bot.owning import owning

TOKEN = "7002:desk"
LIMITS = Limits(apart=0, a_second=1000, shortest_wait=0.01, longest_wait=0.02, poll_seconds=5)
LEASE = 0.3
"""Seconds until the next process sends what a killed one had taken: the test does not wait for a minute."""
TERM = 0.5
"""Seconds until the next process may do what a killed one did."""
LONGEST_LIFE = 0.25
BEGINNING = 0.15
"""The share of lives that end before they have begun to work."""


class Begun(logging.Handler):
    """Tells through a pipe that the bot works."""

    def __init__(self, pipe: int) -> None:
        super().__init__()
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        """See logging."""
        if "works" in record.msg:
            os.write(self._pipe, b".")


async def work(settings: Settings) -> None:
    """Until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with (
        patch("bot.desk.telegram.channel.LEASE_SECONDS", LEASE),
        owning(settings, term=TERM, every=TERM / 10) as ownership,
        desk_telegram(settings, ownership, None, LIMITS) as channel,
    ):
        await channel.run(stop)


def born(settings: Settings) -> tuple[int, int]:
    """A process, and a pipe that tells when it works."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    logger = logging.getLogger(DeskTelegram.__module__)
    logger.setLevel(logging.INFO)
    logger.addHandler(Begun(writing))
    asyncio.run(work(settings))
    os._exit(0)


def main(seed: int, folder: Path, api: str) -> None:
    """Lives, one after the other."""
    chance = random.Random(seed)
    settings = Settings(data_dir=folder, desk_telegram_token=TOKEN, telegram_api=api)
    for line in sys.stdin:
        child, begun = born(settings)
        if line.strip() == "never":
            sys.stdin.read()
            os.kill(child, signal.SIGTERM)
        else:
            if chance.random() > BEGINNING:
                os.read(begun, 1)
            time.sleep(chance.uniform(0, LONGEST_LIFE))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(begun)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
