"""Stored turns of one process and of two on one PostgreSQL, each with people of its own who never pause."""

import contextlib
import itertools
import queue
import resource
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

import msgspec

from benchmarks.figures import Figure
from benchmarks.turns import AT, load_texts
from benchmarks.web import SPAWN, percentile
from benchmarks.workload import knowledge_in_use
from bot.service import Service
from bot.settings import Settings
from bot.store.store import open_store
from conversations.materials import build_materials
from conversations.messages import Incoming
from tests.postgres import Server

CONVERSATIONS, ROUNDS = 30, 3
SETTLING, LOOK_SECONDS = 0.3, 1.0
SMOKE_CONVERSATIONS, SMOKE_ROUNDS = 2, 1


class Run(msgspec.Struct, frozen=True):
    """How some processes did: turns a second of all, seconds of each turn, and processor seconds a turn.

    Those are of our processes, and of the server's.
    """

    speed: float
    turns: Sequence[float]
    processor: float
    server: float


def measure(name: str, settings: Settings, server: Server, smoke: bool) -> Iterator[Figure]:
    """The best of some rounds in turn: one process, then two."""
    conversations, rounds = (SMOKE_CONVERSATIONS, SMOKE_ROUNDS) if smoke else (CONVERSATIONS, ROUNDS)
    texts = load_texts()
    best: dict[int, Run] = {}
    for number, processes in itertools.product(range(rounds), (1, 2)):
        run = turns_of(settings, server, processes, conversations, texts, f"{number}")
        if processes not in best or run.speed > best[processes].speed:
            best[processes] = run
    one, two = best[1], best[2]
    yield Figure(name=f"{name}_turns", value=one.speed, unit="turns/s")
    yield Figure(name=f"{name}_turns_two_processes", value=two.speed, unit="turns/s", peer="one", peer_value=one.speed)
    for share in (50, 99):
        alone, both = (percentile(run.turns, share) * 1000 for run in (one, two))
        yield Figure(name=f"{name}_turn_p{share}_two_processes", value=both, unit="ms", peer="one", peer_value=alone)
    # What a turn takes of processors bounds how many turns these can make, however many processes ask for them.
    for kind, run in (("one", one), ("two", two)):
        ours, its = run.processor * 1000, run.server * 1000
        yield Figure(name=f"{name}_turn_processor_{kind}", value=ours, unit="ms", peer="server", peer_value=its)


def turns_of(
    settings: Settings, server: Server, processes: int, conversations: int, texts: Sequence[str], name: str
) -> Run:
    """Let so many processes have so many conversations each at once, and one more each to warm up."""
    before = server.processor_seconds()
    go, results = SPAWN.Barrier(processes), SPAWN.Queue()
    running = [
        SPAWN.Process(target=talk, args=(settings, f"{name}:{processes}:{number}", conversations, texts, go, results))
        for number in range(processes)
    ]
    for process in running:
        process.start()
    told = [_told(results, running) for _ in running]
    for process in running:
        process.join()
    began, ended = min(one[0] for one in told), max(one[1] for one in told)
    turns = [seconds for one in told for seconds in one[2]]
    made = len(turns) * (1 + 1 / conversations)
    its = (_until_still(server) - before) / made
    return Run(len(turns) / (ended - began), turns, sum(one[3] for one in told) / len(turns), its)


def _told(results: Any, running: Sequence[Any]) -> Any:
    """What the next process tells."""
    while True:
        with contextlib.suppress(queue.Empty):
            return results.get(timeout=LOOK_SECONDS)
        if any(process.exitcode for process in running):
            raise RuntimeError("a process ended without a word")


def _until_still(server: Server) -> float:
    """What the server took, once the last connections have ended."""
    while True:
        taken = server.processor_seconds()
        time.sleep(SETTLING)
        if server.processor_seconds() == taken:
            return taken


def talk(settings: Settings, name: str, conversations: int, texts: Sequence[str], go: Barrier, results: Any) -> None:
    """A process: when all are ready it has its conversations; it tells when it began and ended, and its turns."""
    materials = build_materials(knowledge_in_use())
    with open_store(settings) as store:
        service = Service(materials, store, lambda: AT)
        list(_converse(service, f"{name}:warm", texts))
        go.wait()
        used, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        turns = [
            seconds for number in range(conversations) for seconds in _converse(service, f"{name}:{number}", texts)
        ]
        ended, after = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    results.put((began, ended, turns, processor))


def _converse(service: Service, user: str, texts: Sequence[str]) -> Iterator[float]:
    """A new person's conversation: the seconds of each turn."""
    for number, text in enumerate(texts):
        began = time.perf_counter()
        service.handle(user, str(number), Incoming(text=text))
        yield time.perf_counter() - began
