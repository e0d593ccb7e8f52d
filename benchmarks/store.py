"""The embedded store with a nation's registrations, the desk's pages on it, and what a durable turn costs."""

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import desk, full
from benchmarks.figures import Figure
from benchmarks.registrations import fill
from benchmarks.timing import fastest
from benchmarks.turns import AT, BUILD, CONVERSATIONS, ROUNDS, SMOKE_CONVERSATIONS, SMOKE_ROUNDS, Stored, load_texts
from benchmarks.workload import knowledge_in_use
from bot.settings import Settings
from bot.store.store import open_store
from conversations.materials import build_materials

NAME = "store"
SMALL, LARGE, EXPORTED = 10_000, 1_000_000, 100_000
SMOKE_SMALL, SMOKE_LARGE, SMOKE_EXPORTED = 200, 1_000, 500


def measure(smoke: bool) -> Iterator[Figure]:
    """Pages at two sizes, counts and an export, the desk over HTTP, and turns beside plain commits."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        settings = {size: Settings(data_dir=Path(folder) / size, fixed_today=AT.date()) for size in ("few", "many")}
        yield from filled(NAME, settings, Path(folder), smoke)
    yield from durable(smoke)


def filled(name: str, settings: dict[str, Settings], folder: Path, smoke: bool) -> Iterator[Figure]:
    """What is asked of a store `name` with few registrations and with many, both made here."""
    small, large, exported = (SMOKE_SMALL, SMOKE_LARGE, SMOKE_EXPORTED) if smoke else (SMALL, LARGE, EXPORTED)
    with open_store(settings["few"]) as few, open_store(settings["many"]) as many:
        fill(few, small)
        fill(many, large)
        yield from full.pages(name, few, many, small)
        yield from desk.measure(name, few, many, settings, smoke)
        yield from full.statistics(name, few, many)
        yield from full.exporting(name, many, exported, folder)


def durable(smoke: bool) -> Iterator[Figure]:
    """Turns a second with everything kept, beside plain commits of one row each."""
    materials, texts = build_materials(knowledge_in_use()), load_texts()
    conversations, rounds = (SMOKE_CONVERSATIONS, SMOKE_ROUNDS) if smoke else (CONVERSATIONS, ROUNDS)
    number = conversations * len(texts)
    with (
        tempfile.TemporaryDirectory(dir=BUILD) as folder,
        open_store(Settings(data_dir=Path(folder) / "turns")) as store,
    ):
        stored = Stored(materials, store)
        with contextlib.closing(sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)) as plain:
            plain.execute("PRAGMA journal_mode=WAL")
            plain.execute("PRAGMA synchronous=FULL")
            plain.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT)")

            def commit() -> None:
                for _ in range(number):
                    plain.execute("INSERT INTO lines (text) VALUES ('a line')")

            def talk() -> None:
                for _ in range(conversations):
                    stored.converse(texts)

            seconds = fastest({"turns": talk, "commits": commit}, rounds)
    yield Figure(
        name="store_turns",
        value=number / seconds["turns"],
        unit="turns/s",
        peer="sqlite-commit",
        peer_value=number / seconds["commits"],
    )
