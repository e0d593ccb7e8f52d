"""What comes in and goes out, as plain data."""

from typing import Literal

import msgspec

from bot.desk.models import Filter
from bot.store.outbox import Letter

Kind = Literal["text", "button", "other", "blocked", "unblocked"]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An update: what somebody did in which chat. `key` is the same whenever it comes.

    `text` is what they wrote, `data` what the pressed button holds, under the message `message`.
    `answers` holds what is on the first button of the bot's message that they replied to.
    """

    key: str
    user: str
    chat: str
    private: bool
    kind: Kind
    text: str = ""
    data: str = ""
    message: int | None = None
    answers: str = ""


class Button(msgspec.Struct, frozen=True, array_like=True):
    """A button: its words, and what comes back when it is pressed (1–64 bytes)."""

    label: str
    data: str


Rows = tuple[tuple[Button, ...], ...]


class Say(msgspec.Struct, frozen=True, tag=True):
    """A text, with rows of buttons; `edits` is the message that it takes the place of."""

    text: str
    buttons: Rows = ()
    edits: int | None = None


class New(msgspec.Struct, frozen=True, tag=True):
    """A new registration's card as it is when it is sent, for an account that may see it then."""

    caseworker: str
    receipt: str


class Asked(msgspec.Struct, frozen=True, tag=True):
    """A person's conversation with the desk as it is when it is sent, for an account that may answer it then."""

    caseworker: str
    handover: int


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A chart of the statistics, drawn when it is sent, for an account that may see it then."""

    caseworker: str
    wanted: Filter
    chart: str


class Document(msgspec.Struct, frozen=True, tag=True):
    """An export, made and recorded when it is sent, for an account that may have it then."""

    caseworker: str
    wanted: Filter


Content = Say | New | Asked | Picture | Document


def letter(address: str, content: Content) -> Letter:
    """`content` as the outbox keeps it."""
    return Letter(address, msgspec.Raw(msgspec.json.encode(content)))


def content_of(letter: Letter) -> Content:
    """What a letter of the outbox holds."""
    content: Content = msgspec.json.decode(letter.content, type=Content)
    return content
