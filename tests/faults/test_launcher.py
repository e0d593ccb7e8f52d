"""A process's clock jumps while it runs, and nothing else of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.launcher import set_clock

SHOW = """
import sys, time
from pathlib import Path
from bot.settings import Settings
from tests.faults.launcher import follow
follow(Path(sys.argv[1]))
for _ in sys.stdin:
    print(Settings().now().timestamp(), time.time(), time.monotonic(), flush=True)
"""


def test_the_clock_jumps_there_and_back(tmp_path: Path) -> None:
    clock, pipe = tmp_path / "clock", subprocess.PIPE
    set_clock(clock, 0)
    command = [sys.executable, "-c", SHOW, str(clock)]
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=os.environ)
    seen = []
    assert process.stdin and process.stdout
    for seconds in (0, 3600, -7200, 0):
        set_clock(clock, seconds)
        process.stdin.write("\n")
        process.stdin.flush()
        now, time, monotonic = map(float, process.stdout.readline().split())
        assert abs(now - time) < 1
        seen.append(now - monotonic)
    process.communicate()
    assert [round((each - seen[0]) / 3600) for each in seen] == [0, 1, -2, 0]
