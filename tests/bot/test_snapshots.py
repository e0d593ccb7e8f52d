import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import bot.snapshots
from bot.snapshots import load_knowledge

QUESTION = "残疾人开店给补贴吗"


def kept(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def test_it_is_built_once_and_then_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = load_knowledge(tmp_path / "cache")
    monkeypatch.setattr(bot.snapshots, "build_snapshot", lambda _: pytest.fail("built again"))
    assert load_knowledge(tmp_path / "cache").search(QUESTION) == built.search(QUESTION)
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_a_changed_file_of_the_knowledge_makes_it_again_and_the_old_one_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_knowledge(tmp_path)
    before = kept(tmp_path)
    monkeypatch.setattr(bot.snapshots, "fingerprint", lambda: "f" * 64)
    load_knowledge(tmp_path)
    assert before != kept(tmp_path) == ["knowledge-ffffffffffffffff.msgpack"]


def test_a_damaged_file_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_knowledge(tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:1000])
    with caplog.at_level(logging.WARNING):
        assert load_knowledge(tmp_path).search(QUESTION).passages
    assert "is made again" in caplog.text


def test_a_place_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    assert load_knowledge(tmp_path / "file" / "cache").search(QUESTION).passages
    assert "answers come slower" in caplog.text


def test_two_processes_that_start_at_once_both_answer(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "ask", QUESTION]
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(tmp_path)}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)
    ]
    ended = [process.communicate() for process in started]
    assert len({out for out, _ in ended}) == 1 and ended[0][0]
    assert not any(err for _, err in ended)
    assert len(kept(tmp_path / "cache")) == 1
