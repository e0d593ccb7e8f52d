import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.store.base import KeptSession
from bot.store.sealing import FILE, BadKeys, Hasher, Keyring, new_key
from bot.store.store import open_store
from tests.bot.store.madeup import AT, at, registration
from tests.postgres import NOBODY

KEYS = (new_key(), new_key())


@given(st.binary(max_size=200))
def test_what_is_sealed_is_opened_again_and_says_nothing(data: bytes) -> None:
    keys = Keyring(Path("nowhere"), KEYS)
    sealed = keys.seal(data)
    assert keys.unseal(sealed) == data and keys.seal(data) != sealed
    assert len(data) < 4 or data not in sealed


@given(st.data(), st.binary(max_size=20))
def test_what_was_changed_does_not_open(data: st.DataObject, plain: bytes) -> None:
    keys = Keyring(Path("nowhere"), KEYS)
    sealed = bytearray(keys.seal(plain))
    place = data.draw(st.integers(0, len(sealed) - 5))  # the last characters' spare bits say nothing
    sealed[place] = ord("A") if sealed[place] != ord("A") else ord("B")
    with pytest.raises(BadKeys):
        keys.unseal(bytes(sealed))


def test_the_newest_key_seals_and_the_older_ones_open(tmp_path: Path) -> None:
    old, both = Keyring(tmp_path, KEYS[1:]), Keyring(tmp_path, KEYS)
    sealed = old.seal(b"said")
    assert both.unseal(sealed) == b"said"
    for new in (both.seal(b"said"), both.reseal(sealed)):
        assert Fernet(KEYS[0]).decrypt(new) == b"said"
        with pytest.raises(BadKeys, match="put the key back"):
            old.unseal(new)
    with pytest.raises(BadKeys):
        old.reseal(both.seal(b""))


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_hash_tells_one_text_and_one_purpose_from_others(one: str, other: str) -> None:
    hasher = Hasher(b"secret")
    assert (hasher.hash("phone", one) == hasher.hash("phone", other)) == (one == other)
    assert hasher.hash("phone", one) != hasher.hash("name", one) != Hasher(b"other").hash("name", one)
    assert len(hasher.hash("phone", one)) == 32


def test_a_process_that_has_not_read_the_new_key_opens_and_seals_with_it(tmp_path: Path) -> None:
    Keyring(tmp_path).add()
    mine, theirs = Keyring(tmp_path), Keyring(tmp_path)
    before = theirs.seal(b"before")
    added = mine.add()
    assert theirs.unseal(mine.seal(b"new")) == b"new" and theirs.unseal(before) == b"before"

    late = Keyring(tmp_path)
    newer = mine.add()
    assert late.refresh() and not late.refresh()
    assert Fernet(newer).decrypt(late.seal(b"late")) == b"late"
    mine.drop_before(newer)
    assert (tmp_path / FILE).read_text().split() == [newer] != [added]
    assert late.unseal(late.seal(b"x")) == b"x"
    with pytest.raises(BadKeys):
        mine.unseal(before)


def test_two_that_add_a_key_lose_neither_and_the_first_drops_no_newer_one(tmp_path: Path) -> None:
    first, second = Keyring(tmp_path), Keyring(tmp_path)
    oldest = first.add()
    one, other = first.add(), second.add()
    assert (tmp_path / FILE).read_text().split() == [other, one, oldest]
    first.drop_before(one)
    assert (tmp_path / FILE).read_text().split() == [other, one]
    assert first.unseal(second.seal(b"x")) == b"x"


def test_the_key_file_is_its_owners_only_and_what_a_crash_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_text("half a k")
    before = os.umask(0)
    try:
        Keyring(tmp_path).add()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write a file for somebody else")
@pytest.mark.parametrize("there", [True, False])
def test_a_key_that_root_adds_is_the_services(tmp_path: Path, there: bool) -> None:
    if there:
        Keyring(tmp_path).add()
        os.chown(tmp_path / FILE, NOBODY, NOBODY)
    else:
        os.chown(tmp_path, NOBODY, NOBODY)
    keys = Keyring(tmp_path)
    for write in (keys.add, lambda: keys.drop_before(keys.add())):
        write()
        found = (tmp_path / FILE).stat()
        assert (found.st_uid, found.st_gid) == (NOBODY, NOBODY) and stat.S_IMODE(found.st_mode) == 0o600


