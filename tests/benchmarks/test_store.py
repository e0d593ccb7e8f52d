"""The store's benchmark measures what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import desk, full
from benchmarks.full import FILTERS, PAGE
from benchmarks.registrations import fill
from bot.desk.models import Filter
from bot.settings import Settings
from bot.store.store import Store, open_store

Sizes = dict[str, Store]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    folder = tmp_path_factory.mktemp("sizes")
    return {size: Settings(data_dir=folder / size) for size in ("few", "many")}


@pytest.fixture(scope="module")
def stores(settings: dict[str, Settings]) -> Iterator[Sizes]:
    with open_store(settings["few"]) as few, open_store(settings["many"]) as many:
        fill(few, 300)
        fill(many, 3000)
        yield {"few": few, "many": many}


def test_the_registrations_are_as_the_store_would_have_them(stores: Sizes) -> None:
    many = stores["many"]
    exported = list(many.leads.all(Filter()))
    assert len(exported) == 3000 and all(events[0].kind == "registered" for _, events in exported)
    assert {lead.status for lead, _ in exported} == {events[-1].status for _, events in exported}
    assert exported[0][0].created > exported[-1][0].created and exported[0][0].said.call_name.startswith("王")
    (row,) = many.database.query("SELECT max(id) AS last FROM registration_events")
    assert row["last"] == sum(len(events) for _, events in exported) > 5000


def test_each_page_finds_something_but_nobodys(stores: Sizes) -> None:
    many = stores["many"]
    found = {name: len(many.leads.page(wanted, PAGE)) for name, wanted in FILTERS.items()}
    assert found.pop("nobody") == 0 and found.pop("name") == found.pop("phone") == 1
    assert all(found.values()), found
    assert many.leads.page(FILTERS["county"], 1)[0].said.region == "620503"
    figures = list(full.pages("x", stores["few"], many, 300))
    assert [figure.name for figure in figures] == [f"x_page_{name}" for name in FILTERS]
    assert all(figure.value > 0 and figure.peer == "300-registrations" for figure in figures)


def test_each_page_of_the_desk_is_loaded(
    stores: Sizes, settings: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PLACES", {"county": "620503"})
    figures = list(desk.measure("x", stores["few"], stores["many"], settings, smoke=True))
    assert len(figures) == len(desk.PLACES) * len(desk.ADDRESSES)
    assert all(figure.value > 0 and figure.peer_value for figure in figures)
    monkeypatch.setattr(desk, "ADDRESSES", {"none": "/desk/leads/nothing/here"})
    with pytest.raises(RuntimeError, match="404"):
        list(desk.measure("x", stores["few"], stores["many"], settings, smoke=True))


def test_an_export_and_the_counts(stores: Sizes, tmp_path: Path) -> None:
    (counted,) = full.statistics("x", stores["few"], stores["many"])
    speed, memory = full.exporting("x", stores["many"], 500, tmp_path)
    assert counted.value > 0 and speed.value > 0 and 0 < memory.value < 20
    assert len((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()) > 500
