"""A conversation for programs: one JSON line in, one or more lines out, each flushed."""

import io
import sys
from typing import Annotated

import msgspec

from bot.commands.batch import RefusedError, run_batch
from bot.commands.output import print_json
from bot.service import Service
from conversations.messages import Incoming, Value

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
EXAMPLE = '{"user": "u1", "message_id": "m1", "text": "开店有补贴吗"}'


class Line(msgspec.Struct, frozen=True):
    """A message: `text`, or `choice` where a button is pressed (which goes before any text)."""

    user: Name
    message_id: Name
    text: str | None = None
    choice: Value | list[Value] | None = None


DECODER = msgspec.json.Decoder(Line)


def serve(service: Service) -> bool:
    """Handle line after line until there are no more; whether all were messages.

    A line that is none is named, as in a batch, and changes nothing.
    """

    def work(typed: str) -> None:
        line = _line(typed)
        choice = tuple(line.choice) if isinstance(line.choice, list) else line.choice
        for reply in service.handle(line.user, line.message_id, Incoming(text=line.text or "", choice=choice)):
            print_json(reply)

    if isinstance(sys.stdin, io.TextIOWrapper):
        # What is no UTF-8 must reach the line's own check, and not end the reading.
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    return run_batch(sys.stdin, work, as_json=True)


def _line(typed: str) -> Line:
    try:
        line = DECODER.decode(typed)
    except (ValueError, RecursionError) as error:  # DecodeError and UnicodeError are ValueErrors
        raise RefusedError("bad_line", f"{error}; write it like {EXAMPLE}") from error
    if line.text is None and line.choice is None:
        raise RefusedError("bad_line", f"neither text nor choice; write it like {EXAMPLE}")
    return line
