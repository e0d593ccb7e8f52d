"""What comes in and what goes out."""

from typing import Any, Literal

import msgspec

from knowledge.eligibility import Verdict
from knowledge.search import Passage

Value = bool | int | str


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message: what was typed, or the value of the button that was pressed (several, where several may be chosen)."""

    text: str = ""
    choice: Value | tuple[Value, ...] | None = None


class Choice(msgspec.Struct, frozen=True):
    """A choice offered with a question."""

    value: Value
    label: str


class Ask(msgspec.Struct, frozen=True):
    """The question that a reply ends with: the fact asked for, and the choices offered (none: an open answer)."""

    fact: str
    options: tuple[Choice, ...] = ()
    many: bool = False


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the person, plain text."""

    text: str
    ask: Ask | None = None
    verdicts: tuple[Verdict, ...] | None = None
    passages: tuple[Passage, ...] | None = None


class Event(msgspec.Struct, frozen=True):
    """Something that the world outside should do or keep.

    `unanswered`: a question that no text answers (`detail` is how it ended). `forget_message`: the incoming message
    held a number that must not be kept; the channel should delete it.
    """

    kind: Literal["unanswered", "forget_message"]
    detail: str = ""


class Turn(msgspec.Struct, frozen=True):
    """What a message came to: the session after it, the replies in order, and events."""

    session: Any
    replies: tuple[Reply, ...]
    events: tuple[Event, ...] = ()
