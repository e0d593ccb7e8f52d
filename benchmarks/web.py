"""Turns of the chat page over HTTP, beside a bare endpoint of the same framework with a commit a request."""

import asyncio
import contextlib
import multiprocessing
import re
import socket
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.bare import Bare
from benchmarks.figures import Figure
from benchmarks.turns import BUILD, load_texts
from benchmarks.visitors import converse
from benchmarks.workload import knowledge_in_use
from bot.channels.metrics import Metrics
from bot.channels.web.channel import Web
from bot.channels.web.limits import Limit, Limits
from bot.heap import keep_loaded
from bot.service import Service
from bot.serving import Channel, http_server, listen
from bot.settings import Settings
from bot.store.store import open_store
from bot.worker import Worker
from conversations.materials import build_materials

PEER = "starlette-commit"
WAVES = {1: 20, 50: 2, 200: 1}
"""How many waves of so many people at once a round has."""
ROUNDS = 2
T = TypeVar("T")
SPAWN = multiprocessing.get_context("spawn")
ENOUGH = Limit(10**9, 10**9)
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def measure(smoke: bool) -> Iterator[Figure]:
    """The first page's weight; turns a second and how long they take, for some people at once."""
    BUILD.mkdir(exist_ok=True)
    texts = load_texts()
    with (
        tempfile.TemporaryDirectory(dir=BUILD) as folder,
        served(serve_ours, Path(folder)) as ours,
        served(serve_bare, Path(folder)) as bare,
    ):
        yield Figure(name="web_first_page", value=page_weight(ours), unit="bytes")
        for people, waves in WAVES.items():
            if smoke:
                yield from _beside(ours, bare, people, 1, texts[:2], 1)
            else:
                yield from _beside(ours, bare, people, waves, texts, ROUNDS)


def _beside(ours: int, bare: int, people: int, waves: int, texts: Sequence[str], rounds: int) -> Iterator[Figure]:
    """The best of some rounds in turn."""
    best: dict[int, tuple[float, list[float]]] = {}
    for _ in range(rounds):
        for port in (ours, bare):
            run = asyncio.run(converse(port, people, waves, texts))
            best[port] = min(best.get(port, run), run)
    done = people * waves * len(texts)
    speed = {port: done / seconds for port, (seconds, _) in best.items()}
    yield Figure(name=f"web_turns_{people}", value=speed[ours], unit="turns/s", peer=PEER, peer_value=speed[bare])
    for share in (50, 99):
        at = {port: percentile(turns, share) * 1000 for port, (_, turns) in best.items()}
        yield Figure(name=f"web_p{share}_{people}", value=at[ours], unit="ms", peer=PEER, peer_value=at[bare])


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` percent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def page_weight(port: int) -> int:
    """Bytes of the first page, with headers, and of all that it loads."""
    base = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(f"{base}/") as answer:
        page, weight = answer.read().decode(), len(str(answer.headers))
    weight += len(page.encode())
    for address in LINKED.findall(page):
        with urllib.request.urlopen(base + address) as answer:
            weight += len(answer.read()) + len(str(answer.headers))
    return weight


@contextlib.contextmanager
def served(serve: Callable[[socket.socket, T], None], given: T, page: str = "/") -> Iterator[int]:
    """A server in a process of its own, which is `given` something; its port, once its `page` answers."""
    with listen("127.0.0.1", 0) as listening:
        port: int = listening.getsockname()[1]
        process: Any = SPAWN.Process(target=serve, args=(listening, given))
        process.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}"):
            yield port
    finally:
        process.terminate()
        process.join()


def serve_ours(listening: socket.socket, folder: Path) -> None:
    """The chat page as it is served, but with nobody asking too often."""
    materials = build_materials(knowledge_in_use())
    settings = Settings(data_dir=folder)
    talk: Worker[Service] = Worker(
        "talk", lambda: Service(materials, open_store(settings), settings.now), lambda service: service.store.close()
    )
    metrics = Metrics()
    limits = Limits(session=ENOUGH, address=ENOUGH, codes=ENOUGH)
    keep_loaded()
    run_channels([metrics, Web(talk, materials, metrics, settings.now, https=False, limits=limits)], listening)


def serve_bare(listening: socket.socket, folder: Path) -> None:
    """The peer, under the same server."""
    run_channels([Bare(folder)], listening)


def run_channels(channels: Sequence[Any], listening: socket.socket) -> None:
    """Serve them until the process ends."""
    of_http: Sequence[Channel] = channels
    http_server(of_http).run([listening])
