"""The transcripts in tests/transcripts/, run through the engine.

`pytest tests/conversations/test_transcripts.py --rewrite` writes what the bot says now into them; read the difference.
"""

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Incoming
from conversations.session import Session, dump_session
from tests.conftest import ROOT

FILES = sorted((ROOT / "tests" / "transcripts").glob("*.yaml"))
START = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)


def play(transcript: dict[str, Any], materials: Materials) -> list[list[str]]:
    """What the bot says in each turn. `after_hours` of a turn is how long the person was away before it."""
    session: Session | bytes = Session()
    at = START
    said = []
    for turn in transcript["turns"]:
        at += datetime.timedelta(hours=turn.get("after_hours", 0), seconds=20)
        if "stored" in turn:
            session = turn["stored"].encode()
        incoming = Incoming(choice=turn["presses"]) if "presses" in turn else Incoming(text=turn["person"])
        done = advance(session, incoming, at, materials)
        # Through its stored form, as between two messages.
        session = dump_session(done.session)
        said.append([reply.text for reply in done.replies])
    return said


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_goes_as_written(file: Path, materials: Materials, request: pytest.FixtureRequest) -> None:
    transcript = yaml.safe_load(file.read_text("utf-8"))
    said = play(transcript, materials)
    if request.config.getoption("--rewrite"):
        for turn, replies in zip(transcript["turns"], said, strict=True):
            turn["bot"] = replies
        file.write_text(written(transcript), "utf-8")
    assert said == [turn["bot"] for turn in transcript["turns"]]


def written(transcript: dict[str, Any]) -> str:
    """The transcript as YAML that reads like a conversation."""
    return yaml.dump(transcript, Dumper=Plain, allow_unicode=True, sort_keys=False, width=10_000)


class Plain(yaml.SafeDumper):
    """Writes lines that belong together as a block."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Plain.add_representer(str, _text)
