"""The log, on standard error: lines to read on a terminal, one JSON object a line for whatever else collects them.

Our own modules log nothing that is about a person. Libraries do not know what is (httpx logs addresses, in which a
bot's token stands; telegram logs messages), so of theirs only warnings are told; of an error where it was, never its
message.
"""

import datetime
import logging
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

import msgspec

OURS = ("bot", "uvicorn")
"""The HTTP server tells of itself only: what is asked for is logged by the pages."""
PLACES = 8
"""How many calls are told of where something failed, the innermost first."""


def where(error: BaseException) -> str:
    """An error's kind and where it was raised."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' < '.join(places[: -PLACES - 1 : -1])}"


def facts(**named: Any) -> Mapping[str, Mapping[str, Any]]:
    """What a message says, by name, as the `extra` of a call to a logger: fields of their own in JSON."""
    return {"facts": named}


class Lines(logging.Formatter):
    """For people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        record.exc_text = None  # what another handler has made of it
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """See `where`."""
        return where(ei[1])


class JsonLines(Lines):
    """For programs: `at` (UTC), `level`, `logger`, `message`, `error` where there was one, and the message's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told = {
            "at": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(told).decode()


def begin(level: str, stream: TextIO) -> None:
    """Log to `stream`: our own from `level` on, others' from warnings on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines() if stream.isatty() else JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
