"""Several processes send what is owed, and some are killed in the middle: all of it goes out, to each in order."""

import multiprocessing
import os
import random
import signal
import time
from collections import defaultdict
from pathlib import Path

import msgspec

from bot.settings import Settings
from bot.store.outbox import Letter
from bot.store.store import open_store

PEOPLE, LETTERS, KILLS = 12, 12, 4
LEASE = 4.0
FORK = multiprocessing.get_context("fork")


def send(place: Settings, sent: Path, slow: float) -> None:
    """Send all that is owed: a line for each letter, written at once; then say that it is done."""
    handle = os.open(sent, os.O_WRONLY | os.O_APPEND)
    with open_store(place) as store:
        while store.outbox.next_due("web", 0) is not None:
            for owed in store.outbox.take("web", time.time(), 3, LEASE):
                os.write(handle, f"{owed.letter.address} {bytes(owed.letter.content).decode()}\n".encode())
                time.sleep(slow)
                store.outbox.done(owed.id)


def test_letters_go_out_in_order_whoever_sends_and_dies(place: Settings, tmp_path: Path) -> None:
    chance = random.Random(7)
    sent = tmp_path / "sent"
    sent.touch()
    with open_store(place) as store:
        for number in range(LETTERS):
            for person in range(PEOPLE):
                store.outbox.owe("web", f"u{person}", [Letter(str(person), msgspec.Raw(b"%d" % number))], 0)

    def start() -> multiprocessing.process.BaseProcess:
        process = FORK.Process(target=send, args=(place, sent, 0.01))
        process.start()
        return process

    processes = [start() for _ in range(3)]
    for kill in range(1, KILLS + 1):
        while sent.read_bytes().count(b"\n") < kill * PEOPLE * LETTERS // (KILLS + 2):
            time.sleep(0.001)
        victim = processes.pop(chance.randrange(len(processes)))
        assert victim.pid
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        processes.append(start())
    for process in processes:
        process.join()
        assert process.exitcode == 0
    came: dict[str, list[int]] = defaultdict(list)
    for line in sent.read_text().splitlines():
        to, content = line.split()
        came[to].append(int(content))
    assert len(came) == PEOPLE
    for numbers in came.values():
        assert sorted(set(numbers)) == list(range(LETTERS)), "none is lost"
        assert numbers == sorted(numbers), "in order; one whose sender died may come twice, before the next"
    assert sum(map(len, came.values())) <= PEOPLE * LETTERS + 3 * KILLS
