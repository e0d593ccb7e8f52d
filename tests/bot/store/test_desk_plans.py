"""What the desk's pages, the API and the bots ask for again and again is found by an index, in both databases."""

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bot.desk.models import Filter
from bot.service import CHAT
from bot.settings import Settings
from bot.store.base import Row
from bot.store.postgres import PostgresDatabase
from bot.store.sqlite import SqliteDatabase
from bot.store.store import Store, open_store
from tests.bot.store.madeup import registration
from tests.postgres import Server

NUMBER = 20_000
"""Rows of each table."""
FEW = NUMBER // 10
STEPS = 20 * FEW
"""What SQLite may do to look at so few: some twenty instructions a row (EXPLAIN)."""
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
COUNTIES = ("620502", "620503", "350502")


def moment(number: int) -> str:
    return (START + number * MINUTE).isoformat(timespec="milliseconds")


def registration_row(number: int, sealed: bytes) -> Row:
    county = COUNTIES[number % 100 < 3 and number % 3]
    return {
        **{"id": number, "receipt": f"{number:09}", "sender": f"s{number}", "sealed": sealed},
        **{"province": f"{county[:2]}0000", "city": f"{county[:4]}00", "county": county, "region": county},
        **{
            "categories": ",视力,",
            "needs": ",job,",
            "programmes": "",
            "created": moment(number),
            "updated": moment(number),
        },
        "status": ("registered", "closed")[number % 2],
        "reached": "employed" if number % 20 == 7 else "registered",
        "reached_at": moment(number),
        "due": f"2026-12-{number % 28 + 1:02}" if number % 50 == 0 else None,
        "claimed_by": f"w{number % 300}" if number % 3 == 0 else None,
    }


