"""Any entry that is changed, removed, put in or cut off is found."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import Settings
from bot.store.access_log import AccessLog, Entry
from bot.store.schema import HEAD
from bot.store.store import Store, open_store
from tests.bot.store.madeup import AT, undone

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
entries = st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=6)
TAMPERING = ("change", "remove", "put in", "cut off", "swap", "empty", "reseal", "forget the end")


def write(log: AccessLog, said: list[tuple[str, str, str, str]]) -> list[Entry]:
    for number, (caseworker, operation, subject, reason) in enumerate(said):
        log.append(AT + datetime.timedelta(seconds=number), caseworker, operation, subject, reason)
    return list(log.entries())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=entries)
def test_entries_are_kept_in_order_and_whole(store: Store, said: list[tuple[str, str, str, str]]) -> None:
    with undone(store):
        assert store.access_log.first_fault() is None
        found = write(store.access_log, said)
        assert [(e.caseworker, e.operation, e.subject, e.reason) for e in found] == said
        assert store.access_log.first_fault() is None
        for subject in {subject for _, _, subject, _ in said} - {""}:
            assert [e for e in found if e.subject == subject] == list(store.access_log.entries(subject))


def tamper(store: Store, data: st.DataObject) -> None:
    db = store.database
    ids = [row["id"] for row in db.query("SELECT id FROM access_log ORDER BY id")]
    one = data.draw(st.sampled_from(ids))
    match data.draw(st.sampled_from(TAMPERING)):
        case "change":
            column = data.draw(st.sampled_from(["at", "caseworker", "operation", "subject", "mac"]))
            db.execute(f"UPDATE access_log SET {column} = {column} || 'x' WHERE id = ?", (one,))
        case "remove":
            db.execute("DELETE FROM access_log WHERE id = ?", (one,))
        case "put in":
            db.execute(
                "INSERT INTO access_log (id, at, caseworker, operation, subject, sealed, mac) "
                "SELECT ?, at, caseworker, operation, subject, sealed, mac FROM access_log WHERE id = ?",
                (data.draw(st.sampled_from([max(ids) + 1000, min(ids) - 1])), one),
            )
        case "cut off":
            db.execute("DELETE FROM access_log WHERE id >= ?", (one,))
        case "swap":
            db.execute("UPDATE access_log SET id = -id WHERE id = ?", (ids[-1],))
            if len(ids) == 1:  # its place among none says nothing
                db.execute("DELETE FROM access_log")
        case "empty":
            db.execute("DELETE FROM access_log")
        case "reseal":
            db.execute(
                "UPDATE access_log SET sealed = ? WHERE id = ?",
                (store.keys.seal(b"another reason") if data.draw(st.booleans()) else b"damaged", one),
            )
        case "forget the end":
            if data.draw(st.booleans()):
                db.execute("DELETE FROM access_log")
            db.execute("DELETE FROM secrets WHERE name = ?", (HEAD,))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(data=st.data(), said=entries)
def test_tampering_shows_and_goes_on_showing(
    store: Store, data: st.DataObject, said: list[tuple[str, str, str, str]]
) -> None:
    with undone(store):
        write(store.access_log, said)
        tamper(store, data)
        assert store.access_log.first_fault() is not None
        store.access_log.append(AT, "张", "list", "")
        assert store.access_log.first_fault() is not None, "nobody heals it by going on"


def test_the_fault_is_named(store: Store) -> None:
    write(store.access_log, [("张", "show", str(number), "") for number in range(3)])
    store.database.execute("UPDATE access_log SET caseworker = '李' WHERE subject = '1'")
    fault = str(store.access_log.first_fault())
    assert fault.startswith("entry 2 of 2026-11-22T10:00:01") and "changed" in fault


def test_what_others_append_while_it_is_verified_is_no_fault(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(place) as store, open_store(place) as other:
        write(store.access_log, [("张", "show", "1", "")] * 3)
        read_head = store.access_log._head

        def head() -> str | None:
            found = read_head()
            other.access_log.append(AT, "李", "show", "2")
            return found

        monkeypatch.setattr(store.access_log, "_head", head)
        assert store.access_log.first_fault() is None


def test_two_processes_append_to_one_chain(place: Settings) -> None:
    with open_store(place) as one, open_store(place) as other:
        for number in range(4):
            (one, other)[number % 2].access_log.append(AT, "张", "show", str(number), "因为")
        assert one.access_log.first_fault() is None
        assert [entry.subject for entry in other.access_log.entries()] == list("0123")
