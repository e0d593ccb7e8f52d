"""Every conversation of tests/transcripts/ through the public bot over HTTP, many people at once."""

import asyncio
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from bot.channels.telegram.sending import CHANNEL
from bot.service import Service
from bot.store.base import KeptSession
from tests.bot.channels.staffed import staffed
from tests.bot.channels.telegram.conftest import Run, Talk
from tests.botapi.bots import Bot
from tests.botapi.people import Person
from tests.botapi.server import BotApi
from tests.conversations.records import FIRST_RECEIPT
from tests.conversations.test_transcripts import FILES

DAY = re.compile(r"\d{4}年\d+月\d+日")
TRANSCRIPTS = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in FILES}


def meanwhile(service: Service, user: str, turn: dict[str, Any]) -> None:
    """What happens before a turn: hours go by, the session becomes something else, a caseworker takes a step."""
    store, sender = service.store, service.store.sender(CHANNEL, user)
    kept = store.turns.session(sender)
    data = kept.data
    if "after_hours" in turn and data:
        session = json.loads(data)
        at = datetime.datetime.fromisoformat(session["at"]) - datetime.timedelta(hours=turn["after_hours"])
        data = json.dumps({**session, "at": at.isoformat()}).encode()
    if "stored" in turn:
        data = turn["stored"].encode()
    if data is not None and data != kept.data:
        with store.writing():
            store.turns.keep(sender, "meanwhile", KeptSession(data, kept.version + 1), b"[]", service.now())
            store.database.execute("DELETE FROM turns WHERE message_id = 'meanwhile'")
    if turn.get("desk") == "close":
        store.handovers.close(store.handovers.still_open(sender), service.now())
    elif "desk" in turn:
        receipt = store.registrations.of(sender)[0].receipt
        store.database.execute("UPDATE registrations SET status = ? WHERE receipt = ?", (turn["desk"], receipt))


def receipts(service: Service, user: str) -> Sequence[str]:
    """The person's receipts, oldest first."""
    own = service.store.registrations.of(service.store.sender(CHANNEL, user))
    return [registration.receipt for registration in reversed(own)]


def offered(talk: Service, user: str) -> dict[str, str]:
    """The labels of the present question's choices, by value (JSON)."""
    rows = talk.store.database.query(
        "SELECT sealed FROM turns WHERE sender = ? ORDER BY rowid DESC LIMIT 1", (talk.store.sender(CHANNEL, user),)
    )
    replies = json.loads(talk.store.keys.unseal(rows[0]["sealed"])) if rows else []
    ask = replies[-1]["ask"] if replies else None
    return {json.dumps(option["value"]): option["label"] for option in (ask or {"options": []})["options"]}


async def play(name: str, person: Person, talk: Talk, together: asyncio.Semaphore) -> None:
    """Go through a transcript; every message is what the transcript says."""
    told, known = 0, dict[str, str]()
    for turn in TRANSCRIPTS[name]["turns"]:
        async with together:
            await talk.run(meanwhile, str(person.id), turn)
            if "presses" in turn:
                await press(person, turn["presses"], await talk.run(offered, str(person.id)))
            else:
                await person.sends({"text": turn["person"]})
            told += len(turn["bot"])
            await person.waits_for(told, within=30)
        for receipt in await talk.run(receipts, str(person.id)):
            known.setdefault(receipt, str(FIRST_RECEIPT + len(known)))
        said = [as_written(message.text, known) for message in person.inbox[told - len(turn["bot"]) :]]
        assert said == [as_written(text.strip(), {}) for text in turn["bot"]], f"{name}: {turn}"


def as_written(text: str, known: Mapping[str, str]) -> str:
    """A message with the transcript's receipts in place of those that were given; here all is said on one day."""
    text = DAY.sub("", text)
    for receipt, written in known.items():
        text = text.replace(receipt, written).replace(in_threes(receipt), in_threes(written))
    return text


def in_threes(receipt: str) -> str:
    """As it is read aloud."""
    return " ".join((receipt[:3], receipt[3:6], receipt[6:]))


async def press(person: Person, value: Any, labels: dict[str, str]) -> None:
    """A choice that stands is tapped, which sends its words; any other is an old inline button."""
    values = [json.dumps(one) for one in (value if isinstance(value, list) else [value])]
    if values and set(values) <= set(labels):
        await person.says("、".join(labels[one].partition("（")[0] for one in values))
    else:
        await person._press(str(value), person.inbox[-1])


SOME = 5


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_every_conversation_goes_as_written(
    server: BotApi, bot: Bot, run: Run, talk: Talk, webhook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.dialogs.handover.on_duty", lambda at: True)
    # How updates arrive makes no difference to what is said: by webhook some are enough.
    names = sorted(TRANSCRIPTS)[:: SOME if webhook else 1]
    people = {name: server.person(number, name) for number, name in enumerate(names, 1)}
    together = asyncio.Semaphore(20)
    async with run(webhook=webhook):
        for offices in sorted({tuple(transcript.get("offices", ())) for transcript in TRANSCRIPTS.values()}):
            await talk.run(staffed, offices)
            async with asyncio.TaskGroup() as tasks:
                for name, person in people.items():
                    if tuple(TRANSCRIPTS[name].get("offices", ())) == offices:
                        tasks.create_task(play(name, person, talk, together))
        await server.idle()
    assert not server.refused
    assert len(TRANSCRIPTS) > 50
