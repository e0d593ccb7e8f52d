"""The transcripts in tests/transcripts/, run through the engine.

`pytest tests/conversations/test_transcripts.py --rewrite` writes what the bot says now into them; read the difference.
"""

import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from conversations.engine import advance
from conversations.materials import Materials
from conversations.messages import Event, Incoming
from conversations.session import Session, dump_session
from tests.conftest import ROOT
from tests.conversations.records import Records

FILES = sorted((ROOT / "tests" / "transcripts").glob("*.yaml"))
START = datetime.datetime(2026, 11, 22, 10, 0, tzinfo=datetime.UTC)


def play(transcript: dict[str, Any], materials: Materials) -> list[dict[str, Any]]:
    """What the bot says in each turn, and what it asks the world to do (`events`).

    `after_hours` of a turn is how long the person was away before it, `desk` the step that a caseworker did meanwhile
    ("close": the end of a conversation with them). `offices` are the places whose caseworkers answer.
    """
    session: Session | bytes = Session()
    at, records = START, Records()
    done = []
    for line in transcript["turns"]:
        at += datetime.timedelta(hours=line.get("after_hours", 0), seconds=20)
        if "stored" in line:
            session = line["stored"].encode()
        records.offices = tuple(transcript.get("offices", ()))
        if line.get("desk") == "close":
            records.close()
        elif "desk" in line:
            records.step(line["desk"], at.date())
        pressed = line.get("presses")
        choice = tuple(pressed) if isinstance(pressed, list) else pressed
        incoming = Incoming(choice=choice) if "presses" in line else Incoming(text=line["person"])
        turn = advance(session, incoming, at, materials, records.account)
        records.apply(turn.events, at.date())
        # Through its stored form, as between two messages.
        session = dump_session(turn.session)
        done.append({"bot": [reply.text for reply in turn.replies], "events": [in_short(e) for e in turn.events]})
    return done


def in_short(event: Event) -> str:
    """An event as a line, without the fields that say nothing."""
    fields = msgspec.to_builtins(event)
    said = fields.pop("said", {})
    return " ".join([fields.pop("type"), *(f"{name}={value}" for name, value in {**fields, **said}.items() if value)])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_goes_as_written(file: Path, materials: Materials, request: pytest.FixtureRequest) -> None:
    transcript = yaml.safe_load(file.read_text("utf-8"))
    done = play(transcript, materials)
    if request.config.getoption("--rewrite"):
        for turn, now in zip(transcript["turns"], done, strict=True):
            turn.pop("events", None)
            turn.update({name: value for name, value in now.items() if value})
        file.write_text(written(transcript), "utf-8")
    assert done == [{"bot": turn["bot"], "events": turn.get("events", [])} for turn in transcript["turns"]]


def written(transcript: dict[str, Any]) -> str:
    """The transcript as YAML that reads like a conversation."""
    return yaml.dump(transcript, Dumper=Plain, allow_unicode=True, sort_keys=False, width=10_000)


class Plain(yaml.SafeDumper):
    """Writes lines that belong together as a block."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Plain.add_representer(str, _text)
