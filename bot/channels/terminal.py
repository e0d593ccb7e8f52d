"""Questions and answers in a terminal, with line editing and a history of this session only.

The history is not kept in a file: a shared computer must not tell the next person what the last one asked.
"""

import sys
from collections.abc import Iterator

from bot.settings import Settings
from conversations.dialogs.question import answer
from conversations.wording import load_wording
from knowledge.search import Knowledge

QUIT = {"退出", "再见", "结束", "exit", "quit"}
HELP = {"帮助", "help", "?", "？"}


def converse(knowledge: Knowledge, settings: Settings) -> None:
    """Answer what is typed until it ends."""
    say = load_wording()
    region: str | None = None
    print(say("terminal.welcome"), say("terminal.help"), sep="\n")
    for typed in _lines(say("terminal.prompt")):
        text = typed.strip()
        if text in QUIT:
            break
        if text in HELP:
            print(say("terminal.help"))
            continue
        place = knowledge.place_alone(text)
        if place:
            region = place
            reply = say("terminal.place_set", place=knowledge.snapshot.gazetteer.full_name(place))
        else:
            reply = answer(knowledge, text, region, settings.today, say).reply
        print(f"\n{say('terminal.speaker')}\n{reply}\n")
    print(say("terminal.goodbye"))


def _lines(prompt: str) -> Iterator[str]:
    """What is typed, line by line; editing keys and history where there is a terminal."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  (importing it gives input() editing and history)
    while True:
        try:
            yield input(prompt)
        except (EOFError, KeyboardInterrupt):
            print()
            return
