"""`zhuye serve` as a process: it answers, says what it cannot do, and stops when told."""

import asyncio
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from bot.serving import ChannelError, address_of, http_server, listen, serve
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
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "bot", "serve"], env=environment, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdout and process.stderr
    for line in process.stderr:
        if "startup complete" in line:
            break
    yield process
    process.kill()
    process.stdout.close()
    process.stderr.close()
    process.wait()


def test_it_prints_where_the_chat_page_is(served: subprocess.Popen[str], environment: dict[str, str]) -> None:
    assert served.stdout
    address = served.stdout.readline().removeprefix("The chat page: ").strip()
    assert address == f"http://127.0.0.1:{environment['ZHUYE_PORT']}/"
    with urllib.request.urlopen(address) as answer:
        assert "助业" in answer.read().decode()


def test_a_request_is_logged_as_json_without_what_was_asked(
    served: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    assert served.stderr
    with urllib.request.urlopen(f"http://127.0.0.1:{environment['ZHUYE_PORT']}/about?q=13812345678") as answer:
        answer.read()
    told = next(line for line in map(json.loads, served.stderr) if "route" in line)
    assert (told["level"], told["method"], told["route"], told["status"]) == ("INFO", "GET", "/about", 200)
    assert told["ms"] > 0 and datetime.datetime.fromisoformat(told["at"]).tzinfo and "138" not in str(told["message"])


def test_a_small_answer_on_a_kept_connection_is_not_held_back() -> None:
    with (
        listen("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_only_a_proxy_of_ours_is_believed_who_is_asking() -> None:
    for proxies, shown in (((), "127.0.0.1"), (("10.0.0.1",), "127.0.0.1"), (("127.0.0.1",), "192.0.2.7")):
        assert asked_from(proxies, {"X-Forwarded-For": "192.0.2.7"}) == shown


def asked_from(proxies: tuple[str, ...], headers: dict[str, str]) -> str:
    """Whom a server behind `proxies` takes for the one who asks."""
    server = http_server([Echo()], proxies)
    with listen("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        request = urllib.request.Request(address_of(listening), headers=headers)
        with urllib.request.urlopen(request) as answer:
            shown = answer.read().decode()
        server.should_exit = True
        thread.join()
    return str(shown)


class Echo:
    """A channel that tells who is asking."""

    name = "echo"

    def routes(self) -> list[Route]:
        return [Route("/", self._show)]

    async def _show(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.client.host if request.client else "")

    async def run(self, stop: object) -> None:
        """There is nothing to do."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_when_told(
    served: subprocess.Popen[str], environment: dict[str, str], number: signal.Signals
) -> None:
    for page in ("healthz", "readyz"):
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['ZHUYE_PORT']}/{page}") as answer:
            assert answer.read() == b"ok\n"
    served.send_signal(number)
    assert served.wait(20) == 0


class Mistaken:
    """A channel that a mistake ends twice."""

    name = "mistaken"

    def __init__(self) -> None:
        self.runs = 0

    def routes(self) -> list[BaseRoute]:
        return []

    async def run(self, stop: asyncio.Event) -> None:
        self.runs += 1
        if self.runs < 3:
            raise ValueError("张三的电话")
        stop.set()


async def test_a_channel_that_fails_begins_again_and_its_words_are_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.serving.AGAIN_SECONDS", 0)
    channel = Mistaken()
    with listen("127.0.0.1", 0) as listening:
        assert await serve([channel], listening, asyncio.Event())
    assert channel.runs == 3
    assert caplog.text.count("mistaken has failed (ValueError at ") == 2 and "张三" not in caplog.text


def test_a_port_that_is_taken_is_named() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ChannelError, match=r"ZHUYE_PORT.*set another port"),
    ):
        listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["192.0.2.1", "a b"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(ChannelError, match=rf"cannot listen on {host} port 1 \([^()]+\); set ZHUYE_HOST") as refused:
        listen(host, 1)
    assert "another port" not in str(refused.value)
