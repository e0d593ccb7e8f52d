"""`zhuye serve` as a process, killed in mid-dialog; and what the other commands do not import."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.store.store import open_store
from knowledge.search import Knowledge
from tests.bot.store.madeup import at
from tests.bot.test_chat import built_knowledge
from tests.bot.test_serving import free_port
from tests.botapi.bots import Bot
from tests.botapi.faults import Break
from tests.botapi.fixtures import TOKEN
from tests.botapi.people import Person
from tests.botapi.server import BotApi

Start = Callable[[], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def data(tmp_path: Path, knowledge: Knowledge, cache: Path) -> Path:
    (tmp_path / "cache").mkdir()
    shutil.copy(built_knowledge(cache), tmp_path / "cache")
    return tmp_path


@pytest.fixture
async def start(server: BotApi, bot: Bot, data: Path) -> AsyncIterator[Start]:
    processes: list[asyncio.subprocess.Process] = []

    async def another() -> asyncio.subprocess.Process:
        environment = {
            **os.environ,
            "ZHUYE_DATA_DIR": str(data),
            "ZHUYE_PORT": str(free_port()),
            "ZHUYE_TELEGRAM_TOKEN": TOKEN,
            "ZHUYE_TELEGRAM_API": server.base,
        }
        command = [sys.executable, "-m", "bot", "serve"]
        processes.append(await asyncio.create_subprocess_exec(*command, env=environment))
        return processes[-1]

    yield another
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_killed_in_mid_dialog_it_loses_no_answer_and_makes_no_turn_twice(
    start: Start, server: BotApi, bot: Bot, wang: Person, data: Path
) -> None:
    process = await start()
    await wang.says("补贴 资格")
    await wang.waits_for(1, within=60)
    # Killed while the answer is on its way, and once more before the next one was even asked for.
    hanging = server.fails("sendMessage", Break.HANG)
    await wang.says("天水")
    await server.until(lambda: hanging.hits == 1)
    process.kill()
    await process.wait()
    await wang.says("肢体残疾")
    process = await start()
    await wang.waits_for("营业执照", within=60)
    texts = [message.text for message in wang.inbox]
    assert ["哪个县" in texts[0], "哪一类残疾" in texts[1], "营业执照" in texts[2]] == [True] * 3 and len(texts) == 3
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    with open_store(at(data)) as store:
        assert store.turns.session(store.sender("telegram", "1")).version == 3
        assert store.outbox.next_due("telegram", 0) is None


@pytest.mark.parametrize(
    "command", [["ask", "残疾人开店有补贴吗"], ["check", "--facts", "-"], ["leads", "list"], ["--help"]]
)
def test_other_commands_import_no_bot_framework(data: Path, command: list[str]) -> None:
    code = (
        "import sys\nfrom bot.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(sorted({'aiogram', 'telegram'} & set(sys.modules)) or 0)"
    )
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(data), "ZHUYE_TELEGRAM_TOKEN": TOKEN}
    ran = subprocess.run(
        [sys.executable, "-c", code, *command], input="{}", text=True, env=environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
