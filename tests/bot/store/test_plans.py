"""PostgreSQL finds every page of the desk by an index, among 50,000 made-up registrations."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from bot.desk.models import Filter
from bot.settings import Settings
from bot.store.base import Row
from bot.store.store import Store, open_store
from tests.postgres import Server

NUMBER = 50_000
FILL = """
INSERT INTO registrations (receipt, sender, channel, status, province, city, county, region, categories, needs,
  programmes, phone_hash, name_hash, created, updated, expires, claimed_by, due, linked, sealed)
SELECT lpad(n::text, 9, '0'), 'u' || n % 40000, 'web',
  (ARRAY['registered', 'registered', 'verified', 'served', 'closed'])[n % 5 + 1],
  '620000', '6205' || '00', '6205' || lpad((n % 9)::text, 2, '0'), '6205' || lpad((n % 9)::text, 2, '0'),
  ',视力,', ',job,', ',TS-' || n % 31 || ',', md5('p' || n % 45000), md5('n' || n % 20000),
  '2026-' || lpad((n / 4500 + 1)::text, 2, '0') || '-01T00:00:00.' || lpad((n % 1000)::text, 3, '0') || '+00:00', '',
  CASE WHEN n % 5 = 4 THEN '2027-01-01' END, CASE WHEN n % 3 = 0 THEN 'w' || n % 200 END,
  CASE WHEN n % 20 = 0 THEN '2026-12-' || lpad((n % 28 + 1)::text, 2, '0') END,
  CASE WHEN n % 10 = 0 THEN lpad((n / 100)::text, 9, '0') END, ''
FROM generate_series(1, 50000) AS n
"""
PLACES = (None, "620000", "620500", "620503")
FILTERS: Mapping[str, Filter] = {
    "all": Filter(),
    "status": Filter(status="verified"),
    "ended": Filter(status="closed"),
    "days": Filter(since="2026-03-01", until="2026-04-01"),
    "claimed": Filter(claimed_by="w3"),
    "due": Filter(claimed_by="w0", due_by="2026-12-20"),
    "programme": Filter(programme="TS-7"),
    "need": Filter(need="job"),
    "category": Filter(category="视力"),
    "receipt": Filter(query="000000777"),
    "phone": Filter(query="13800000001"),
    "name": Filter(query="王小明"),
}


@pytest.fixture(scope="module")
def full(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    place = Settings(data_dir=tmp_path_factory.mktemp("plans"), database_url=postgres.new_schema())
    with open_store(place) as store:
        assert store.database.execute(FILL) == NUMBER
        store.database.execute("ANALYZE registrations")
        yield store


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plans(store: Store, monkeypatch: pytest.MonkeyPatch, wanted: Filter, before: str | None) -> list[dict[str, Any]]:
    """The plan nodes, with what each came to, of all queries of a page."""
    asked: list[tuple[str, Any]] = []
    query = store.database.query

    def recorded(sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        asked.append((sql, values))
        return query(sql, values)

    with monkeypatch.context() as patched:
        # Nothing of the rows is opened: they were sealed by nobody.
        patched.setattr(store.database, "query", recorded)
        patched.setattr("bot.store.rows.Rows.lead", lambda self, row: row)
        store.leads.page(wanted, 20, before)
    found: list[dict[str, Any]] = []
    for sql, values in asked:
        with store.writing():
            (row,) = store.database.query(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        found += nodes(row["QUERY PLAN"][0]["Plan"])
    return found


@pytest.mark.parametrize("before", [None, "000020000"], ids=["first page", "later page"])
@pytest.mark.parametrize(("name", "region"), list(itertools.product(FILTERS, PLACES)))
def test_a_page_is_found_by_an_index(
    full: Store, monkeypatch: pytest.MonkeyPatch, name: str, region: str | None, before: str | None
) -> None:
    found = plans(full, monkeypatch, replace(FILTERS[name], region=region), before)
    kinds = {node["Node Type"] for node in found}
    assert any("Index" in kind for kind in kinds) and "Seq Scan" not in kinds, found
    looked_at = sum(
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in found if "Scan" in node["Node Type"]
    )
    assert looked_at < NUMBER / 5, found
