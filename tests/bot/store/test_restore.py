import contextlib
import datetime
import sqlite3
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import bot.store.restore
from bot.desk.models import Caseworker, Filter
from bot.settings import Settings
from bot.store.backup import FOLDER, KEPT, back_up
from bot.store.base import BadBackup, Database, KeptSession
from bot.store.credentials import Credential
from bot.store.outbox import Letter
from bot.store.registrations import new_receipt
from bot.store.restore import restore
from bot.store.rotation import rotate
from bot.store.sealing import BadKeys
from bot.store.sqlite import FILE, SqliteDatabase
from bot.store.store import Store, open_database, open_store
from bot.store.web_sessions import IDLE, SessionOver
from conversations.messages import ConsentGiven
from tests.bot.store.madeup import AT, add, registration

LATER = AT + datetime.timedelta(hours=1)
LATEST = AT + datetime.timedelta(hours=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def other(place: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Another place of the same kind."""
    address = request.getfixturevalue("postgres").new_schema() if place.database_url else None
    return Settings(data_dir=tmp_path / "other", database_url=address)


def turn(store: Store, sender: str, at: datetime.datetime, data: bytes = b"said") -> None:
    version = store.turns.session(sender).version + 1
    store.turns.keep(sender, f"m{version}", KeptSession(data, version), data, at)
    store.ledger.consent(sender, ConsentGiven("keep", "1", True), at, "chat")


def erase(store: Store, sender: str, at: datetime.datetime) -> None:
    """As the service does."""
    version = store.turns.session(sender).version + 1
    store.turns.keep(sender, f"m{version}", KeptSession(b"gone", version), b"gone", at)
    store.registrations.erase(sender, at)
    store.ledger.forget(sender)
    store.turns.forget(sender, b"gone", b"gone")


def content(database: Database) -> dict[str, Any]:
    with contextlib.closing(database):
        return {table: database.query(f"SELECT * FROM {table} ORDER BY 1") for table in sorted(database.tables())}


def test_a_backup_is_put_back_while_others_have_the_store_open(store: Store, place: Settings, folder: Path) -> None:
    kept = add(store, "u", registration())
    turn(store, "u", AT)
    backup = back_up(store, folder, AT).file
    was = content(SqliteDatabase(backup.parent, backup.name))
    lost = add(store, "u", registration(age=3))
    turn(store, "u", LATER)
    restored = restore(place, backup, LATEST)
    assert content(open_database(place)) == was and restored.rows["registrations"] == 1 and restored.erased == 0
    assert [own.receipt for own in store.registrations.of("u")] == [kept]
    turn(store, "u", LATEST)
    assert store.turns.session("u").version == 2
    if not place.database_url:
        assert store.database.query("PRAGMA journal_mode")[0]["journal_mode"] == "wal"
    # What was there before is kept, and can itself be put back.
    assert restored.before and "before-restore" in restored.before.name
    assert [path for path in (folder / FOLDER).iterdir() if path.is_dir()] == []
    restore(place, restored.before, LATEST)
    assert {own.receipt for own in store.registrations.of("u")} == {kept, lost}


def test_what_was_deleted_since_stays_deleted(store: Store, place: Settings, folder: Path) -> None:
    add(store, "u", registration())
    stays = add(store, "other", registration(age=3))
    for sender in ("u", "other", "early"):
        turn(store, sender, AT)
        store.recipients.keep(sender, "telegram", sender, notices=True)
    erase(store, "early", AT)
    turn(store, "early", LATER, b"new")
    backup = back_up(store, folder, LATER).file
    erase(store, "u", LATEST)
    restored = restore(place, backup, LATEST)
    assert restored.erased == 2, "the registration, and its sender"
    assert store.registrations.of("u") == () and store.ledger.consents("u") == []
    assert store.turns.session("u").data is None and store.turns.replies("u", "m1") is None
    assert [lead.receipt for lead in store.leads.page(Filter(), 9)] == [stays]
    assert store.recipients.get("u") is None and store.recipients.get("other")
    assert store.turns.session("other").data == b"said" and len(store.ledger.consents("other")) == 1
    # What came after the deletion that the backup knows of is no concern of it.
    assert store.turns.session("early") == KeptSession(b"new", 3)
    assert store.turns.replies("early", "m1") == b"gone"
    # And it stays so when the same backup is put back once more.
    assert restore(place, backup, LATEST).erased == 2 and store.registrations.of("u") == ()


def test_a_second_deletion_counts_too(store: Store, place: Settings, folder: Path) -> None:
    erase(store, "u", AT)
    turn(store, "u", LATER, b"new")
    backup = back_up(store, folder, LATER).file
    erase(store, "u", LATEST)
    restore(place, backup, LATEST)
    assert store.turns.session("u").data is None


def test_one_who_deletes_while_it_is_prepared_stays_deleted(
    store: Store, place: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, "u", registration())
    backup = back_up(store, folder, AT).file
    replace, times = bot.store.restore._replace, []

    def late(*args: object) -> object:
        times.append(1)
        if len(times) == 1:
            erase(store, "u", LATER)
        return replace(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(bot.store.restore, "_replace", late)
    restore(place, backup, LATER)
    assert len(times) == 2 and store.registrations.of("u") == ()


def test_processes_that_go_on_while_it_is_replaced_see_one_or_the_other(
    store: Store, place: Settings, folder: Path
) -> None:
    for number in range(30):
        add(store, "u", registration(age=number))
    backup = back_up(store, folder, AT).file
    with store.writing():
        for number in range(30):
            add(store, "u", registration(age=number))
    seen: set[int] = set()
    over, failed = threading.Event(), []

    def look() -> None:
        try:
            with open_store(place) as other:
                while not over.is_set():
                    seen.add(len(other.registrations.of("u")))
                seen.add(len(other.registrations.of("u")))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    restore(place, backup, LATER)
    over.set()
    thread.join()
    assert not failed and seen <= {60, 30} and 30 in seen


def assert_refused(place: Settings, folder: Path, file: Path, why: str, kind: type[Exception] = BadBackup) -> None:
    before = content(open_database(place))
    with pytest.raises(kind, match=why) as raised:
        restore(place, file, LATER)
    assert "\n" not in str(raised.value)
    assert content(open_database(place)) == before
    assert not any(path.is_dir() for path in (folder / FOLDER).iterdir())


def test_what_is_no_sound_store_is_refused(store: Store, place: Settings, folder: Path, tmp_path: Path) -> None:
    for number in range(50):
        add(store, "u", registration(age=number))
    backup = back_up(store, folder, AT).file
    whole, file = backup.read_bytes(), tmp_path / "file.db"
    for data, why in (
        (b"no database at all" * 100, "not a database"),
        (b"", "none of zhuye's"),
        (whole[: len(whole) // 2], "damaged|malformed"),
        (whole[:20_480] + b"\xff" * 4_096 + whole[24_576:], "damaged|malformed"),
    ):
        file.write_bytes(data)
        assert_refused(place, folder, file, why)


def changed(backup: Path, sql: str) -> Path:
    with contextlib.closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute(sql)
        connection.execute("PRAGMA journal_mode=DELETE")
    return backup


def test_one_of_a_newer_version_is_refused(store: Store, place: Settings, folder: Path) -> None:
    backup = changed(back_up(store, folder, AT).file, "INSERT INTO migrations VALUES ('newer', '2030')")
    assert_refused(place, folder, backup, r"a newer version of zhuye made it \(newer\)")


def test_one_with_a_row_that_the_keys_do_not_open_is_refused(store: Store, place: Settings, folder: Path) -> None:
    add(store, "u", registration())
    turn(store, "u", AT)
    backup = back_up(store, folder, AT).file
    restore(place, changed(backup, "UPDATE sessions SET sealed = x'00'"), AT)
    assert_refused(place, folder, changed(backup, "UPDATE registrations SET sealed = x'00'"), "a row of registrations")


def test_one_whose_key_is_gone_is_refused_until_it_is_back(store: Store, place: Settings, folder: Path) -> None:
    backup = back_up(store, folder, AT).file
    old = (folder / "keys").read_text()
    rotate(store)
    assert_refused(place, folder, backup, "put the key back", BadKeys)
    (folder / "keys").write_text((folder / "keys").read_text() + old)
    restore(place, backup, LATER)
    with store.writing():
        assert store.keys.unseal(store.keys.seal(b"x")) == b"x"
    assert store.registrations.of("u") == ()


@pytest.mark.parametrize("kept_at", ["sqlite"], indirect=True)
def test_one_that_is_in_use_is_refused(store: Store, place: Settings, folder: Path) -> None:
    assert_refused_in = folder / FILE
    with pytest.raises(BadBackup, match="it is in use"):
        restore(place, assert_refused_in, AT)


def test_one_of_another_store_is_refused_where_something_is_kept(
    store: Store, place: Settings, folder: Path, other: Settings
) -> None:
    add(store, "u", registration())
    backup = back_up(store, folder, AT).file
    key = (folder / "keys").read_text().strip()
    with open_store(other) as theirs:
        keys = [key, (other.data_dir / "keys").read_text().strip()]
        turn(theirs, "v", AT)
        for given in (keys, [key]):
            with pytest.raises(BadBackup, match="not of the store that the backup was made of"):
                restore(replace(other, data_keys=tuple(given)), backup, LATER)
        assert theirs.turns.session("v").data == b"said"
        theirs.database.execute("DELETE FROM sessions")
        theirs.database.execute("DELETE FROM turns")
        theirs.database.execute("DELETE FROM consents")
    assert restore(replace(other, data_keys=(key,)), backup, LATER).before is None, "nothing was there"
    with open_store(replace(other, data_keys=(key,))) as theirs:
        assert len(theirs.registrations.of("u")) == 1


def test_a_new_machine_needs_the_key(store: Store, folder: Path, other: Settings) -> None:
    add(store, "u", registration())
    backup, new = back_up(store, folder, AT).file, other.data_dir
    with pytest.raises(BadKeys, match="there is no key"):
        restore(other, backup, LATER)
    assert not (new / "keys").exists()
    (new / "keys").write_bytes((folder / "keys").read_bytes())
    assert restore(other, backup, LATER).before is None
    with open_store(other) as opened:
        assert len(opened.registrations.of("u")) == 1


@pytest.mark.parametrize("damage", [b"not a database" * 600, None])
@pytest.mark.parametrize("kept_at", ["sqlite"], indirect=True)
def test_a_damaged_present_is_told_and_can_be_moved_away(place: Settings, folder: Path, damage: bytes | None) -> None:
    with open_store(place) as store:
        with store.writing():
            for _ in range(200):
                store.registrations.add("u", new_receipt(), registration(), AT, "chat")
        backup = back_up(store, folder, AT).file
    data = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(damage or data[:8_192] + b"\xff" * (len(data) - 8_192))
    with pytest.raises(BadBackup, match=r"deleted since the backup was made .*move zhuye.db"):
        restore(place, backup, LATER)
    for file in folder.glob(f"{FILE}*"):
        file.unlink()
    restore(place, backup, LATER)
    with open_store(place) as store:
        assert len(store.registrations.of("u")) == 200


def test_an_older_schema_is_brought_up(store: Store, place: Settings, folder: Path) -> None:
    backup = changed(back_up(store, folder, AT).file, "DELETE FROM migrations WHERE name = 'outbox'")
    changed(backup, "DROP TABLE outbox")
    add(store, "u", registration())
    assert restore(place, backup, LATER).rows["outbox"] == 0
    assert store.outbox.next_due("web", 0) is None


def test_no_number_is_given_twice(store: Store, place: Settings, folder: Path) -> None:
    store.handovers.begin("early", "620500", "said", AT)
    backup = back_up(store, folder, AT).file
    seen = store.handovers.begin("u", "620500", "said", LATER).id
    add(store, "u", registration())
    events = max(row["id"] for row in store.database.query("SELECT id FROM registration_events"))
    erase(store, "u", LATER)
    for _ in range(2):
        restore(place, backup, LATEST)
        assert store.handovers.begin("u", "620500", "said", LATEST).id > seen
        add(store, "u", registration())
        assert store.database.query("SELECT min(id) AS id FROM registration_events")[0]["id"] > events


def test_a_new_machine_counts_on_too(store: Store, folder: Path, other: Settings) -> None:
    seen = store.handovers.begin("u", "620500", "said", AT).id
    store.handovers.forget("u")
    backup = back_up(store, folder, AT).file
    other.data_dir.mkdir()
    (other.data_dir / "keys").write_bytes((folder / "keys").read_bytes())
    restore(other, backup, LATER)
    with open_store(other) as opened:
        assert opened.handovers.begin("u", "620500", "said", LATER).id > seen


def employ(store: Store, name: str, password: str = "old") -> None:
    """An account with everything that lets somebody in."""
    store.staff.add(Caseworker(name, "admin", "620500"), AT)
    store.credentials.keep(name, Credential(password, "TOTP"), 1)
    store.desk_links.keep(f"user of {name}", name, "1", AT)


def test_who_was_shut_out_stays_out(store: Store, place: Settings, folder: Path) -> None:
    for name in ("王", "李", "张", "赵"):
        employ(store, name)
    tokens = {name: store.api_tokens.new(name, AT) for name in ("王", "李")}
    session = store.desk_sessions.begin("李", "in", LATEST)
    store.outbox.owe("desk", "user of 王", [Letter("1", msgspec.Raw(b"{}"))], 0)
    store.outbox.owe("desk", "user of 张", [Letter("1", msgspec.Raw(b"{}"))], 0)
    backup = back_up(store, folder, AT).file
    # As the desk shuts one out, whose Telegram user is somebody else's now.
    store.staff.disable("王")
    store.credentials.drop("王")
    store.api_tokens.revoke("王")
    store.desk_links.drop("王")
    store.outbox.drop("desk", "user of 王")
    employ(store, "新")
    fresh = store.api_tokens.new("李", LATER)
    store.credentials.keep("李", Credential("new", "NEW"), 7)
    store.credentials.use("赵", 9)
    restored = restore(place, backup, LATEST)
    assert restored.access == ["新", "李", "王"]
    assert store.staff.get("王") == Caseworker("王", "admin", "620500", active=False)
    assert store.credentials.get("王") is None and store.desk_links.of_caseworker("王") is None
    assert store.api_tokens.owner(tokens["王"]) is None and store.api_tokens.owner(tokens["李"]) is None
    assert store.api_tokens.owner(fresh) == Caseworker("李", "admin", "620500")
    assert store.credentials.get("李") == Credential("new", "NEW") and store.credentials.get("张")
    assert not store.credentials.use("赵", 9), "a code that was used"
    assert store.desk_sessions.get(session, LATEST) is None
    assert [owed.sender for owed in store.outbox.take("desk", 1, 9, 9)] == ["user of 张"]
    assert {link.caseworker for link, _ in store.desk_links.reachable()} == {"李", "张", "赵", "新"}


def test_a_telegram_user_that_is_anothers_now_stays_so(store: Store, place: Settings, folder: Path) -> None:
    employ(store, "王")
    backup = back_up(store, folder, AT).file
    store.database.execute("DELETE FROM caseworkers")
    store.database.execute("DELETE FROM desk_links")
    store.staff.add(Caseworker("李", "admin", "620500"), AT)
    store.desk_links.keep("user of 王", "李", "1", AT)
    assert restore(place, backup, LATER).access == ["李"]
    link = store.desk_links.of_user("user of 王")
    assert link and link.caseworker == "李" and store.staff.get("王"), "an account that only the backup knows is there"


def test_a_new_machine_lets_in_whom_the_backup_knows(store: Store, folder: Path, other: Settings) -> None:
    employ(store, "王")
    session = store.desk_sessions.begin("王", "in", AT)
    backup = back_up(store, folder, AT).file
    other.data_dir.mkdir()
    (other.data_dir / "keys").write_bytes((folder / "keys").read_bytes())
    assert restore(other, backup, AT).access == ()
    with open_store(other) as opened:
        assert opened.credentials.get("王") and opened.desk_links.of_caseworker("王")
        assert opened.desk_sessions.get(session, AT) is None


def test_a_talk_that_was_ended_stays_ended_and_what_was_agreed_to_is_kept(
    store: Store, place: Settings, folder: Path
) -> None:
    add(store, "u", registration())
    turn(store, "u", AT)
    store.recipients.keep("u", "web", "u", notices=True)
    handover = store.handovers.begin("u", "620500", "said", AT)
    token = "token"
    store.web_sessions.begin(token, AT)
    backup = back_up(store, folder, AT).file
    # As the chat page ends one.
    store.recipients.forget("u")
    store.handovers.close(handover, LATER)
    store.turns.end("u", LATER)
    store.web_sessions.end(token)
    assert restore(place, backup, LATEST).erased == 1
    assert store.turns.session("u").data is None and store.turns.replies("u", "m1") is None
    assert store.recipients.get("u") is None and store.handovers.open_of("u") is None
    assert len(store.registrations.of("u")) == 1 and len(store.ledger.consents("u")) == 1
    with pytest.raises(SessionOver):
        store.web_sessions.person(token, LATEST)


def test_a_token_that_is_gone_since_opens_nothing(store: Store, place: Settings, folder: Path) -> None:
    store.web_sessions.begin("old", AT)
    backup = back_up(store, folder, AT).file
    store.web_sessions.begin("new", AT + IDLE)
    assert store.web_sessions.expired(AT + IDLE + datetime.timedelta(seconds=1))
    restore(place, backup, LATER)
    with pytest.raises(SessionOver):
        store.web_sessions.person("old", LATER)
    assert store.web_sessions.person("new", LATER)


def test_old_backups_go_but_not_the_one_that_is_put_back(store: Store, place: Settings, folder: Path) -> None:
    backup, old = (back_up(store, folder, AT + number * datetime.timedelta(days=1)).file for number in range(2))
    add(store, "u", registration())
    restore(place, backup, AT + KEPT + datetime.timedelta(days=2))
    assert backup.exists() and not old.exists() and store.registrations.of("u") == ()
