"""The transcripts, said through the page: the same words as everywhere."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels.web.forgetting import CHANNEL
from bot.store.base import KeptSession
from conversations.forms.asking import key
from conversations.materials import Materials
from tests.bot.channels.staffed import staffed
from tests.bot.channels.web.site import START, Site, Visitor
from tests.conversations.test_transcripts import FILES, play


def sender_of(site: Site, visitor: Visitor) -> str:
    store = site.service.store
    return store.sender(CHANNEL, store.web_sessions.begin(visitor.token, site.at))


def damage(site: Site, visitor: Visitor, stored: str) -> None:
    """Put something else in the place of the person's session."""
    store, sender = site.service.store, sender_of(site, visitor)
    version = store.turns.session(sender).version + 1
    store.turns.keep(sender, f"damage-{version}", KeptSession(stored.encode(), version), b"[]", site.at)


def take_turn(site: Site, visitor: Visitor, turn: dict[str, Any]) -> list[str]:
    site.at += datetime.timedelta(hours=turn.get("after_hours", 0), seconds=20)
    if "stored" in turn:
        visitor.get("/")
        damage(site, visitor, turn["stored"])
    if turn.get("desk") == "close":
        store = site.service.store
        store.handovers.close(store.handovers.still_open(sender_of(site, visitor)), site.at)
    elif "desk" in turn:
        sender = sender_of(site, visitor)
        (newest, *_) = site.service.store.registrations.of(sender)
        site.service.store.leads.set_status(newest.receipt, newest.status, turn["desk"], "desk", site.at)
    if "presses" not in turn:
        return visitor.say(turn["person"])
    presses = turn["presses"]
    values = presses if isinstance(presses, list) else [presses]
    return visitor.press(*map(key, values), fact=False)


RECEIPT = re.compile(r"(?<!\d)\d{3} \d{3} \d{3}(?!\d)")


def counted(said: list[list[str]]) -> list[list[str]]:
    """What was said, with its receipts, which are random, counted up."""
    receipts: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return receipts.setdefault(found[0], f"receipt {len(receipts) + 1}")

    return [[RECEIPT.sub(number, reply) for reply in replies] for replies in said]


@pytest.fixture(scope="module")
def shared(materials: Materials, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One page for all conversations, each of somebody else."""
    made = Site(materials, tmp_path_factory.mktemp("web"))
    yield made
    made.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_conversation_goes_through_the_page_as_written(
    file: Path, shared: Site, materials: Materials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.dialogs.handover.on_duty", lambda at: True)
    transcript = yaml.safe_load(file.read_text("utf-8"))
    turns = transcript["turns"]
    staffed(shared.service, transcript.get("offices", ()))
    written = play(transcript, materials)
    shared.at, visitor = START, shared.visitor()
    said = [take_turn(shared, visitor, turn) for turn in turns]
    assert counted(said) == counted([turn["bot"] for turn in written])
    erased = max((number for number, turn in enumerate(turns) if "Erased" in turn.get("events", ())), default=0)
    shown = len(visitor.find("//article[@data-position]"))
    assert shown == len(turns) - erased, "history after a reload is the whole talk"
