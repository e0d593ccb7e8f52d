"""Made-up registrations, and a store that is emptied for each example."""

import contextlib
import datetime
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.settings import Settings
from bot.store.registrations import new_receipt
from bot.store.store import Store
from conversations.registrations import CONTACTS, NEEDS, Registration

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
REGIONS = ("620000", "620500", "620502", "620503", "620100", "510000", "510104", "469001")
PHONES = ("13800000001", "13800000002", "09381234567")
NAMES = ("王小明", "阿依古丽·买买提", "=cmd|' /C calc'!A0", "李")
CATEGORIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
PROGRAMMES = ("TS-31", "TS-3", "GS-1", "SC_12", "FJ%7")


def registration(**given: Any) -> Registration:
    return Registration(**{"call_name": NAMES[0], "phone": PHONES[0], "region": "620502", **given})


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


registrations = st.builds(
    Registration,
    call_name=st.sampled_from(NAMES),
    phone=st.sampled_from(PHONES),
    region=st.sampled_from(REGIONS),
    relation=st.none() | st.just("母亲"),
    disability=some(CATEGORIES),
    levels=st.dictionaries(st.sampled_from(CATEGORIES), st.integers(1, 4), max_size=2),
    area=st.sampled_from([None, "urban", "rural"]),
    age=st.none() | st.integers(0, 120),
    needs=some(NEEDS),
    needs_words=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    contacts=some(CONTACTS),
    contacts_words=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    programmes=some(PROGRAMMES),
)
times = st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 12, 31)).map(
    lambda time: time.replace(tzinfo=datetime.UTC)
)


def add(store: Store, sender: str, said: Registration, at: datetime.datetime = AT) -> str:
    receipt = new_receipt()
    store.registrations.add(sender, receipt, said, at, "chat")
    return receipt


MEMORY = Path("/dev/shm")


def in_memory() -> tempfile.TemporaryDirectory[str]:
    """A folder in which no disk need be waited for, where there is such a place."""
    return tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)


class Undone(Exception):
    """Ends an example."""


@contextlib.contextmanager
def undone(store: Store) -> Iterator[None]:
    """Whatever an example does to the store, it is as before afterwards: quicker than a store for each."""
    with contextlib.suppress(Undone), store.writing():
        yield
        raise Undone


class Failing:
    """A store's database whose `fails`-th statement from now on that changes something fails."""

    def __init__(self, store: Store) -> None:
        self.fails = -1
        self._execute, self._query = store.database.execute, store.database.query
        store.database.execute, store.database.query = self.execute, self.query  # type: ignore[method-assign]

    def execute(self, sql: str, parameters: Any = ()) -> int:
        self._count()
        return self._execute(sql, parameters)

    def query(self, sql: str, parameters: Any = ()) -> Any:
        if not sql.startswith("SELECT"):
            self._count()
        return self._query(sql, parameters)

    def _count(self) -> None:
        self.fails -= 1
        if self.fails == 0:
            raise ZeroDivisionError


def words_of(place: Settings) -> list[str]:
    """A place as words of a command line, for a process of its own."""
    return [str(place.data_dir), place.database_url or ""]


def place_of(folder: str, url: str) -> Settings:
    """The place that `words_of` was given."""
    return Settings(data_dir=Path(folder), database_url=url or None)


def at(folder: Path, *keys: str) -> Settings:
    """The settings of a store in a folder."""
    return Settings(data_dir=folder, data_keys=keys)
