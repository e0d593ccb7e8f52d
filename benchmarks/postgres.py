"""The store in PostgreSQL: the same as of the embedded one, turns of one process and of two, backup and restore.

The server is the tests' one, with its data on the disk and every commit synced.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import processes
from benchmarks.figures import Figure
from benchmarks.store import filled
from benchmarks.turns import AT, BUILD
from bot.settings import Settings
from bot.store.backup import back_up
from bot.store.restore import restore
from bot.store.store import open_store
from tests.postgres import DURABLE, Server

NAME = "postgres"
COMPARED = ("registrations", "registration_events")
"""Tables that are the same after a restore; who is in on the desk must get in anew."""


def measure(smoke: bool) -> Iterator[Figure]:
    """Turns first, then what a full store is asked for, and its backup put back."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder, served() as server:
        places = {
            name: Settings(data_dir=Path(folder) / name, database_url=server.new_schema(), fixed_today=AT.date())
            for name in ("turns", "few", "many", "again")
        }
        yield from processes.measure(NAME, places["turns"], server, smoke)
        yield from filled(NAME, {size: places[size] for size in ("few", "many")}, Path(folder), smoke)
        yield from backing_up(places["many"], places["again"])


@contextlib.contextmanager
def served() -> Iterator[Server]:
    """A server with its data on the disk, in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        server = Server(Path(folder) / "data", DURABLE)
        try:
            yield server
        finally:
            server.remove()


def backing_up(place: Settings, again: Settings) -> Iterator[Figure]:
    """Rows a second of a verified backup, and of putting it back into an empty database."""
    with open_store(place) as store:
        began = time.perf_counter()
        backup = back_up(store, place.data_dir, AT)
        taken = time.perf_counter() - began
    rows = sum(backup.rows.values())
    yield Figure(name=f"{NAME}_backup", value=rows / taken, unit="rows/s")
    again.data_dir.mkdir()
    shutil.copy(place.data_dir / "keys", again.data_dir)
    began = time.perf_counter()
    restored = restore(again, backup.file, AT)
    taken = time.perf_counter() - began
    if any(restored.rows[table] != backup.rows[table] for table in COMPARED):
        raise RuntimeError(f"{restored.rows} restored of {backup.rows}")
    yield Figure(name=f"{NAME}_restore", value=rows / taken, unit="rows/s")
