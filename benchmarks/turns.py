"""How many turns a second, beside the same messages echoed by the two bot frameworks."""

import datetime
import functools
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.timing import fastest
from benchmarks.workload import ROOT, knowledge_in_use
from bot.heap import keep_loaded
from bot.service import Service
from bot.settings import Settings
from bot.store.store import Store, open_store
from conversations.engine import advance
from conversations.materials import Materials, build_materials
from conversations.messages import Incoming
from conversations.session import Session
from knowledge.corpus.folders import load_yaml

AT = datetime.datetime(2024, 6, 30, 10, tzinfo=datetime.UTC)
BUILD = ROOT / "build"
"""On a disk: a temporary folder may be in memory, where a commit costs nothing."""
CONVERSATIONS, ROUNDS = 20, 10
SMOKE_CONVERSATIONS, SMOKE_ROUNDS = 2, 2
KNOWN, SMOKE_KNOWN = 1000, 10
"""How many people have written before to the contenders that keep what they know of each."""
ENGINE, STORED = "turns_engine", "turns_stored"


def measure(smoke: bool) -> Iterator[Figure]:
    """Turns of the bare engine, and with a commit each, beside aiogram's and python-telegram-bot's echoes."""
    # Here, so that the other parts are not charged with the frameworks, which take seconds to import.
    from benchmarks.echo import Aiogram, Telegram

    materials, texts = build_materials(knowledge_in_use()), load_texts()
    conversations, rounds = (SMOKE_CONVERSATIONS, SMOKE_ROUNDS) if smoke else (CONVERSATIONS, ROUNDS)
    known = SMOKE_KNOWN if smoke else KNOWN
    BUILD.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=BUILD) as folder,
        Aiogram() as aiogram,
        Telegram(Path(folder) / "echo.pickle") as telegram,
    ):
        store = open_store(Settings(data_dir=Path(folder)))
        stored = Stored(materials, store)
        stored.greet(known, texts[0])
        telegram.greet(known, texts[0])
        keep_loaded()
        converse: dict[str, Callable[[Sequence[str]], object]] = {
            ENGINE: functools.partial(converse_bare, materials),
            STORED: stored.converse,
            "aiogram-echo": aiogram.converse,
            "python-telegram-bot-pickle": telegram.converse,
        }
        runs = {name: functools.partial(_repeat, run, texts, conversations) for name, run in converse.items()}
        seconds = fastest(runs, rounds)
        store.close()
    per_second = {name: conversations * len(texts) / taken for name, taken in seconds.items()}
    ours = {name: per_second.pop(name) for name in (ENGINE, STORED)}
    for (name, value), (peer, theirs) in itertools.product(ours.items(), per_second.items()):
        yield Figure(name=name, value=value, unit="turns/s", peer=peer, peer_value=theirs)


def load_texts() -> Sequence[str]:
    """What the person says, message after message."""
    return load_yaml(Path(__file__).parent / "conversation.yaml", "conversation.yaml", tuple[str, ...])


def converse_bare(materials: Materials, texts: Sequence[str]) -> Session:
    """A new person's conversation as the engine alone has it; the session after it."""
    session = Session()
    for text in texts:
        session = advance(session, Incoming(text=text), AT, materials).session
    return session


class Stored:
    """Conversations through the service, with a commit a turn."""

    def __init__(self, materials: Materials, store: Store) -> None:
        self._service = Service(materials, store, lambda: AT)
        self._users = itertools.count(1)

    def greet(self, people: int, text: str) -> None:
        """Have `people` write once, who are then known."""
        for _ in range(people):
            self.converse([text])

    def converse(self, texts: Sequence[str]) -> None:
        """A new person's conversation."""
        user = f"benchmark:{next(self._users)}"
        for number, text in enumerate(texts, 1):
            self._service.handle(user, str(number), Incoming(text=text))


def _repeat(converse: Callable[[Sequence[str]], object], texts: Sequence[str], times: int) -> None:
    for _ in range(times):
        converse(texts)