def test_a_key_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    place, folder = tmp_path / "secrets" / "keys.txt", tmp_path / "data"
    for made in (place.parent, folder):
        made.mkdir()
    place.write_text(f"{KEYS[0]}\n")
    (folder / FILE).symlink_to(place)
    added = Keyring(folder).add()
    assert (folder / FILE).is_symlink() and place.read_text().split() == [added, KEYS[0]]
    assert [path.name for path in place.parent.iterdir()] == ["keys.txt"]


def test_given_keys_are_the_operators(tmp_path: Path) -> None:
    with pytest.raises(BadKeys, match=r"ZHUYE_DATA_KEYS: put a new key \(`zhuye keys new`\) before the others"):
        Keyring(tmp_path, KEYS).add()
    assert list(tmp_path.iterdir()) == []


def kept(folder: Path) -> bytes:
    """A store with something in it; the bytes of its key file."""
    with open_store(at(folder)) as store:
        store.turns.keep("u", "m", KeptSession(b"said", 1), b"[]", AT)
        store.registrations.add("u", "123456782", registration(), AT, "chat")
    return (folder / FILE).read_bytes()


def assert_refused(folder: Path, *given: str) -> str:
    """The store is not opened, and nothing but the database is there as before."""
    before = {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.startswith("zhuye.db")}
    with pytest.raises(BadKeys) as raised:
        open_store(at(folder, *given))
    after = {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.startswith("zhuye.db")}
    assert after == before, "no new key is made over existing data"
    message = str(raised.value)
    assert ("ZHUYE_DATA_KEYS" if given else str(folder / FILE)) in message and "\n" not in message
    return message


def test_a_lost_key_is_refused_at_start_until_it_is_back(tmp_path: Path) -> None:
    key = kept(tmp_path)
    (tmp_path / FILE).unlink()
    assert "there is no key" in assert_refused(tmp_path)
    (tmp_path / FILE).write_bytes(b"  \n")
    assert "there is no key" in assert_refused(tmp_path)
    (tmp_path / FILE).write_bytes(key)
    with open_store(at(tmp_path)) as store:
        assert store.turns.session("u").data == b"said"
    with open_store(at(tmp_path, key.decode().strip())) as store:
        assert store.registrations.of("u")[0].said == registration()


def test_a_wrong_key_is_refused_at_start(tmp_path: Path) -> None:
    key = kept(tmp_path)
    (tmp_path / FILE).write_text(new_key())
    assert "put the key back" in assert_refused(tmp_path)
    (tmp_path / FILE).write_bytes(key)
    assert "put the key back" in assert_refused(tmp_path, new_key(), new_key())
    with open_store(at(tmp_path, new_key(), key.decode().strip())) as store:
        assert store.turns.session("u").data == b"said"


@pytest.mark.parametrize(
    "malformed", ["short", "密钥", "x" * 44 + "=", "QvSMrxUGLJ-OKUdGLoZyfHldBKNAN7SXaUg3laTGUC", "\x00"]
)
def test_a_malformed_key_is_refused_at_start_and_not_told(tmp_path: Path, malformed: str) -> None:
    key = kept(tmp_path)
    (tmp_path / FILE).write_text(f"{malformed}\n{key.decode()}", "utf-8")
    message = assert_refused(tmp_path)
    assert "zhuye keys new" in message and malformed not in message and key.decode().strip() not in message
    (tmp_path / FILE).write_bytes(key)
    assert "zhuye keys new" in assert_refused(tmp_path, malformed)


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(BadKeys, match=r"keys: Is a directory; let the user"):
        Keyring(tmp_path)


@pytest.mark.parametrize("instead", [None, "", new_key(), "short"], ids=["lost", "empty", "wrong", "malformed"])
def test_nothing_is_kept_while_the_key_file_is_lost_or_wrong(tmp_path: Path, instead: str | None) -> None:
    """Otherwise what it keeps from then on could never be opened again, and what was kept would seem damaged."""
    key = kept(tmp_path)
    with open_store(at(tmp_path)) as store:
        (tmp_path / FILE).unlink()
        if instead is not None:
            (tmp_path / FILE).write_text(instead)
        for _ in range(2):
            with pytest.raises(BadKeys, match="put the"):
                store.turns.keep("new", "m", KeptSession(b"lost", 1), b"[]", AT)
            assert store.turns.session("u") == KeptSession(b"said", 1), "with the keys that it still has"
        (tmp_path / FILE).unlink(missing_ok=True)
        (tmp_path / FILE).write_bytes(key)
        assert store.turns.session("u") == KeptSession(b"said", 1)
        assert store.turns.session("new").version == 0
        store.turns.keep("u", "m2", KeptSession(b"again", 2), b"[]", AT)
