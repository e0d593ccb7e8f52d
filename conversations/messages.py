"""What comes in and what goes out."""

from typing import Any

import msgspec

from conversations.registrations import Registration
from knowledge.eligibility import Verdict
from knowledge.search import Passage

Value = bool | int | str


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A message: what was typed, or the value of the button that was pressed (several, where several may be chosen).

    `fact` is the question that the button stood under, where the channel knows it: one of an old question is an old
    button even if the present question has a choice of that value too.
    """

    text: str = ""
    choice: Value | tuple[Value, ...] | None = None
    fact: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """A choice offered with a question."""

    value: Value
    label: str


class Ask(msgspec.Struct, frozen=True):
    """The question that a reply ends with: the fact asked for, and the choices offered (none: an open answer).

    `question` tells questions for the same fact apart (two consents): a channel hands it back as a button's
    `Incoming.fact`, so that a button pressed twice does not answer the next question too.
    """

    fact: str
    options: tuple[Choice, ...] = ()
    many: bool = False
    question: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the person, plain text. `programmes` are those that it numbers, for buttons that expand them."""

    text: str
    ask: Ask | None = None
    verdicts: tuple[Verdict, ...] | None = None
    passages: tuple[Passage, ...] | None = None
    receipt: str | None = None
    programmes: tuple[str, ...] = ()


class Unanswered(msgspec.Struct, frozen=True, tag=True):
    """A question that no text answers: how it ended, where the person is, and its words without anything personal."""

    outcome: str
    region: str | None
    words: str


class ForgetMessage(msgspec.Struct, frozen=True, tag=True):
    """The incoming message held a number that must not be kept; the channel should delete it."""


class ConsentGiven(msgspec.Struct, frozen=True, tag=True):
    """A yes, or no, to a consent's text, which is named with its version."""

    consent: str
    text_version: str
    given: bool


class Registered(msgspec.Struct, frozen=True, tag=True):
    """A registration was sent; the receipt is the account's free one."""

    receipt: str
    said: Registration


class Amended(msgspec.Struct, frozen=True, tag=True):
    """The sender's registration says something else now."""

    receipt: str
    said: Registration


class Withdrawn(msgspec.Struct, frozen=True, tag=True):
    """The sender takes the registration back; it is kept until it expires, and nobody follows it up."""

    receipt: str


class Erased(msgspec.Struct, frozen=True, tag=True):
    """Everything about the sender is to be deleted: registrations, consents, and the talk so far."""


class HandoverAsked(msgspec.Struct, frozen=True, tag=True):
    """A question to the caseworkers of a place: a conversation with them is open from now on."""

    region: str
    words: str


class HandoverSaid(msgspec.Struct, frozen=True, tag=True):
    """A further message to the caseworkers, while the conversation with them is open."""

    words: str


class HandoverClosed(msgspec.Struct, frozen=True, tag=True):
    """The person ends the conversation with the caseworkers."""


Handover = HandoverAsked | HandoverSaid | HandoverClosed
Event = Unanswered | ForgetMessage | ConsentGiven | Registered | Amended | Withdrawn | Erased | Handover
"""Something that the world outside should do or keep."""


class Turn(msgspec.Struct, frozen=True):
    """What a message came to: the session after it, the replies in order, and events."""

    session: Any
    replies: tuple[Reply, ...]
    events: tuple[Event, ...] = ()
