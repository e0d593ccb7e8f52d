import multiprocessing

import msgspec
import pytest
from cryptography.fernet import Fernet
from msgspec.structs import replace

import bot.store.rotation
from bot.settings import Settings
from bot.store.base import KeptSession
from bot.store.outbox import Letter
from bot.store.rotation import Rotated, rotate
from bot.store.schema import SEALED
from bot.store.sealing import FILE, BadKeys, new_key
from bot.store.store import Store, open_store
from tests.bot.store.madeup import AT, add, registration

SPAWN = multiprocessing.get_context("spawn")


def fill(store: Store) -> int:
    """Something sealed in every table; how many values."""
    for sender in "ab":
        store.turns.keep(sender, "m1", KeptSession(b"said", 1), b"reply", AT)
        receipt = add(store, sender, registration())
    store.leads.claim(receipt, "张", AT)  # an event with nothing sealed
    store.leads.note(receipt, "张", "打过", AT)
    store.access_log.append(AT, "张", "show", receipt, "核对")
    store.outbox.owe("web", "a", [Letter("1", msgspec.Raw(b"{}"))], 0)
    store.recipients.keep("a", "web", "1", notices=True)
    return 2 + 2 + 2 + 3 + 1 + 1 + 1 + 3


def sealed(store: Store) -> list[bytes]:
    return [
        row["sealed"]
        for table in SEALED
        for row in store.database.query(f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL")
    ]


def test_every_table_with_something_sealed_is_known(store: Store) -> None:
    for table in store.database.tables():
        columns = store.database.columns(table)
        assert (table in SEALED) == ("sealed" in columns), table
        if table in SEALED:
            assert set(SEALED[table]) == {name for name, place in columns.items() if place}


@pytest.mark.parametrize("batch", [1, 2, 200])
def test_everything_is_sealed_anew_and_the_old_key_opens_nothing(
    store: Store, place: Settings, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(bot.store.rotation, "BATCH", batch)
    count = fill(store)
    old = store.keys.file.read_text().strip()
    with open_store(place) as other:
        assert rotate(store) == Rotated(count, 0)
        new = store.keys.file.read_text().strip()
        assert new != old and all(Fernet(new).decrypt(value) is not None for value in sealed(store))
        assert other.turns.session("a") == KeptSession(b"said", 1)
        other.turns.keep("a", "m2", KeptSession(b"more", 2), b"reply", AT)
        assert other.access_log.first_fault() is None
    assert store.turns.session("a").data == b"more" and store.registrations.of("a")[0].said == registration()
    assert all(Fernet(new).decrypt(value) is not None for value in sealed(store))


def test_what_is_damaged_stays_and_holds_nothing_up(store: Store) -> None:
    count = fill(store)
    store.database.execute("UPDATE sessions SET sealed = ? WHERE sender = 'a'", (b"damaged",))
    assert rotate(store) == Rotated(count - 1, 1)
    assert store.turns.session("a").data == b"" and store.turns.session("b").data == b"said"


def test_one_that_was_cut_short_keeps_the_old_key_and_can_be_done_again(
    store: Store, place: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = fill(store)
    monkeypatch.setattr(bot.store.rotation, "BATCH", 1)
    with monkeypatch.context() as patched:
        pauses = iter(range(5))
        patched.setattr("bot.store.rotation.time.sleep", lambda _: next(pauses))
        with pytest.raises(StopIteration):
            rotate(store)
    assert len(store.keys.file.read_text().split()) == 2
    with open_store(place) as other:
        assert other.turns.session("a").data == b"said" and other.registrations.of("b")[0].said == registration()
    assert rotate(store) == Rotated(count, 0) and len(store.keys.file.read_text().split()) == 1


def test_given_keys_are_put_first_by_the_operator(place: Settings) -> None:
    old, new = new_key(), new_key()
    with open_store(replace(place, data_keys=(old,))) as store:
        count = fill(store)
        with pytest.raises(BadKeys, match="put a new key"):
            rotate(store)
    with open_store(replace(place, data_keys=(new, old))) as store:
        assert rotate(store) == Rotated(count, 0)
    with open_store(replace(place, data_keys=(new,))) as store:
        assert store.turns.session("a").data == b"said"
    assert not (place.data_dir / FILE).exists()


def keep_on(place: Settings, name: str, over: "multiprocessing.synchronize.Event") -> None:
    """Keeps turns until it is over; the last thing is to read all that it kept."""
    with open_store(place) as store:
        number = 0
        while not over.wait(0.01):  # a person takes their time, too
            number += 1
            data = f"{name}-{number}".encode()
            store.turns.keep(name, str(number), KeptSession(data, number), data, AT)
            assert store.turns.session(name).data == data
        assert all(store.turns.replies(name, str(n)) == f"{name}-{n}".encode() for n in range(1, number + 1))


def test_others_work_while_keys_are_replaced_again_and_again(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(place) as store:
        fill(store)
        over = SPAWN.Event()
        processes = [SPAWN.Process(target=keep_on, args=(place, name, over), daemon=True) for name in ("x", "y")]
        for process in processes:
            process.start()

        def a_turn_comes_in_between(_: float) -> None:
            before = [store.turns.session(name).version for name in "xy"]
            while [store.turns.session(name).version for name in "xy"] == before:
                assert all(process.is_alive() for process in processes)

        monkeypatch.setattr(bot.store.rotation, "BATCH", 4)
        monkeypatch.setattr("bot.store.rotation.time.sleep", a_turn_comes_in_between)
        for _ in range(3):
            assert rotate(store).unopened == 0
        over.set()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0]
        key = Fernet(store.keys.file.read_text().strip())
        assert all(key.decrypt(value) is not None for value in sealed(store))
