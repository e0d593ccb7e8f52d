"""How many updates a second the public bot takes, how long a turn takes when 200 chats write, and its memory."""

import asyncio
import functools
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from benchmarks.figures import Figure
from benchmarks.memory import high_water_mark
from benchmarks.timing import fastest
from benchmarks.turns import AT, BUILD, load_texts
from benchmarks.workload import ROOT, knowledge_in_use
from bot.service import Service
from bot.settings import Settings
from bot.store.store import open_store
from bot.worker import Worker
from conversations.materials import Materials, build_materials

CONVERSATIONS, ROUNDS = 20, 10
SMOKE_CONVERSATIONS, SMOKE_ROUNDS = 2, 2
CHATS, SMOKE_CHATS = 200, 10
PERCENTILE = 99
PEER = "aiogram-echo"


def measure(smoke: bool) -> Iterator[Figure]:
    """Updates a second beside aiogram's echo, the slowest turns with many chats at once, and memory at rest."""
    # Here, so that the other parts are not charged with the framework, which takes seconds to import.
    from benchmarks.echo import Aiogram

    materials, texts = build_materials(knowledge_in_use()), load_texts()
    conversations, rounds = (SMOKE_CONVERSATIONS, SMOKE_ROUNDS) if smoke else (CONVERSATIONS, ROUNDS)
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder, Aiogram() as echo, Public(materials, Path(folder)) as ours:
        each = functools.partial(_each, echo.converse, texts, conversations)
        runs: Mapping[str, Callable[[], object]] = {
            "ours": lambda: ours.converse_all([texts] * conversations),
            PEER: each,
        }
        seconds = fastest(runs, rounds)
        waited = ours.at_once(texts, SMOKE_CHATS if smoke else CHATS)
    updates = conversations * len(texts)
    yield Figure(
        name="telegram_updates",
        value=updates / seconds["ours"],
        unit="updates/s",
        peer=PEER,
        peer_value=updates / seconds[PEER],
    )
    p99 = statistics.quantiles(waited, n=100)[PERCENTILE - 1]
    yield Figure(name="telegram_turn_p99_200_chats", value=1000 * p99, unit="ms")
    theirs = memory_at_rest(PEER)
    yield Figure(name="telegram_memory", value=memory_at_rest("zhuye"), unit="MiB", peer=PEER, peer_value=theirs)


class Public:
    """The public bot in this process, with a store on disk and a network that only pretends."""

    def __init__(self, materials: Materials, folder: Path) -> None:
        import aiogram

        from benchmarks.echo import BOT, TOKEN, PretendedSession
        from bot.channels.limits import Limits
        from bot.channels.telegram.receiving import at_work

        self.session = PretendedSession()
        self._talk = Worker[Service](
            "talk",
            lambda: Service(materials, open_store(Settings(data_dir=folder)), lambda: AT),
            lambda service: service.store.close(),
        )
        limits = Limits(a_second=float("inf"), apart=0, flood=sys.maxsize - 1)
        self._runner = asyncio.Runner()
        bot, me = aiogram.Bot(TOKEN, session=self.session), aiogram.types.User.model_validate(BOT)
        self._at_work = at_work(bot, me, self._talk, limits)
        self._chats = itertools.count(1)

    def converse_all(self, scripts: Sequence[Sequence[str]]) -> None:
        """Take new people's messages, each one's in order, until every reply is sent."""
        self._runner.run(self._take(self._updates(scripts)))

    def at_once(self, texts: Sequence[str], chats: int) -> Sequence[float]:
        """So many chats write together, message after message; the seconds from each update to its stored turn."""
        return self._runner.run(self._race(self._updates([texts] * chats)))

    def _updates(self, scripts: Sequence[Sequence[str]]) -> Sequence[Sequence[dict[str, Any]]]:
        from benchmarks.echo import updates

        return [updates(next(self._chats), texts) for texts in scripts]

    async def _take(self, people: Sequence[Sequence[dict[str, Any]]]) -> None:
        async def take(own: Sequence[dict[str, Any]]) -> None:
            for update in own:
                await self._receive(update)

        await asyncio.gather(*map(take, people))
        while await self._talk.run(_is_owing):
            await asyncio.sleep(0)

    async def _race(self, people: Sequence[Sequence[dict[str, Any]]]) -> Sequence[float]:
        waited: list[float] = []

        async def take(update: dict[str, Any]) -> None:
            began = time.perf_counter()
            await self._receive(update)
            waited.append(time.perf_counter() - began)

        for together in zip(*people, strict=True):
            await asyncio.gather(*map(take, together))
        return waited

    def __enter__(self) -> Self:
        self._receive = self._runner.run(self._at_work.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._at_work.__aexit__(None, None, None))
        self._runner.close()
        self._talk.close()


def memory_at_rest(name: str) -> float:
    """The MiB that a process of its own needs at most which is ready for updates (Linux only)."""
    command = [sys.executable, "-m", "benchmarks.telegram", name]
    return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _is_owing(service: Service) -> bool:
    return service.store.outbox.next_due("telegram", 0) is not None


def _each(converse: Callable[[Sequence[str]], object], texts: Sequence[str], times: int) -> None:
    for _ in range(times):
        converse(texts)


def _rest(name: str) -> None:
    from benchmarks.echo import Aiogram

    if name == PEER:
        with Aiogram():
            return
    with tempfile.TemporaryDirectory() as folder, Public(build_materials(knowledge_in_use()), Path(folder)):
        return


if __name__ == "__main__":
    _rest(sys.argv[1])
    print(high_water_mark())
