"""What is remembered of a talk: plain, versioned data."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from knowledge.facts.models import FactValue

VERSION = 1
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From a version to the next: a function from one's plain form to the other's."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person's talk.

    `facts` is what they said; `dont_know` what they were asked and could not say. `dialog` is the dialog under way,
    `asked` the fact (or "menu") that the last question was about, `trail` the facts asked in this dialog so far.
    `wrong` counts answers in a row that were not understood. `results` are the programmes of the last result, by the
    numbers that they were shown with; `shown` is the clause or programme that was just told whole. `last` is what was
    last said, `at` when (ISO 8601).
    """

    version: int = VERSION
    facts: dict[str, FactValue] = {}
    dont_know: tuple[str, ...] = ()
    dialog: str | None = None
    asked: str | None = None
    trail: tuple[str, ...] = ()
    wrong: int = 0
    easy: bool = False
    results: tuple[str, ...] = ()
    shown: str | None = None
    last: tuple[str, ...] = ()
    at: str | None = None


class UnusableSession(ValueError):
    """Stored data that is no session of a version that is known."""


def dump_session(session: Session) -> bytes:
    """`session` as JSON."""
    return msgspec.json.encode(session)


def load_session(data: bytes) -> Session:
    """The session in `data`, brought to the present version.

    Raises:
        UnusableSession: it is damaged, or of a version that is not known.

    """
    try:
        plain = msgspec.json.decode(data, type=dict[str, Any])
        while (version := plain.get("version")) != VERSION:
            if not isinstance(version, int) or version not in MIGRATIONS:
                raise UnusableSession(f"version {version!r} is not known")
            plain = MIGRATIONS[version](plain)
        return msgspec.convert(plain, Session)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UnusableSession(str(error)) from error
