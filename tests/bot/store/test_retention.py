import datetime
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from bot.desk.models import Filter
from bot.settings import Settings
from bot.store.base import KeptSession, Row, StaleSession
from bot.store.outbox import Letter
from bot.store.registrations import KEPT_AFTER_END
from bot.store.retention import IDLE_SESSION, LETTER, QUESTION, TURN, Expired, expire
from bot.store.store import Store, open_store
from bot.store.transcripts import LONGEST, Said
from conversations.messages import ConsentGiven, Unanswered
from tests.bot.store.madeup import AT, add, registration

MOMENT = datetime.timedelta(seconds=1)
NONE = Expired(*[0] * len(Expired.__struct_fields__))


def test_a_talk_is_forgotten_after_half_a_year_and_its_turns_after_a_week(store: Store) -> None:
    store.turns.keep("u", "m1", KeptSession(b"{}", 1), b"[]", AT)
    store.turns.keep("u", "m2", KeptSession(b"{}", 2), b"[]", AT + MOMENT)
    assert expire(store, AT + TURN) == NONE
    assert expire(store, AT + TURN + MOMENT) == msgspec.structs.replace(NONE, turns=1)
    assert store.turns.replies("u", "m1") is None and store.turns.replies("u", "m2") == b"[]"
    assert expire(store, AT + IDLE_SESSION + MOMENT) == msgspec.structs.replace(NONE, turns=1)
    assert expire(store, AT + IDLE_SESSION + 2 * MOMENT) == msgspec.structs.replace(NONE, sessions=1)
    assert store.turns.session("u") == KeptSession(None, 0)


def test_a_turn_that_is_shown_is_kept_until_its_talk_is_forgotten(store: Store) -> None:
    for number in range(1, LONGEST + 2):
        store.turns.keep("u", f"m{number}", KeptSession(b"{}", number), b"[]", AT)
        store.transcripts.add("u", f"m{number}", Said("a"))
    store.transcripts.tell("v", "nobody's any more")
    assert expire(store, AT + TURN + MOMENT) == msgspec.structs.replace(NONE, turns=1, transcripts=1)
    assert store.turns.replies("u", "m1") is None, "it is not shown any more"
    assert len(store.transcripts.last("u")) == LONGEST
    expected = msgspec.structs.replace(NONE, sessions=1, turns=LONGEST, transcripts=LONGEST)
    assert expire(store, AT + IDLE_SESSION + MOMENT) == expected


def test_a_registration_is_kept_while_it_is_open_and_a_year_after(store: Store) -> None:
    kept, closed, withdrawn = (add(store, "u", registration(age=age)) for age in (20, 30, 40))
    store.leads.set_status(closed, "registered", "closed", "张", AT)
    store.registrations.withdraw("u", withdrawn, AT + MOMENT)
    assert expire(store, AT + KEPT_AFTER_END - MOMENT) == NONE
    assert expire(store, AT + KEPT_AFTER_END).registrations == 1
    assert {lead.receipt for lead in store.leads.page(Filter(), 9)} == {kept, withdrawn}
    assert expire(store, AT + 10 * KEPT_AFTER_END).registrations == 1
    assert [own.receipt for own in store.registrations.of("u")] == [kept]
    assert len(store.database.query("SELECT * FROM registration_events")) == 1
    for receipt in (closed, withdrawn):
        with pytest.raises(StaleSession):
            store.registrations.add("other", receipt, registration(), AT, "chat")


def test_questions_are_kept_for_a_report_and_letters_for_a_week(store: Store) -> None:
    store.ledger.unanswered(Unanswered("not_held", None, "低保"), AT.date())
    store.outbox.owe("web", "u", [Letter("1", msgspec.Raw(b"{}"))], AT.timestamp())
    (owed,) = store.outbox.take("web", AT.timestamp(), 1, 10)
    store.outbox.later(owed.id, (AT + LETTER + 9 * MOMENT).timestamp())
    assert expire(store, AT + LETTER) == NONE, "however often it was put off"
    assert expire(store, AT + LETTER + MOMENT) == msgspec.structs.replace(NONE, outbox=1)
    assert expire(store, AT + QUESTION) == NONE
    assert expire(store, AT + QUESTION + datetime.timedelta(days=1)) == msgspec.structs.replace(NONE, unanswered=1)


