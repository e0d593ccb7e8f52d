"""A conversation in a terminal, with line editing and a history of this session only.

Nothing of it is kept for the next person: a shared computer must not tell what the last one asked. So the person is a
new one each time, and the history of the keyboard stays in memory.
"""

import io
import sys
import uuid
from collections.abc import Iterator

from bot.service import Service
from conversations.messages import Incoming


def converse(service: Service) -> None:
    """Answer what is typed until it ends."""
    say = service.materials.say
    user = f"terminal:{uuid.uuid4()}"
    print(say("terminal.help"))
    _show(service, user, "0", say("terminal.greeting"))
    for number, text in enumerate(_lines(say("terminal.prompt")), 1):
        if text.strip() in say("terminal.quit").split():
            break
        _show(service, user, str(number), text)
    print(say("terminal.goodbye"))


def _show(service: Service, user: str, message_id: str, text: str) -> None:
    print(f"\n{service.materials.say('terminal.speaker')}")
    for reply in service.handle(user, message_id, Incoming(text=text)):
        print(reply["text"], end="\n\n")


def _lines(prompt: str) -> Iterator[str]:
    """What is typed, line by line; editing keys and history where there is a terminal."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  (importing it gives input() editing and history)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        try:
            yield input(prompt)
        except (EOFError, KeyboardInterrupt):
            print()
            return
