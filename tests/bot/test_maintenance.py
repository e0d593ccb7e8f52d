"""`zhuye backup`, `restore`, `doctor`, `keys`."""

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from bot.channels.web.forgetting import CHANNEL
from bot.cli import cli
from bot.store.base import BadBackup, KeptSession, NoStore
from bot.store.retention import Expired
from bot.store.sealing import BadKeys
from bot.store.store import open_store
from bot.store.transcripts import Said
from bot.store.web_sessions import IDLE
from tests.bot.store.madeup import add, at, registration
from tests.conftest import ROOT

Zhuye = Callable[..., Result]


@pytest.fixture
def zhuye(tmp_path: Path) -> Zhuye:
    return lambda *words, **more: CliRunner().invoke(
        cli, words, env={"ZHUYE_DATA_DIR": str(tmp_path / "data"), "ZHUYE_DATA_KEYS": "", **more}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(at(tmp_path / "data")) as store:
        add(store, "u", registration(), datetime.datetime.now(datetime.UTC))
    return tmp_path / "data"


def test_a_backup_is_made_and_put_back(zhuye: Zhuye, folder: Path) -> None:
    made = json.loads(zhuye("backup", "--json").stdout)
    assert made["rows"]["registrations"] == 1 and Path(made["file"]).parent == folder / "backups"
    assert set(made["expired"]) == set(Expired.__struct_fields__)
    with open_store(at(folder)) as store:
        store.registrations.erase("u", datetime.datetime.now(datetime.UTC))
    restored = json.loads(zhuye("restore", "--json", made["file"]).stdout)
    assert restored["rows"]["registrations"] == 0 and restored["erased_again"] == 2
    assert Path(restored["before"]).exists()
    said = zhuye("restore", made["file"])
    assert said.exit_code == 0 and "deleted again: 2" in said.stdout and said.stdout.count("\n") == 4


def test_what_is_too_old_is_removed_with_a_word(zhuye: Zhuye, folder: Path) -> None:
    (folder / "backups").mkdir()
    old = folder / "backups" / "zhuye-20200101-000000.db"
    old.touch()
    said = zhuye("backup")
    assert said.exit_code == 0 and f"too old, removed: {old}" in said.stdout and not old.exists()


def test_talks_on_the_page_that_are_over_are_in_no_backup(zhuye: Zhuye, folder: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with open_store(at(folder)) as store:
        for token, seen in (("old", now - IDLE - datetime.timedelta(days=1)), ("young", now - IDLE / 2)):
            sender = store.sender(CHANNEL, store.web_sessions.begin(token, seen))
            store.turns.keep(sender, "m1", KeptSession(b"{}", 1), b"[]", seen)
            store.transcripts.add(sender, "m1", Said("a"))
    rows = json.loads(zhuye("backup", "--json").stdout)["rows"]
    assert [rows[table] for table in ("turns", "sessions", "transcripts", "web_sessions")] == [1] * 4


@pytest.mark.parametrize("words", [("backup",), ("keys", "rotate")])
def test_nothing_is_made_where_nothing_is(zhuye: Zhuye, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert isinstance(zhuye(*words).exception, NoStore)
    assert not (tmp_path / "data").exists()


def test_what_cannot_be_restored(zhuye: Zhuye, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database" * 100)
    assert isinstance(zhuye("restore", str(tmp_path / "file")).exception, BadBackup)
    assert zhuye("restore", str(tmp_path / "missing")).exit_code == 2
    run = [sys.executable, "-m", "bot", "restore", "--json", str(tmp_path / "file")]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, env={"ZHUYE_DATA_DIR": str(folder)})
    assert done.returncode == 1 and done.stderr == ""
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "BadBackup" and "nothing was changed" in error["message"]


def test_the_doctor_says_how_it_is(zhuye: Zhuye, folder: Path) -> None:
    findings = [json.loads(line) for line in zhuye("doctor", "--json").stdout.splitlines()]
    assert {finding["check"]: finding["level"] for finding in findings}["backup"] == "warning"
    assert all(set(finding) == {"check", "level", "found", "advice"} for finding in findings)
    said = zhuye("doctor")
    assert said.exit_code == 0 and "run `zhuye backup` every day" in said.stdout
    (folder / "keys").unlink()
    sick = zhuye("doctor")
    assert sick.exit_code == 1 and "fault    keys: " in sick.stdout


def test_a_new_key_is_printed_and_nothing_changed(zhuye: Zhuye, tmp_path: Path) -> None:
    Fernet(zhuye("keys", "new").stdout.strip())
    Fernet(json.loads(zhuye("keys", "new", "--json").stdout)["key"])
    assert zhuye("keys", "new").stdout != zhuye("keys", "new").stdout
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_replaced(zhuye: Zhuye, folder: Path) -> None:
    old = (folder / "keys").read_text()
    assert json.loads(zhuye("keys", "rotate", "--json").stdout) == {"resealed": 5, "unopened": 0}
    assert (folder / "keys").read_text() != old
    assert "run `zhuye backup` now" in zhuye("keys", "rotate").stdout
    with open_store(at(folder)) as store:
        assert store.registrations.of("u")[0].said == registration()


def test_given_keys_are_replaced_by_the_operator(zhuye: Zhuye, folder: Path) -> None:
    old, new = (folder / "keys").read_text().strip(), zhuye("keys", "new").stdout.strip()
    assert isinstance(zhuye("keys", "rotate", ZHUYE_DATA_KEYS=old).exception, BadKeys)
    said = zhuye("keys", "rotate", ZHUYE_DATA_KEYS=f"{new},{old}")
    assert "ZHUYE_DATA_KEYS: keep the first key, take the others out" in said.stdout
    assert zhuye("doctor", ZHUYE_DATA_KEYS=new).exit_code == 0
