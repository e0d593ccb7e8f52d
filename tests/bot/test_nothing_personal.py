"""No personal value of any test person is found in the bytes of whatever is kept, in any encoding."""

import datetime
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.service
from bot.service import Service
from bot.store.backup import back_up
from bot.store.restore import restore
from bot.store.rotation import rotate
from bot.store.sealing import FILE as KEYS
from bot.store.sqlite import FILE
from bot.store.store import Store, open_store
from conversations.materials import Materials
from conversations.messages import Incoming
from tests.bot.store.madeup import AT, at
from tests.bot.talk import ERASE, REGISTER, WITHDRAW, answers, asked, letters, scripted

PEOPLE = {
    "wx-openid-o6bmjrPTlm6": ("欧阳慧敏", "13897654321", "想在家里做缝纫活"),
    "telegram:5550123456": ("Zhang Weiqiang", "09388213344", "腿不方便，想学电脑"),
    "somebody@example.org": ("麦麦提·吐尔逊", "18109380777", "想开个按摩店，就在南大街"),
}
ID_NUMBER = "620502198503071234"
CARD_NUMBER = "62050219850307123X11"
MISTYPED = {"phone": ID_NUMBER, "call_name": f"我的残疾人证是{CARD_NUMBER}"}


def spellings(value: str) -> Iterator[bytes]:
    """The bytes of a value as somebody could have written it."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        raw = value.encode(encoding)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
    yield json.dumps(value)[1:-1].encode()
    if value.isdigit():
        # SQLite keeps what looks like a number as one, big-endian.
        yield int(value).to_bytes(8, "big").lstrip(b"\0")


def personal() -> Iterator[str]:
    for user, values in PEOPLE.items():
        yield from (user, *values)
    yield from (ID_NUMBER, CARD_NUMBER, ID_NUMBER[6:14], "缝纫活", "南大街")


def found_in(folder: Path) -> set[tuple[str, str]]:
    """Which values are found in which files."""
    return {
        (str(file.relative_to(folder)), value)
        for file in folder.rglob("*")
        if file.is_file()
        for data in [file.read_bytes()]
        for value in personal()
        if any(spelling in data for spelling in spellings(value))
    }


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """All that is logged, to the last detail."""
    file = tmp_path / "data" / "log"
    file.parent.mkdir()
    handler, root = logging.FileHandler(file), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield file
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


class Talk:
    """A person with a service."""

    def __init__(self, service: Service, user: str) -> None:
        self.service, self.user, self.number = service, user, 0

    def say(self, text: str) -> str | None:
        self.number += 1
        return asked(self.service.handle(self.user, str(self.number), Incoming(text=text), "web", letters))

    def register(self) -> None:
        name, phone, words = PEOPLE[self.user]
        said = answers(name, phone, words)
        fact = self.say(REGISTER)
        while fact is not None and fact in said:
            if fact in MISTYPED:
                self.say(MISTYPED[fact])
            fact = self.say(said[fact])


def a_life(store: Store, folder: Path, materials: Materials) -> None:
    """All that can be done with registrations, the file of the write-ahead log never emptied."""
    store.database.execute("PRAGMA wal_autocheckpoint = 0")
    service = Service(materials, store, lambda: AT)
    for user in PEOPLE:
        Talk(service, user).register()
    receipts = [store.registrations.of(store.sender("web", user))[0].receipt for user in PEOPLE]
    for receipt, (name, phone, words) in zip(receipts, PEOPLE.values(), strict=True):
        store.leads.claim(receipt, "张", AT)
        store.leads.note(receipt, "张", f"{name}的电话{phone}打不通，说{words}", AT)
        store.access_log.append(AT, "张", "reveal", receipt, f"给{name}打电话")
    first = back_up(store, folder, AT)
    one, two, three = (Talk(service, user) for user in PEOPLE)
    one.number = two.number = three.number = 100
    one.say(ERASE)
    two.say(WITHDRAW)
    two.say("进度")
    three.say(f"我的电话是{PEOPLE[three.user][1]}，证号{CARD_NUMBER}，驾照怎么考")
    three.say(f"烟草证多少钱，打我电话{PEOPLE[three.user][1]}")
    rotate(store)
    back_up(store, folder, AT + datetime.timedelta(seconds=1))
    assert first.rows["registrations"] == len(PEOPLE)


def test_nothing_personal_is_in_the_bytes(tmp_path: Path, log: Path, materials: Materials) -> None:
    folder = tmp_path / "data"
    with open_store(at(folder)) as store:
        a_life(store, folder, materials)
        files = {file.name for file in folder.rglob("*") if file.is_file()}
        assert {FILE, f"{FILE}-wal", f"{FILE}-shm", KEYS, "log"} < files
        assert len([file for file in (folder / "backups").iterdir() if file.stat().st_size > 50_000]) == 2
        assert found_in(folder) == set()
        logging.getLogger("bot").info("the log is written: %s", "缝纫活")
        assert found_in(folder) == {("log", "缝纫活")}, "what is there is found"
        restore(at(folder), sorted((folder / "backups").iterdir())[-1], AT)
        log.write_bytes(b"")
        assert found_in(folder) == set()
    assert found_in(folder) == set()


@pytest.mark.parametrize("value", list(personal()))
def test_each_spelling_would_be_found(tmp_path: Path, value: str) -> None:
    for spelling in spellings(value):
        (tmp_path / "file").write_bytes(b"\x00\x01" + spelling + b"\xff")
        assert ("file", value) in found_in(tmp_path)


def test_the_search_is_not_blind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it kept in clear, it would be found in the database or its log."""
    monkeypatch.setattr(bot.service, "advance", scripted)
    for method in ("seal", "unseal"):
        monkeypatch.setattr(f"bot.store.sealing.Keyring.{method}", lambda self, data: data)
    with open_store(at(tmp_path)) as store:
        monkeypatch.setattr(store, "sender", lambda channel, user: user)
        service = Service(None, store, lambda: AT)  # type: ignore[arg-type]
        for user in PEOPLE:
            name, phone, words = PEOPLE[user]
            said = answers(name, phone, words)
            for number, text in enumerate((REGISTER, said["consent"], name, phone, words, said["review"])):
                service.handle(user, str(number), Incoming(text=text))
        values = {value for _, value in found_in(tmp_path)}
    assert {value for user, three in PEOPLE.items() for value in (user, *three)} <= values
