"""What a store with a nation's registrations is asked for, beside one with few: pages, counts, an export."""

import itertools
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.timing import fastest
from benchmarks.turns import AT
from bot.desk.export import export
from bot.desk.leads import Desk
from bot.desk.models import Caseworker, Filter
from bot.desk.names import load_names
from bot.desk.permissions import NATION
from bot.store.store import Store

PAGE = 50
PAGES = 20
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


def pages(name: str, few: Store, many: Store, small: int) -> Iterator[Figure]:
    """Milliseconds of a page of the list in the store `name`, with so many and with `small` registrations."""
    for kind, wanted in FILTERS.items():
        runs: dict[str, Callable[[], object]] = {
            "large": lambda wanted=wanted: many.leads.page(wanted, PAGE),  # type: ignore[misc]
            "small": lambda wanted=wanted: few.leads.page(wanted, PAGE),  # type: ignore[misc]
        }
        seconds = fastest(runs, PAGES)
        yield Figure(
            name=f"{name}_page_{kind}",
            value=seconds["large"] * 1000,
            unit="ms",
            peer=f"{small}-registrations",
            peer_value=seconds["small"] * 1000,
        )


def exporting(name: str, store: Store, number: int, folder: Path) -> Iterator[Figure]:
    """Registrations a second of an export of `number`, and the memory that it takes beside a tenth of them."""
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
    yield Figure(name=f"{name}_export", value=number / seconds, unit="registrations/s")
    yield Figure(name=f"{name}_export_memory", value=whole, unit="MiB", peer="a-tenth-of-it", peer_value=tenth)


def statistics(name: str, few: Store, many: Store) -> Iterator[Figure]:
    """Registrations counted a second, all of a store's, with many and with few."""
    names, who = load_names(), Caseworker("w1", "admin", NATION)

    def counted(store: Store) -> float:
        began = time.perf_counter()
        total = Desk(store, names, lambda: AT).statistics(who, Filter()).total
        return total / (time.perf_counter() - began)

    peer_value = counted(few)
    yield Figure(
        name=f"{name}_statistics",
        value=counted(many),
        unit="registrations/s",
        peer="few-registrations",
        peer_value=peer_value,
    )
