"""`zhuye serve --workers N`, and several of it on one store: nothing depends on which process is asked."""

import os
import shutil
import signal
import socket
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import pytest

from bot.settings import Settings
from bot.supervisor import Supervisor
from bot.workers import SPAWN
from knowledge.search import Knowledge
from tests.bot.processes import Served, Visitor, environment_of, lives, serving
from tests.bot.test_chat import built_knowledge

ADDRESS = "make the first administrator at "


def with_knowledge(place: Settings, cache: Path) -> Settings:
    """The place, where the knowledge is built already."""
    place.cache_dir.mkdir(parents=True)
    shutil.copy(built_knowledge(cache), place.cache_dir)
    return place


@pytest.fixture
def built(knowledge: Knowledge, cache: Path, tmp_path: Path) -> Settings:
    return with_knowledge(Settings(data_dir=tmp_path / "data"), cache)


@pytest.fixture
def ready(place: Settings, knowledge: Knowledge, cache: Path) -> Settings:
    return with_knowledge(place, cache)


def test_a_worker_that_dies_is_replaced_and_all_end_together(built: Settings, tmp_path: Path) -> None:
    with serving(Served(environment_of(built), tmp_path / "log", "--workers", "2")) as served:
        served.until(lambda: len(served.pids) == 2)
        assert f"The chat page: {served.address}/\n" in served.log
        os.kill(served.pids[0], signal.SIGKILL)
        served.until(lambda: len(served.pids) == 3)
        assert f"process {served.pids[0]} has ended with -9; another begins in 0.5 s" in served.log
        assert {served.get("/about") for _ in range(10)} == {200} == {served.get("/readyz")}
        assert counted(served) == 10
        # All are replaced while people ask: nobody is turned away.
        served.process.send_signal(signal.SIGHUP)
        while "all processes are new" not in served.log:
            assert served.get("/healthz") == 200
        assert len(served.pids) == 5 and not any(map(lives, served.pids[:3])) and all(map(lives, served.pids[3:]))
        assert served.stop() == 0
        assert not any(map(lives, served.pids)) and "Traceback" not in served.log


def counted(served: Served) -> float:
    """How often the page about us was asked for, of any process."""
    text = httpx.get(f"{served.address}/metrics").text
    (line,) = [line for line in text.splitlines() if line.startswith("zhuye_requests_total") and "about" in line]
    return float(line.rsplit(" ", 1)[1])


def mute(settings: Settings, listening: socket.socket, telling: Connection) -> None:
    """Comes to answer, and hangs."""
    telling.send(True)
    signal.pause()


def test_a_worker_that_hangs_is_killed_and_replaced(
    place: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.workers.work", mute)
    monkeypatch.setattr("bot.workers.LONGEST_SILENCE", 0.2)
    monkeypatch.setattr("bot.supervisor.BEAT", 0.05)
    reading, writing = SPAWN.Pipe(duplex=False)

    def stop_after_two() -> None:
        while caplog.text.count("has ended with -9; another begins in") < 2:
            time.sleep(0.02)
        writing.send(signal.SIGTERM)

    watching = threading.Thread(target=stop_after_two, daemon=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        watching.start()
        Supervisor(place, 1, listening, reading).run(lambda _: None)
    assert "gives no sign of life: it is killed" in caplog.text


def test_workers_end_when_nobody_watches_over_them(built: Settings, tmp_path: Path) -> None:
    with serving(Served(environment_of(built), tmp_path / "log", "--workers", "2")) as served:
        served.until(lambda: len(served.pids) == 2)
        served.process.kill()
        served.process.wait()
        give_up = time.monotonic() + 60
        while any(map(lives, served.pids)):
            assert time.monotonic() < give_up
            time.sleep(0.02)
        assert served.log.count("the supervisor is gone") == 2


@pytest.mark.parametrize(("setting", "value"), [("ZHUYE_DATA_KEYS", "no-key"), ("ZHUYE_HOST", "192.0.2.1")])
def test_what_cannot_be_is_told_once_and_nothing_goes_on(
    built: Settings, tmp_path: Path, setting: str, value: str
) -> None:
    environment = {**environment_of(built), setting: value}
    with serving(Served(environment, tmp_path / "log", "--workers", "3")) as served:
        assert served.process.wait(60) == 1
        (line,) = [line for line in served.log.splitlines() if setting in line]
        assert line.startswith(setting) and "Traceback" not in served.log and not served.pids


def test_a_talk_goes_on_whichever_process_is_asked(ready: Settings, tmp_path: Path) -> None:
    """Two machines with two processes each on one store, as it were; one is killed in the middle."""
    environment = environment_of(ready)
    if ready.database_url:
        # Another machine has a folder of its own, with the same keys.
        other = tmp_path / "other"
        shutil.copytree(ready.data_dir, other)
    else:
        other = ready.data_dir
    with serving(Served(environment, tmp_path / "one.log", "--workers", "2")) as one:
        one.until(lambda: len(one.pids) == 2)
        if ready.database_url:
            shutil.copy(ready.data_dir / "keys", other)
        with serving(Served({**environment, "ZHUYE_DATA_DIR": str(other)}, tmp_path / "other.log")) as two:
            two.until(lambda: two.pids)
            li = Visitor()
            li.get(one.address)
            assert "哪个县" in li.says(two.address, "补贴 资格")
            os.kill(one.pids[0], signal.SIGKILL)
            assert "哪一类残疾" in li.says(one.address, "天水")
            li.get(two.address)
            assert "哪一类残疾" in li.page
            assert "营业执照" in li.says(two.address, "肢体残疾")
            begin = one.log.split(ADDRESS)[1].split('"')[0].removeprefix(f"http://127.0.0.1:{one.port}")
            assert ADDRESS not in two.log and li.get(two.address, begin) == 200
            assert two.stop() == 0
        assert one.stop() == 0
