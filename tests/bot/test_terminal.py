import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conversations.wording import Wording
from knowledge.search import Knowledge
from tests.bot.test_chat import built_knowledge


@pytest.fixture
def data(tmp_path: Path, knowledge: Knowledge, cache: Path) -> Path:
    """A new data folder with the knowledge built already."""
    (tmp_path / "cache").mkdir()
    shutil.copy(built_knowledge(cache), tmp_path / "cache")
    return tmp_path


def chat(folder: Path, typed: str | bytes) -> str:
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(folder), "ZHUYE_TODAY": "2026-11-22"}
    result = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        input=typed if isinstance(typed, bytes) else typed.encode(),
        env=environment,
        capture_output=True,
        check=True,
    )
    assert not result.stderr
    return result.stdout.decode()


def turns(said: str, say: Wording) -> list[str]:
    """What the bot said, message by message; what comes before the first is the help."""
    return [turn.strip() for turn in said.split(say("terminal.speaker"))]


def test_a_conversation(data: Path, say: Wording) -> None:
    said = chat(data, "补贴 资格\n天水\n创业补贴有多少钱\n我说过什么\n退出\n不会读到\n")
    help_, greeting, place, question, answer, told = turns(said, say)
    assert help_ == say("terminal.help")
    assert say("talk.menu") in greeting
    assert say("terminal.prompt") in place and place != question
    assert "天政办发〔2022〕78号" in answer
    assert "天水" in told
    assert said.endswith(f"{say('terminal.goodbye')}\n")


def test_the_end_of_input_ends_it_politely(data: Path, say: Wording) -> None:
    said = chat(data, "")
    assert len(turns(said, say)) == 2
    assert said.endswith(f"{say('terminal.goodbye')}\n")


def test_the_next_person_is_a_new_one(data: Path) -> None:
    chat(data, "我在天水\n补贴 资格\n")
    assert "天水" not in chat(data, "我说过什么\n")


def test_what_cannot_be_read_does_not_end_it(data: Path, say: Wording) -> None:
    assert len(turns(chat(data, b"\xff\xfe\n\n" + "菜单\n".encode()), say)) == 5
