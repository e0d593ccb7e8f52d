"""The transcripts, said through the page: the same words as everywhere."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.web.talk import CHANNEL
from bot.store.base import KeptSession
from conversations.materials import Materials
from tests.bot.channels.web.site import START, Site, Visitor
from tests.conversations.test_transcripts import FILES


def damage(site: Site, visitor: Visitor, stored: str) -> None:
    """Put something else in the place of the person's session."""
    store = site.service.store
    person = store.web_sessions.begin(visitor.token, site.at)
    sender = store.sender(CHANNEL, person)
    version = store.turns.session(sender).version + 1
    store.turns.keep(sender, f"damage-{version}", KeptSession(stored.encode(), version), b"[]", site.at)


def take_turn(site: Site, visitor: Visitor, turn: dict[str, Any]) -> list[str]:
    site.at += datetime.timedelta(hours=turn.get("after_hours", 0), seconds=20)
    if "stored" in turn:
        visitor.get("/")
        damage(site, visitor, turn["stored"])
    if "presses" not in turn:
        return visitor.say(turn["person"])
    presses = turn["presses"]
    values = presses if isinstance(presses, list) else [presses]
    return visitor.press(*[str(value) for value in values], fact=False)


@pytest.fixture(scope="module")
def shared(materials: Materials, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One page for all conversations, each of somebody else."""
    made = Site(materials, tmp_path_factory.mktemp("web"))
    yield made
    made.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_goes_through_the_page_as_written(file: Path, shared: Site) -> None:
    turns = yaml.safe_load(file.read_text("utf-8"))["turns"]
    shared.at, visitor = START, shared.visitor()
    for turn in turns:
        assert take_turn(shared, visitor, turn) == turn["bot"]
    shown = visitor.find("//article[@data-position]")
    assert len(shown) == len(turns), "history after a reload is the whole talk"
