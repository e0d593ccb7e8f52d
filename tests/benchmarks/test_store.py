"""The store's benchmark measures what it says."""

from pathlib import Path

from benchmarks.store import FILTERS, PAGE, fill, pages
from bot.store.store import open_store
from tests.bot.store.madeup import at


def test_each_page_finds_something_but_nobodys(tmp_path: Path) -> None:
    with open_store(at(tmp_path / "few")) as few, open_store(at(tmp_path / "many")) as many:
        fill(few, tmp_path / "few", 300)
        fill(many, tmp_path / "many", 3000)
        found = {name: len(many.leads.page(wanted, PAGE)) for name, wanted in FILTERS.items()}
        assert found.pop("nobody") == 0 and found.pop("name") == found.pop("phone") == 1
        assert all(found.values()), found
        assert many.leads.page(FILTERS["county"], 1)[0].said.region == "620503"
        figures = list(pages(few, many, 300))
    assert [figure.name for figure in figures] == [f"store_page_{name}" for name in FILTERS]
    assert all(figure.value > 0 and figure.peer == "300-registrations" for figure in figures)