def test_nothing_of_somebody_is_kept_once_nothing_is_kept_for_them(store: Store) -> None:
    for sender in ("talks", "registered", "gone"):
        store.ledger.consent(sender, ConsentGiven("keep", "1", True), AT, "chat")
        store.recipients.keep(sender, "telegram", "1", notices=True)
    store.turns.keep("talks", "m1", KeptSession(b"{}", 1), b"[]", AT)
    add(store, "registered", registration())
    assert expire(store, AT) == msgspec.structs.replace(NONE, consents=1, recipients=1)
    assert store.ledger.consents("gone") == [] and store.recipients.get("gone") is None
    for sender in ("talks", "registered"):
        assert len(store.ledger.consents(sender)) == 1 and store.recipients.get(sender)


def fill(store: Store, number: int) -> None:
    """Turns that have expired, with what was said in them."""
    with store.writing():
        for one in range(number):
            store.turns.keep(f"u{one}", "m1", KeptSession(b"{}", 1), b"[]", AT)
            store.transcripts.add(f"u{one}", "m1", Said("said"))


def test_others_write_while_much_is_removed(store: Store, place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, 450)
    pauses = []

    def meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        add(other, f"other{len(pauses)}", registration())

    monkeypatch.setattr("bot.store.retention.time.sleep", meanwhile)
    with open_store(place) as other:
        removed = expire(store, AT + IDLE_SESSION + MOMENT)
    assert removed == msgspec.structs.replace(NONE, sessions=450, transcripts=450, turns=450)
    assert len(pauses) == 9 and all(pauses)
    assert store.database.query("SELECT count(*) AS n FROM registrations")[0]["n"] == 9


def test_what_came_back_to_life_meanwhile_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody speaks again between the look at their session and its removal."""
    fill(store, 1)
    query = store.database.query

    def late(sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        found = query(sql, values)
        if "FROM sessions WHERE at" in sql and found:
            store.turns.keep("u0", "m2", KeptSession(b"{}", 2), b"[]", AT + IDLE_SESSION)
        return found

    monkeypatch.setattr(store.database, "query", late)
    assert expire(store, AT + IDLE_SESSION + MOMENT).sessions == 0
    assert store.turns.session("u0").version == 2


def test_no_table_is_read_again_for_each_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the database says how it does each statement, with little memory and as much kept as would be read again."""
    fill(store, 2000)
    asked: list[tuple[str, Sequence[Any]]] = []
    query, execute = store.database.query, store.database.execute
    with monkeypatch.context() as patched:
        for name, run in (("query", query), ("execute", execute)):

            def recorded(sql: str, values: Sequence[Any] = (), run: Any = run) -> Any:
                asked.append((sql, values))
                return run(sql, values)

            patched.setattr(store.database, name, recorded)
        expire(store, AT)
    statements = [asking for asking in asked if asking[0].startswith(("SELECT", "DELETE")) and " WHERE " in asking[0]]
    assert len(statements) >= len(NONE.__struct_fields__)
    postgres = bool(store.database.skip_locked)
    if postgres:
        for table in store.database.tables():
            # Only what is this test's own: others use the server too.
            store.database.execute(f"ANALYZE {table}")
    for sql, values in statements:
        with store.writing():
            if postgres:
                query("SELECT set_config('work_mem', '64kB', true)")
                plan = "\n".join(row["QUERY PLAN"] for row in query(f"EXPLAIN {sql}", values))
                assert "SubPlan" not in plan, plan
            else:
                steps = [str(row["detail"]) for row in query(f"EXPLAIN QUERY PLAN {sql}", values)]
                within = [steps[at + 1] for at, step in enumerate(steps) if step.startswith("CORRELATED")]
                assert all(step.startswith("SEARCH") for step in within), steps
