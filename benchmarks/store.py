"""The store with a nation's registrations: pages of the list, an export, and what a durable turn costs.

The registrations are made up. Their sealed parts are taken from a few thousand, since sealing a million one by one
would only make the wait longer: what is measured is reading.
"""

import contextlib
import datetime
import itertools
import random
import sqlite3
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.timing import fastest
from benchmarks.turns import AT, BUILD, CONVERSATIONS, ROUNDS, SMOKE_CONVERSATIONS, SMOKE_ROUNDS, Stored, load_texts
from benchmarks.workload import knowledge_in_use
from bot.desk.export import export
from bot.desk.models import Filter
from bot.desk.names import load_names
from bot.settings import Settings
from bot.store.registrations import check_digit
from bot.store.rows import COLUMNS, PLACES, Rows, utc
from bot.store.schema import hasher
from bot.store.sqlite import FILE
from bot.store.store import Store, open_store
from conversations.materials import build_materials
from conversations.registrations import CONTACTS, NEEDS, Registration
from knowledge.snapshot import load_gazetteer

SMALL, LARGE, EXPORTED = 10_000, 1_000_000, 100_000
SMOKE_SMALL, SMOKE_LARGE, SMOKE_EXPORTED = 200, 1_000, 500
DIFFERENT = 2_000
BATCH = 20_000
PAGE = 50
PAGES = 20
STATUSES = ("registered", "verified", "assessed", "served", "employed", "closed", "withdrawn")
FILTERS = {
    "county": Filter(region="620503"),
    "county_status": Filter(region="620503", status="verified"),
    "province": Filter(region="620000"),
    "province_need": Filter(region="620000", need="massage", category="视力"),
    "nation_since": Filter(since="2024-06-01", status="served"),
    "nobody": Filter(since="2030-01-01", status="served"),
    "name": Filter(query="王100"),
    "phone": Filter(query="13800000007"),
}


def measure(smoke: bool) -> Iterator[Figure]:
    """Pages at two sizes, an export, and turns beside plain commits."""
    small, large, exported = (SMOKE_SMALL, SMOKE_LARGE, SMOKE_EXPORTED) if smoke else (SMALL, LARGE, EXPORTED)
    BUILD.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=BUILD) as folder,
        open_store(Settings(data_dir=Path(folder) / "small")) as few,
        open_store(Settings(data_dir=Path(folder) / "large")) as many,
    ):
        fill(few, Path(folder) / "small", small)
        fill(many, Path(folder) / "large", large)
        yield from pages(few, many, small)
        yield from exporting(many, exported, Path(folder))
    yield from durable(smoke)


def fill(store: Store, folder: Path, number: int) -> None:
    """Put so many made-up registrations in, as they come: spread over all places, months and steps."""
    values = sealed_values(store)
    chance = random.Random(number)
    start = AT - datetime.timedelta(days=365)
    statement = (
        "INSERT INTO registrations "
        f"(receipt, sender, channel, status, reached, reached_at, created, updated, {COLUMNS})"
        f" VALUES (?, ?, 'web', ?, 'registered', ?, ?, ?, {', '.join('?' * PLACES)})"
    )
    receipts = chance.sample(range(10**8), number)
    for first in range(0, number, BATCH):
        batch = []
        for position in range(first, min(first + BATCH, number)):
            when = utc(start + datetime.timedelta(days=365) * (position / number))
            digits = f"{receipts[position]:08d}"
            receipt = digits + check_digit(digits)
            said = values[position] if position < len(values) else _somebody_else(chance.choice(values), receipt)
            batch.append((receipt, receipt, chance.choice(STATUSES), when, when, when, *said))
        # Past the store, which has no need of a way to put in many at once.
        with contextlib.closing(sqlite3.connect(folder / FILE)) as connection, connection:
            connection.executemany(statement, batch)


def sealed_values(store: Store) -> Sequence[Sequence[object]]:
    """The columns of some registrations, all different; every thirtieth is of one county."""
    rows = Rows(store.keys, hasher(store.database, store.keys))
    chance = random.Random(1)
    counties = [code for code in load_gazetteer().names if code[4:] != "00"]
    made = []
    for number in range(DIFFERENT):
        said = Registration(
            call_name=f"王{number}",
            phone=f"1380000{number:04d}",
            region="620503" if number % 30 == 0 else chance.choice(counties),
            disability=("视力",) if number % 5 == 0 else ("肢体",),
            levels={"视力": 1} if number % 5 == 0 else {"肢体": 2},
            area="rural",
            age=chance.randrange(16, 70),
            needs=tuple(chance.sample(NEEDS, 2)),
            needs_words="想找一个离家近的活",
            contacts=(chance.choice(CONTACTS),),
            programmes=("TS-31",),
        )
        made.append(rows.values(said))
    return made


def _somebody_else(values: Sequence[object], unlike: str) -> Sequence[object]:
    """The same, under a telephone number and a name that nobody else has."""
    hashes = {"phone_hash": f"phone {unlike}", "name_hash": f"name {unlike}"}
    return [hashes.get(column, value) for column, value in zip(COLUMNS.split(", "), values, strict=True)]


def pages(few: Store, many: Store, small: int) -> Iterator[Figure]:
    """Milliseconds of a page of the list, with so many and with `small` registrations."""
    for name, wanted in FILTERS.items():
        runs: dict[str, Callable[[], object]] = {
            "large": lambda wanted=wanted: many.leads.page(wanted, PAGE),  # type: ignore[misc]
            "small": lambda wanted=wanted: few.leads.page(wanted, PAGE),  # type: ignore[misc]
        }
        seconds = fastest(runs, PAGES)
        yield Figure(
            name=f"store_page_{name}",
            value=seconds["large"] * 1000,
            unit="ms",
            peer=f"{small}-registrations",
            peer_value=seconds["small"] * 1000,
        )


def exporting(store: Store, number: int, folder: Path) -> Iterator[Figure]:
    """Seconds of an export of `number` registrations, and the memory that it takes beside a tenth of them."""
    names = load_names()

    def write(count: int) -> tuple[float, float]:
        tracemalloc.start()
        began = time.perf_counter()
        export(itertools.islice(store.leads.all(Filter()), count), folder / "out.csv", names)
        seconds = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return seconds, peak / 2**20

    _, tenth = write(number // 10)
    seconds, whole = write(number)
    yield Figure(name="store_export", value=number / seconds, unit="registrations/s")
    yield Figure(name="store_export_memory", value=whole, unit="MiB", peer="a-tenth-of-it", peer_value=tenth)


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
