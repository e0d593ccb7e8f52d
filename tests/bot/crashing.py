"""A process that takes registrations and is killed again and again: the client, the process and who kills it.

Run as `python -m tests.bot.crashing KILLS SEED FOLDER URL`. What was acknowledged and sent is told as JSON at the end.
The client sends a message until it is acknowledged, then the next. The processes are forks of this one, so that what
takes long (importing) is done once.
"""

import datetime
import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import NoReturn
from unittest.mock import patch

import msgspec

from bot.service import Service
from bot.settings import Settings
from bot.store.outbox import Letter
from bot.store.store import open_store
from conversations.messages import Incoming, Turn
from tests.bot.store.madeup import place_of
from tests.bot.talk import REGISTER, answers, scripted

CHANNEL = "web"
STEPS = ("", "consent", "call_name", "phone", "needs", "review")
MOST_TOLD, SLOWEST = 12, 0.05
"""A process is killed at most so many seconds after it told so many things: on a slow machine too, it gets on."""


def message(number: int) -> tuple[str, str, str]:
    """User, id and text of a message: each user registers in so many messages."""
    user, step = divmod(number, len(STEPS))
    text = answers(name=f"名字{user}", phone=f"138{user:08d}")[STEPS[step]] if step else REGISTER
    return f"u{user}", f"m{number}", text


def work(place: Settings, first: int, tell: Callable[[str], object], last: int | None = None) -> None:
    """Send what is owed, take messages from the `first` on; without end if there is no `last`."""
    with patch("bot.service.advance", scripted), open_store(place) as store:
        service = Service(None, store, lambda: datetime.datetime.now(datetime.UTC))  # type: ignore[arg-type]

        def send() -> None:
            while owed := store.outbox.take(CHANNEL, time.time(), 10, lease=0):
                for one in owed:
                    tell(f"sent {bytes(one.letter.content).decode()}")
                    store.outbox.done(one.id)

        send()
        number = first
        while last is None or number < last:
            user, message_id, text = message(number)

            lines = service.handle(user, message_id, Incoming(text=text), CHANNEL, naming(message_id))
            tell(f"answered {json.dumps([message_id, lines[-1]['receipt']])}")
            number += 1
            send()


def naming(message_id: str) -> Callable[[Turn], list[Letter]]:
    """Writes a letter that names the message that it answers."""
    return lambda turn: [
        Letter("somebody", msgspec.Raw(json.dumps([message_id, reply.receipt]).encode())) for reply in turn.replies
    ]


def run(place: Settings, kills: int, seed: int) -> dict[str, list[object]]:
    """Kill so many processes at random moments; then one may end its work."""
    chance = random.Random(seed)
    answered: list[object] = []
    sent: list[object] = []
    for life in range(kills + 1):
        last = len(answered) + 2 * len(STEPS) - len(answered) % len(STEPS) if life == kills else None
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            be_killed(place, len(answered), writing, last)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as lines:
            told = []
            if life < kills:
                told = list(itertools.islice(lines, chance.choice((0, chance.randrange(MOST_TOLD)))))
                time.sleep(chance.uniform(0, SLOWEST))
                os.kill(child, signal.SIGKILL)
            for line in (*told, *lines):
                kind, _, content = line.partition(" ")
                assert kind in ("answered", "sent"), line
                (answered if kind == "answered" else sent).append(json.loads(content))
        os.waitpid(child, 0)
    return {"answered": answered, "sent": sent}


def be_killed(place: Settings, first: int, pipe: int, last: int | None) -> NoReturn:
    """Work, and tell of it line by line."""

    def tell(line: str) -> None:
        os.write(pipe, f"{line}\n".encode())

    try:
        work(place, first, tell, last)
    except BaseException as error:
        tell(f"failed {json.dumps(repr(error))}")
    os._exit(0)


if __name__ == "__main__":
    print(json.dumps(run(place_of(*sys.argv[3:]), int(sys.argv[1]), int(sys.argv[2]))))