def rows(number: int, sealed: bytes) -> dict[str, Row]:
    """A row of each table."""
    day, state = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}", "closed" if number % 500 else "open"
    counted, sender = {"id": number, "at": moment(number)}, {"sender": f"s{number}"}
    shown = {"caseworker": "x", "operation": "show", "subject": f"{number % 5000:09}", "mac": ""}
    kept = {**sender, "sealed": sealed, "at": moment(number)}
    return {
        "registrations": registration_row(number, sealed),
        "registration_events": {**counted, "registration": number, "actor": "x", "kind": "noted"},
        "access_log": {**counted, **shown},
        "unanswered": {"id": number, "day": day, "region": "620500", "outcome": "x", "words": f"w{number % 900}"},
        "handovers": {**counted, **sender, "region": "620500", "state": state},
        "handover_messages": {**counted, "handover": number // 4, "actor": "x", "sealed": sealed},
        "sessions": {**kept, "version": 1},
        "turns": {**kept, "message_id": "1"},
        "consents": {**counted, **sender, "consent": "x", "text_version": "1", "given": 1, "channel": "x"},
    }


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    url = None
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        url = server.new_schema()
    with open_store(Settings(data_dir=tmp_path_factory.mktemp("plans"), database_url=url)) as store:
        with store.writing():
            sealed = store.keys.seal(msgspec.json.encode(registration()))
            made = [rows(number, sealed) for number in range(1, NUMBER + 1)]
            for table in made[0]:
                store.database.put(table, [row[table] for row in made])
        if url:
            for table in store.database.tables():  # of this place only: the server has hundreds
                store.database.execute(f"ANALYZE {table}")
        yield store


class Counting:
    """Counts what a database looks at: rows in PostgreSQL (a scan's rows, kept or not), instructions in SQLite."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, Sequence[Any]]] = []
        self.database = store.database
        query = self.database.query

        def recorded(sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
            self.asked.append((sql, values))
            return query(sql, values)

        monkeypatch.setattr(self.database, "query", recorded)

    def of(self, work: Callable[[], object]) -> tuple[int, int]:
        """How much a work looks at, and how much it may."""
        if isinstance(self.database, SqliteDatabase):
            steps = itertools.count()
            self.database._connection.set_progress_handler(lambda: next(steps) < 0, 10)
            work()
            self.database._connection.set_progress_handler(None, 0)
            return next(steps) * 10, STEPS
        assert isinstance(self.database, PostgresDatabase)
        work()
        return sum(self._rows(*asked) for asked in list(self.asked)), FEW

    def _rows(self, sql: str, values: Sequence[Any]) -> int:
        with self.database.writing():
            (row,) = self.database.query(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        scans = [node for node in _nodes(row["QUERY PLAN"][0]["Plan"]) if "Scan" in node["Node Type"]]
        return sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in scans
            if not node["Node Type"].startswith("Bitmap Index") and node["Node Type"] != "Subquery Scan"
        )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


LATE, EARLY = START + (NUMBER - 30) * MINUTE, START
MINE_HERE = Filter(region="620502", claimed_by="w3", open=True)
TINY, RARE = Filter(region="350502"), Filter(category="精神")
ASKED: dict[str, Callable[[Store], object]] = {
    "changes since a while ago": lambda s: s.leads.changes(Filter(), EARLY, 0, 100),
    "changes since just now": lambda s: s.leads.changes(Filter(), LATE, 0, 100),
    "changes after a number": lambda s: s.leads.changes(TINY, EARLY, NUMBER - 50, 100),
    "what is due in a place": lambda s: s.leads.part(Filter(region="620502"), 50, None, "due"),
    "one's own that are due": lambda s: s.leads.part(Filter(claimed_by="w3", open=True, due_by="2026-12-20"), 50),
    "one's own of a status": lambda s: s.leads.part(Filter(claimed_by="w3", status="registered"), 50),
    "how many are one's own": lambda s: s.leads.count_some(Filter(claimed_by="w3", open=True), 100),
    "one's own in a place": lambda s: s.leads.part(MINE_HERE, 50),
    "one's own in a place, the oldest": lambda s: s.leads.part(MINE_HERE, 50, None, "oldest"),
    "one's own in a place, a later page": lambda s: s.leads.part(MINE_HERE, 50, f"{NUMBER // 2:09}"),
    "one's own in a place since": lambda s: s.leads.part(replace(MINE_HERE, since="2026-01-03"), 50),
    "how many are one's own in a place": lambda s: s.leads.count_some(replace(MINE_HERE, until="2026-01-13"), 100),
    "news": lambda s: s.leads.newer(Filter(), f"{NUMBER - 10:09}", 50),
    "what nobody does yet": lambda s: s.leads.part(Filter(unclaimed=True, open=True), 50),
    "who came to work": lambda s: s.leads.jobs(Filter(since="2026-01-02")),
    "who came to work in a place": lambda s: s.leads.jobs(
        Filter(region="620500", since="2026-01-02", until="2026-01-03")
    ),
    "one": lambda s: (s.leads.get("000000777"), s.leads.events("000000777")),
    "the access log": lambda s: s.access_log.latest(51),
    "a later page of the access log": lambda s: s.access_log.latest(51, NUMBER // 2),
    "the access log of one": lambda s: s.access_log.latest(51, None, "000000777"),
    "questions of a day": lambda s: s.ledger.questions(datetime.date(2026, 3, 5), datetime.date(2026, 3, 5)),
    "conversations that are open": lambda s: s.handovers.open(),
    "somebody's conversation": lambda s: (s.handovers.open_of("s500"), s.handovers.get(500)),
    "what was said": lambda s: s.handovers.said(s.handovers.get(500)),  # type: ignore[arg-type]
    "a turn": lambda s: (
        s.turns.session("s5"),
        s.turns.replies("s5", "1"),
        s.registrations.of("s5"),
        s.handovers.open_of("s5"),
    ),
    "somebody's consents": lambda s: s.ledger.consents("s5"),
    "whose token it is": lambda s: (s.api_tokens.owner("x"), s.desk_sessions.get("x", START), s.sender(CHAT, "x")),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_found_by_an_index(full: Store, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("bot.store.leads.LOOKED", FEW // 8)
    looked_at, few = Counting(full, monkeypatch).of(lambda: ASKED[name](full))
    assert looked_at < few


@pytest.mark.parametrize("wanted", [RARE, Filter(region="620502", category="精神"), Filter(due_by="2026-01-01")])
def test_however_rare_only_so_many_are_looked_through(
    full: Store, monkeypatch: pytest.MonkeyPatch, wanted: Filter
) -> None:
    monkeypatch.setattr("bot.store.leads.LOOKED", FEW // 8)
    for work in (lambda: full.leads.part(wanted, 50), lambda: full.leads.count_some(wanted, 100)):
        looked_at, few = Counting(full, monkeypatch).of(work)
        assert looked_at < few


def test_what_looks_through_all_is_noticed(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at, few = Counting(full, monkeypatch).of(lambda: full.leads.page(RARE, 50))
    assert looked_at > few
