"""Transactions within transactions, the same in each kind of database."""

import contextlib

import pytest

from bot.settings import Settings
from bot.store.base import Spoilt, StoreError
from bot.store.sealing import BadKeys, Keyring
from bot.store.store import Store, open_store


def remember(store: Store, *senders: str) -> None:
    for sender in senders:
        store.recipients.keep(sender, "web", "1", notices=True)


def known(store: Store) -> list[str]:
    return [sender for sender in "uvw" if store.recipients.get(sender)]


@pytest.mark.parametrize("failing", ["the person", "the database"])
def test_a_part_that_failed_is_undone_and_the_rest_is_kept(store: Store, failing: str) -> None:
    with store.writing():
        remember(store, "u")
        with contextlib.suppress(StoreError, ZeroDivisionError), store.part(), store.writing():
            remember(store, "v")
            store.database.query("SELECT * FROM missing") if failing == "the database" else 1 / 0
        with store.part():
            remember(store, "w")
    assert known(store) == ["u", "w"]


def test_a_part_by_itself_is_a_transaction(store: Store) -> None:
    with contextlib.suppress(ZeroDivisionError), store.part():
        remember(store, "u")
        raise ZeroDivisionError
    assert known(store) == []


def test_what_failed_in_a_transaction_and_was_passed_over_keeps_all_of_it_from_being_kept(store: Store) -> None:
    with pytest.raises(Spoilt), store.writing():
        remember(store, "u")
        with contextlib.suppress(ZeroDivisionError), store.alone("somebody"):
            remember(store, "v")
            raise ZeroDivisionError
        remember(store, "w")
    assert known(store) == []
    remember(store, "u")
    assert known(store) == ["u"]


def test_a_part_that_waited_in_vain_for_a_name_is_undone(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn had kept its replies, was ended by the server when it asked for the registrations' name, and was begun
    anew: it found its own replies, and told of a registration that was nowhere (`make load`)."""
    monkeypatch.setattr("bot.store.postgres.WAIT_SECONDS", 0.1)
    monkeypatch.setattr("bot.store.sqlite.WAIT_SECONDS", 0.1)
    with open_store(place) as store, open_store(place) as other:
        taken = other.alone("registrations") if place.database_url else contextlib.nullcontext()
        with store.writing():
            with taken, contextlib.suppress(StoreError), store.part():
                remember(store, "u")
                with store.alone("registrations"):
                    raise StoreError("here", "in SQLite there is nobody to wait for")
            remember(store, "v")
        assert known(store) == ["v"]


def test_a_transaction_takes_the_keys_up_that_another_process_put_first(place: Settings) -> None:
    with open_store(place) as store:
        newer = Keyring(place.data_dir)
        added = newer.add()
        with store.writing():
            sealed = store.keys.seal(b"x")
        newer.drop_before(added)
        assert newer.unseal(sealed) == b"x"


def test_a_transaction_that_has_no_usable_keys_changes_nothing(place: Settings) -> None:
    with open_store(place) as store:
        file = store.keys.file
        right = file.read_bytes()
        file.write_text("short")
        with pytest.raises(BadKeys), store.writing():
            remember(store, "u")
        file.write_bytes(right)
        assert known(store) == []
        remember(store, "v")
        assert known(store) == ["v"]
