"""`zhuye serve` as real processes on loopback, and what they say in their log."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

from bot.settings import Settings
from tests.conftest import ROOT

PATIENCE = 120
STARTED = r"Started server process \[(\d+)\]"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def environment_of(place: Settings) -> dict[str, str]:
    database = {"ZHUYE_DATABASE_URL": place.database_url} if place.database_url else {}
    return {**os.environ, "ZHUYE_DATA_DIR": str(place.data_dir), **database}


class Served:
    """A running `zhuye serve`; `log` is all that it and its workers write."""

    def __init__(self, environment: Mapping[str, str], log: Path, *arguments: str, folder: Path = ROOT) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._file = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "bot", "serve", *arguments],
                env={**environment, "ZHUYE_PORT": str(self.port)},
                stdout=stream,
                stderr=stream,
                cwd=folder,
            )

    @property
    def log(self) -> str:
        return self._file.read_text("utf-8")

    @property
    def pids(self) -> list[int]:
        """The processes that came to answer, in order; some may have ended since."""
        return [int(pid) for pid in re.findall(STARTED, self.log)]

    def until(self, true: Callable[[], object]) -> None:
        give_up = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < give_up and self.process.poll() is None, self.log
            time.sleep(0.02)

    def says(self, words: str, times: int = 1) -> None:
        """Wait until the log has the words so often."""
        self.until(lambda: self.log.count(words) >= times)

    def get(self, path: str) -> int:
        """The status of a page, asked for on a connection of its own."""
        return httpx.get(f"{self.address}{path}", timeout=PATIENCE).status_code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Killed with all its workers at the end, if it has not ended by then."""
    try:
        yield served
    finally:
        for pid in [*served.pids, served.process.pid] if served.process.poll() is None else served.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        served.process.wait()


def lives(pid: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Visitor:
    """Somebody at the chat page, each of whose requests is a new connection, so that any process may get it."""

    def __init__(self) -> None:
        self.cookies = httpx.Cookies()
        self.page = ""

    def get(self, address: str, path: str = "/") -> int:
        with httpx.Client(cookies=self.cookies, follow_redirects=True, timeout=PATIENCE) as client:
            answer = client.get(f"{address}{path}")
        self.cookies.update(answer.cookies)
        self.page = answer.text
        return answer.status_code

    def says(self, address: str, text: str) -> str:
        """The page after something was said in its form."""
        hidden = dict(re.findall(r'<input type="hidden" name="(csrf|message_id|after)" value="([^"]*)"', self.page))
        with httpx.Client(cookies=self.cookies, follow_redirects=True, timeout=PATIENCE) as client:
            answer = client.post(f"{address}/say", data={**hidden, "text": text}, headers={"Origin": address})
        assert answer.status_code == 200, answer.text
        self.cookies.update(answer.cookies)
        self.page = answer.text
        return self.page
