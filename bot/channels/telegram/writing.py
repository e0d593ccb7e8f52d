"""What a turn says, as letters to a chat: each the Bot API's call that delivers it.

A letter's content is `{"method": …}` with the call's other parameters; the address is the chat's id.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from bot.channels.telegram.words import Words
from bot.store.outbox import Letter
from conversations.messages import Ask, ForgetMessage, Turn

LONGEST = 4096
"""UTF-16 units of a message's text (core.telegram.org/bots/api#sendmessage)."""
MOST_DATA = 64
"""Bytes of a button's data."""
IN_A_ROW = 3
PHONE = "phone"
SENTENCE_END = re.compile(r"[。！？；\n]|[.!?](?=\s)")
PROGRAMME, LIST = "p", "l"

Rows = list[list[dict[str, Any]]]


class Place(msgspec.Struct, frozen=True):
    """Where a turn's letters go: a private chat, and the message that the turn is about."""

    chat: int
    message: int

    @property
    def address(self) -> str:
        """The chat as a letter's address."""
        return str(self.chat)


class Pressed(msgspec.Struct, frozen=True):
    """What a button's data says: a programme of a list, or (None) the list, and the turn and reply that told it."""

    programme: str | None
    turn: int
    reply: int

    @property
    def data(self) -> str:
        """The data itself."""
        parts = [LIST] if self.programme is None else [PROGRAMME, self.programme]
        return ":".join([*parts, str(self.turn), str(self.reply)])


def pressed(data: str) -> Pressed | None:
    """What a button's data says; None for data that no button of ours has."""
    match data.split(":"):
        case ["p", programme, turn, reply] if _number(turn) and _number(reply):
            return Pressed(programme, int(turn), int(reply))
        case ["l", turn, reply] if _number(turn) and _number(reply):
            return Pressed(None, int(turn), int(reply))
    return None


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def turn_letters(words: Words, place: Place, turn: Turn) -> Iterator[Letter]:
    """The letters of a turn: what it says, in order, and the deletion of a message that must not be kept."""
    if any(isinstance(event, ForgetMessage) for event in turn.events):
        yield forget(place)
    for number, reply in enumerate(turn.replies):
        last = number == len(turn.replies) - 1
        markup = _programmes(words, place, turn, number) or (_keyboard(words, reply.ask) if last else None)
        yield from say(place.address, reply.text, markup, lasting=reply.receipt is not None)


def expanded(words: Words, place: Place, turn: Turn, button: Pressed, rows: Rows) -> Iterator[Letter]:
    """The letters of a turn that a programme's button made: the message that held it changes, its buttons stay.

    An old button's turn is told like any other.
    """
    session = turn.session
    if session.asked is not None or button.programme not in session.results:
        yield from turn_letters(words, place, turn)
        return
    back = {"text": words.buttons.back, "callback_data": Pressed(None, button.turn, button.reply).data}
    kept = [row for row in rows if back not in row]
    yield from change(place, turn.replies[0].text, [*kept, [back]])


def listed(place: Place, text: str, rows: Rows) -> Iterator[Letter]:
    """The letters that change a message back into a list, without the button back to it."""
    kept = [[one for one in row if not str(one.get("callback_data")).startswith(f"{LIST}:")] for row in rows]
    yield from change(place, text, [row for row in kept if row])


def say(
    address: str, text: str, markup: Any = None, reply_to: int | None = None, *, lasting: bool = False
) -> Iterator[Letter]:
    """A text of any length; the buttons are under its end."""
    parts = split(text)
    for number, part in enumerate(parts, 1):
        more: dict[str, Any] = {}
        if markup and number == len(parts):
            more["reply_markup"] = markup
        if reply_to is not None and number == 1:
            more["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        letter = _call(address, "sendMessage", text=part, link_preview_options={"is_disabled": True}, **more)
        yield msgspec.structs.replace(letter, lasting=lasting)


def change(place: Place, text: str, rows: Rows) -> Iterator[Letter]:
    """The message says something else; what is too long for one is said anew."""
    markup = {"inline_keyboard": rows}
    if units(text) > LONGEST:
        yield from say(place.address, text, markup)
        return
    yield _call(
        place.address,
        "editMessageText",
        message_id=place.message,
        text=text,
        reply_markup=markup,
        link_preview_options={"is_disabled": True},
    )


def forget(place: Place) -> Letter:
    """The message is deleted, where that is allowed."""
    letter = _call(place.address, "deleteMessage", message_id=place.message)
    return msgspec.structs.replace(letter, lasting=True)


def split(text: str) -> Sequence[str]:
    """`text` in parts that Telegram takes, cut at sentence ends where there are any."""
    parts = []
    while units(text) > LONGEST:
        fits = _fitting(text)
        ends = [found.end() for found in SENTENCE_END.finditer(text[:fits])]
        cut = ends[-1] if ends else fits
        parts.append(text[:cut])
        text = text[cut:]
    # Telegram takes no message of white space.
    return [part for part in (*parts, text) if part.strip()]


def units(text: str) -> int:
    """The length as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str) -> int:
    """How many characters of `text` fit into a message."""
    data = text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST]
    return len(data.decode("utf-16-le", "ignore"))


def _call(address: str, method: str, **parameters: Any) -> Letter:
    return Letter(address, msgspec.Raw(msgspec.json.encode({"method": method, **parameters})))


def _programmes(words: Words, place: Place, turn: Turn, number: int) -> dict[str, Any] | None:
    """The buttons of the programmes that a reply numbers."""
    told = turn.session.results
    buttons = [
        {"text": words.buttons.programme.format(number=told.index(id_) + 1), "callback_data": data}
        for id_ in turn.replies[number].programmes
        if id_ in told and len((data := Pressed(id_, place.message, number).data).encode()) <= MOST_DATA
    ]
    rows = [buttons[start : start + IN_A_ROW] for start in range(0, len(buttons), IN_A_ROW)]
    return {"inline_keyboard": rows} if rows else None


def _keyboard(words: Words, ask: Ask | None) -> dict[str, Any]:
    """A question's choices as buttons that send their words; without a question, none."""
    rows: Rows = [[{"text": choice.label}] for choice in ask.options] if ask else []
    if ask and ask.fact == PHONE:
        rows.insert(0, [{"text": words.buttons.phone, "request_contact": True}])
    if not rows:
        return {"remove_keyboard": True}
    return {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}


def told_text(replies: Sequence[dict[str, Any]] | None, number: int) -> str | None:
    """The text of a kept reply; None where there is none of that number."""
    return str(replies[number]["text"]) if replies and number < len(replies) else None
