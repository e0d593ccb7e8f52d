"""`zhuye serve` with a clock that jumps: run as `python -m tests.faults.launcher FILE`.

FILE holds a number of seconds (a C double), by which the clock of this process is off, and which may change at any
moment. The two ways in which the service asks for the time are wrapped from outside: it knows nothing of it.
"""

import datetime
import mmap
import struct
import sys
import time
from pathlib import Path

from bot.cli import main
from bot.settings import Settings

SECONDS = struct.Struct("d")


def set_clock(file: Path, seconds: float) -> None:
    """Let the clock of who has `file` be so many seconds off."""
    if not file.exists():
        file.write_bytes(SECONDS.pack(0.0))
    with file.open("r+b") as stream:
        stream.write(SECONDS.pack(seconds))


def follow(file: Path) -> None:
    """Let this process's clock be off by what the file says."""
    with file.open("rb") as stream:
        shared = mmap.mmap(stream.fileno(), SECONDS.size, access=mmap.ACCESS_READ)
    now, seconds = Settings.now, time.time

    def off() -> float:
        return float(SECONDS.unpack_from(shared)[0])

    Settings.now = lambda self: now(self) + datetime.timedelta(seconds=off())  # type: ignore[method-assign]
    time.time = lambda: seconds() + off()


if __name__ == "__main__":
    follow(Path(sys.argv[1]))
    sys.argv[1:] = ["serve"]
    main()
