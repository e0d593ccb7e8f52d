"""Killed at random, on a full disk, with a database that cannot be written: nothing is lost, nothing is doubled."""

import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

import bot.service
from bot.desk.models import Filter
from bot.service import CHAT, Service
from bot.settings import Settings
from bot.store.backup import FOLDER, back_up
from bot.store.base import StoreError
from bot.store.store import Store, open_store
from conversations.messages import Incoming
from tests.bot.crashing import CHANNEL, STEPS, message
from tests.bot.store.madeup import AT, at, in_memory, words_of
from tests.bot.store.test_store import assert_clear, room_for, without_privileges
from tests.bot.talk import letters, scripted
from tests.conftest import ROOT

KILLS = {"sqlite": 220, "postgres": 40}


@pytest.fixture
def folder() -> Iterator[Path]:
    with in_memory() as path:
        yield Path(path)


def test_what_was_acknowledged_outlives_every_kill(place: Settings, folder: Path) -> None:
    """What a killed process has written is in the system's memory, so that the disk need not be waited for."""
    place, kills = replace(place, data_dir=folder), KILLS["postgres" if place.database_url else "sqlite"]
    seed = random.randrange(10**6)  # told where it fails
    run = [sys.executable, "-m", "tests.bot.crashing", str(kills), str(seed), *words_of(place)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (seed, done.stderr)
    told = json.loads(done.stdout)
    answered, sent = [tuple(one) for one in told["answered"]], [tuple(one) for one in told["sent"]]

    # Each message was answered, in order; one that was in hand when it was killed may be answered twice, alike.
    assert list(dict.fromkeys(id_ for id_, _ in answered)) == [f"m{number}" for number in range(len(set(answered)))]
    assert len(answered) > kills / 2, "they got somewhere"
    with open_store(place) as store:
        assert store.database.faults() == []
        receipts = {f"u{int(id_[1:]) // len(STEPS)}": receipt for id_, receipt in answered if receipt}
        assert len(set(receipts.values())) == len(receipts) == len(set(answered)) / len(STEPS)
        for user, receipt in receipts.items():
            (own,) = store.registrations.of(store.sender(CHANNEL, user))
            assert (own.receipt, own.said.call_name) == (receipt, f"名字{user[1:]}"), seed
            assert [event.kind for event in store.leads.events(receipt)] == ["registered"]
            assert len(store.ledger.consents(store.sender(CHANNEL, user))) == 1
            assert store.turns.session(store.sender(CHANNEL, user)).version == len(STEPS)
        assert store.leads.count(Filter()) == len(receipts), seed
        assert store.outbox.next_due(CHANNEL, 0) is None
    # Every reply owed was sent, in order; one in hand when it was killed may have been sent again.
    assert list(dict.fromkeys(sent)) == list(dict.fromkeys(answered)), seed
    assert len(sent) - len(set(sent)) <= kills


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(at(tmp_path)) as opened:
        yield opened


@pytest.fixture
def service(store: Store, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setattr(bot.service, "advance", scripted)
    return Service(None, store, lambda: AT)  # type: ignore[arg-type]


def say(service: Service, number: int) -> str | None:
    """The receipt, if the message brought one."""
    user, id_, text = message(number)
    receipt: str | None = service.handle(user, id_, Incoming(text=text), CHAT, letters)[-1]["receipt"]
    return receipt


def registered(store: Store) -> list[str]:
    return [lead.receipt for lead in store.leads.page(Filter(), 1000)][::-1]


def everything(store: Store) -> list[object]:
    return [store.database.query(f"SELECT * FROM {table}") for table in store.database.tables()]


@pytest.mark.parametrize("room", [250_000, 300_000, 350_123])
def test_a_full_disk_costs_only_the_message_that_did_not_fit(
    store: Store, service: Service, tmp_path: Path, room: int
) -> None:
    receipts = []
    with room_for(room), pytest.raises(StoreError) as raised:
        for number in range(100_000):
            before = everything(store)
            receipts.append(say(service, number))
    assert_clear(raised.value, tmp_path)
    assert everything(store) == before, "nothing is half-written"
    with room_for(room // 4), pytest.raises(StoreError):
        back_up(store, tmp_path, AT)
    assert list((tmp_path / FOLDER).iterdir()) == []
    # Room again: the message comes again, and all goes on without help.
    receipts += [say(service, again) for again in range(number, number + 12)]
    assert registered(store) == [receipt for receipt in receipts if receipt]
    assert store.database.faults() == []


def test_a_database_that_turns_read_only_is_told_and_goes_on_afterwards(
    store: Store, service: Service, tmp_path: Path
) -> None:
    receipts = [say(service, number) for number in range(8)]
    before = everything(store)
    store.database.execute("PRAGMA query_only = ON")
    for _ in range(2):
        with pytest.raises(StoreError, match="readonly") as raised:
            say(service, 8)
        assert_clear(raised.value, tmp_path)
        assert everything(store) == before
    assert say(service, 5) == receipts[5], "what was answered is answered again all the same"
    store.database.execute("PRAGMA query_only = OFF")
    receipts += [say(service, number) for number in range(8, 12)]
    assert registered(store) == [receipt for receipt in receipts if receipt] and len(registered(store)) == 2


def test_a_read_only_store_is_told_at_start_and_is_as_it_was_afterwards(
    service: Service, store: Store, tmp_path: Path
) -> None:
    receipts = [say(service, number) for number in range(6)]
    store.close()
    paths = [tmp_path, *tmp_path.iterdir()]
    modes = [path.stat().st_mode for path in paths]
    with contextlib.ExitStack() as stack:
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(0o555 if path.is_dir() else 0o444)
            stack.callback(path.chmod, mode)
        for parent in tmp_path.parents:
            if parent.owner() == tmp_path.owner() and os.geteuid() == 0 and parent.stat().st_mode & 0o005 != 0o005:
                stack.callback(parent.chmod, parent.stat().st_mode)
                parent.chmod(parent.stat().st_mode | 0o005)
        with pytest.raises(StoreError) as raised, without_privileges():
            open_store(at(tmp_path))
        assert_clear(raised.value, tmp_path)
    with open_store(at(tmp_path)) as again:
        assert registered(again) == [receipt for receipt in receipts if receipt]
        service.store = again
        assert say(service, 5) == receipts[5] and say(service, 11 - len(STEPS) + 1) is None
