"""What one process at a time does, handed on by a process that is killed: two `zhuye serve` with both bots."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ownership import EVERY, TERM
from bot.settings import Settings
from knowledge.search import Knowledge
from tests.bot.processes import Served, environment_of, serving
from tests.bot.test_workers import with_knowledge
from tests.botapi.server import BotApi

PUBLIC, DESK = "7001:public", "7002:desk"
SOON = 15.0
"""Seconds within which what a dead process did must be done by another."""
MINE = re.compile(r'"([a-z -]+): done by this process')


@pytest.fixture
async def server() -> AsyncIterator[BotApi]:
    async with BotApi() as running:
        yield running


def owned(served: Served) -> set[str]:
    return set(MINE.findall(served.log))


async def until(served: Served, wanted: set[str]) -> None:
    async with asyncio.timeout(60):
        while owned(served) != wanted:
            await asyncio.sleep(0.02)


# With SQLite the leases are the same (`test_ownership`), and waiting for them takes half a minute.
@pytest.mark.parametrize("kept_at", ["postgres"], indirect=True)
async def test_a_process_that_is_killed_hands_on_its_work_within_seconds(
    place: Settings, knowledge: Knowledge, cache: Path, server: BotApi, tmp_path: Path
) -> None:
    public, desk = server.bot(PUBLIC, username="zhuye_bot"), server.bot(DESK, username="zhuye_desk_bot")
    li, wang = server.person(5, "李明", bot=public), server.person(1, "王芳", bot=desk)
    with_knowledge(place, cache)
    bots = {"ZHUYE_TELEGRAM_TOKEN": PUBLIC, "ZHUYE_DESK_TELEGRAM_TOKEN": DESK, "ZHUYE_TELEGRAM_API": server.base}
    environment = {**environment_of(place), **bots}
    everything = {"telegram", "desk-telegram", "upkeep", "web", "desk web"}
    with serving(Served(environment, tmp_path / "one.log")) as one:
        await until(one, everything)
        with serving(Served(environment, tmp_path / "other.log")) as other:
            await li.says("补贴 资格")
            await li.waits_for("哪个县", within=30)
            async with asyncio.timeout(60):
                while "the public bot answers" not in other.log or "caseworkers' bot works" not in other.log:
                    await asyncio.sleep(0.02)
            assert not owned(other)
            os.kill(one.process.pid, signal.SIGKILL)
            killed = time.monotonic()
            await li.says("天水")
            await wang.says("你好")
            await li.waits_for("哪一类残疾", within=60)
            await wang.waits_for("只给残联工作人员用", within=60)
            assert time.monotonic() - killed < SOON
            await until(other, everything)
            assert await asyncio.to_thread(other.stop) == 0
            assert not any(token in log for token in (PUBLIC, DESK) for log in (one.log, other.log))
    assert TERM + EVERY < SOON
    assert not [call.error for call in server.refused if "Conflict" in str(call.error)]
    assert len(server.called("setMyName")) == 1, "the profile is set once"
