import asyncio
import contextlib
from pathlib import Path

import msgspec
import pytest

from bot.channels.together import Together
from bot.service import Service
from bot.store.base import StaleSession
from bot.store.outbox import Letter
from bot.store.sqlite import SqliteDatabase
from bot.store.store import open_store
from conversations.materials import Materials
from conversations.messages import Incoming
from tests.bot.channels.telegram.conftest import START, Talk
from tests.bot.store.madeup import at


def broken(service: Service) -> None:
    service.tell("1", "broken", [], "telegram")
    raise ValueError


async def test_what_waits_is_stored_in_one_transaction(talk: Talk) -> None:
    together = Together(talk)
    statements: list[str] = []
    database = await talk.run(lambda service: service.store.database)
    assert isinstance(database, SqliteDatabase)
    database._connection.set_trace_callback(statements.append)
    jobs = [together.run(Service.handle, str(user), "m", Incoming(text="菜单"), "telegram") for user in range(10)]
    assert len(await asyncio.gather(*jobs)) == 10
    assert isinstance(database, SqliteDatabase)
    database._connection.set_trace_callback(None)
    assert statements.count("COMMIT") == 1 and statements.count("BEGIN IMMEDIATE") == 1


async def test_ones_fault_is_not_the_others(talk: Talk) -> None:
    together = Together(talk)
    first = together.run(Service.handle, "1", "m", Incoming(text="菜单"), "telegram")
    other = together.run(Service.handle, "2", "m", Incoming(text="菜单"), "telegram")
    said, error, also = await asyncio.gather(first, together.run(broken), other, return_exceptions=True)
    assert isinstance(error, ValueError) and said and also
    kept = await talk.run(lambda service: [service.said(str(user), "m", "telegram") for user in (1, 2)])
    assert all(kept)


async def test_a_turn_that_begins_anew_in_company_leaves_nothing_of_its_first_try(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await talk.run(lambda service: service.store)
    owe, tries = store.outbox.owe, iter(range(1))

    def stale_once(channel: str, sender: str, letters: list[Letter], now: float, *, most: int) -> None:
        owe(channel, sender, letters, now, most=most)
        if next(tries, None) is not None:
            raise StaleSession(sender)

    monkeypatch.setattr(store.outbox, "owe", stale_once)
    letters = [Letter("1", msgspec.Raw(b"{}"))]
    together = Together(talk)
    await asyncio.gather(
        together.run(Service.handle, "1", "m", Incoming(text="菜单"), "telegram", lambda turn: letters),
        together.run(Service.handle, "2", "m", Incoming(text="菜单"), "telegram"),
    )
    (row,) = await talk.run(lambda service: service.store.database.query("SELECT count(*) AS owed FROM outbox"))
    assert row["owed"] == 1


async def test_who_asks_a_thread_that_has_ended_is_told(materials: Materials, tmp_path: Path) -> None:
    talk = Talk(
        "talk", lambda: Service(materials, open_store(at(tmp_path)), lambda: START), lambda one: one.store.close()
    )
    talk.close()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(Together(talk).run(broken), 5)


async def test_ones_work_alone_has_the_person_to_itself(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what another process does for the person is over before anything is looked up."""
    store = await talk.run(lambda service: service.store)
    alone, names = store.alone, list[tuple[str, ...]]()

    def noted(*these: str) -> contextlib.AbstractContextManager[None]:
        names.append(these)
        return alone(*these)

    monkeypatch.setattr(store, "alone", noted)
    within = await Together(talk).run_for(lambda service: "wang", lambda service: service.store.database.within)
    assert within and names == [("wang",)]
    await Together(talk).run(lambda service: None)
    assert len(names) == 1


async def test_it_is_crowded_while_too_many_wait(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.together.CROWDED", 3)
    together = Together(talk)
    waiting = [asyncio.create_task(together.run(lambda service: None)) for _ in range(3)]
    assert not together.crowded
    await asyncio.sleep(0)
    assert together.crowded
    await asyncio.gather(*waiting)
    assert not together.crowded
