"""`zhuye serve` as a process: it answers, says what it cannot do, and stops when told."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.serving import ChannelError, _listen
from knowledge.search import Knowledge
from tests.bot.test_chat import built_knowledge


@pytest.fixture
def environment(tmp_path: Path, knowledge: Knowledge, cache: Path) -> dict[str, str]:
    built = built_knowledge(cache)
    data = tmp_path / "data"
    (data / "cache").mkdir(parents=True)
    (data / "cache" / built.name).write_bytes(built.read_bytes())
    return {**os.environ, "ZHUYE_DATA_DIR": str(data), "ZHUYE_PORT": str(free_port())}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    for line in process.stderr:
        if "startup complete" in line:
            break
    yield process
    process.kill()
    process.stderr.close()
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_when_told(
    served: subprocess.Popen[str], environment: dict[str, str], number: signal.Signals
) -> None:
    for page in ("healthz", "readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['ZHUYE_PORT']}/{page}") as answer:
            assert answer.read() == b"ok\n"
    served.send_signal(number)
    assert served.wait(20) == 0


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ChannelError, match="ZHUYE_PORT"):
        _listen("127.0.0.1", taken.getsockname()[1])
