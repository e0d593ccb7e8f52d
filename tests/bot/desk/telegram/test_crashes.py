"""The desk bot killed while it hears and sends: each question is answered once, nothing that is owed gets lost."""

import asyncio
import contextlib
import datetime
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.desk.accounts import DESK_TELEGRAM, OPERATOR, Accounts
from bot.desk.names import load_names
from bot.desk.notify import tell_of_handover
from bot.store.registrations import PERSON
from bot.store.store import Store
from tests.bot.desk.telegram.conftest import MAIJI
from tests.botapi.people import Person
from tests.botapi.server import BotApi
from tests.conftest import ROOT

KILLS = 12
LONG = 30
"""Seconds that something may take at most."""
Lives = asyncio.subprocess.Process


@pytest.fixture
async def lives(server: BotApi, newcomer: Person, tmp_path: Path) -> AsyncIterator[Lives]:
    """What begins and kills the processes."""
    seed = random.randrange(10**6)
    print("seed", seed)
    command = [sys.executable, "-m", "tests.bot.desk.telegram.crashing", str(seed), str(tmp_path / "data"), server.base]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, start_new_session=True)
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def life(lives: Lives, how: str = "killed") -> int:
    """Let a process live; its exit code."""
    assert lives.stdin and lives.stdout
    lives.stdin.write(f"{how}\n".encode())
    return int(await lives.stdout.readline())


def asks(store: Store, number: int) -> None:
    """Somebody on the chat page asks a human."""
    at = datetime.datetime.now(datetime.UTC)
    with store.writing():
        store.recipients.keep(f"person {number}", "web", "x", notices=False)
        handover = store.handovers.begin(f"person {number}", MAIJI, f"问题{number}！", at)
        tell_of_handover(store, handover, at)


async def works(store: Store, wang: Person, enough: Callable[[], bool]) -> int:
    """A caseworker answers one question after the other; how many."""
    await wang.waits_for("登录好了", LONG)
    number = 0
    while not enough() or not number:
        number += 1
        asks(store, number)
        await wang.waits_for(f"问题{number}！", LONG)
        await wang.presses(f"answer:{number}")
        await wang.waits_for(f"回答编号{number}的提问", LONG)
        await wang.says(f"答复{number}！")
        await wang.waits_for(f"编号{number}的回答发给本人了", LONG)
    return number


async def test_every_question_is_answered_once_whenever_it_is_killed(
    store: Store, server: BotApi, newcomer: Person, lives: Lives
) -> None:
    code = Accounts(store, load_names().gazetteer, lambda: datetime.datetime.now(datetime.UTC)).add(
        OPERATOR, "王芳", "worker", MAIJI
    )
    await newcomer.says(code)
    killed: list[int] = []
    working = asyncio.create_task(works(store, newcomer, lambda: len(killed) == KILLS))
    while len(killed) < KILLS:
        killed.append(await life(lives))
    last = asyncio.create_task(life(lives, "never"))
    answered = await working
    await server.until(lambda: store.outbox.next_due(DESK_TELEGRAM, 0) is None)
    assert killed == [-signal.SIGKILL] * KILLS
    for number in range(1, answered + 1):
        told = [exchange.said.told or "" for exchange in store.transcripts.last(f"person {number}")]
        assert len(told) == 1 and f"答复{number}！" in told[0]
        handover = store.handovers.get(number)
        assert handover and [(one.actor, one.words) for one in store.handovers.said(handover)] == [
            (PERSON, f"问题{number}！"),
            ("王芳", f"答复{number}！"),
        ]
    # What was on its way to the caseworker when it was killed may have come twice, no more.
    texts = [message.text for message in newcomer.inbox]
    doubled = len(texts) - len(set(texts))
    assert doubled <= KILLS
    assert len([text for text in set(texts) if "发给本人了" in text]) == answered
    assert store.database.faults() == []
    print(f"{KILLS} kills, {answered} questions answered, {doubled} messages twice")
    assert lives.stdin
    lives.stdin.close()
    assert await last == 0
