"""Leases of a process, for whatever asks for them."""

import contextlib
from collections.abc import Iterator

from bot.ownership import EVERY, TERM, Ownership
from bot.settings import Settings
from bot.store.store import Store, open_store
from bot.worker import Worker


@contextlib.contextmanager
def owning(place: Settings, term: float = TERM, every: float = EVERY) -> Iterator[Ownership]:
    worker = Worker("leases", lambda: open_store(place), Store.close)
    try:
        yield Ownership(worker, term, every)
    finally:
        worker.close()
