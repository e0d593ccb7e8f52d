"""What is in a chat, as Telegram shows it now: after edits and deletions."""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.errors import Refused, bad, blocked
from tests.botapi.updates import now

Json = dict[str, Any]
DELETABLE = 48 * 3600
"""Seconds for which a bot may delete a message in a private chat, or one of its own in a group."""


@dataclass(eq=False)
class Message:
    """A message, whose `body` is the Bot API's Message, changed as it is edited."""

    body: Json
    by_bot: bool = False
    deleted: bool = False

    @property
    def id(self) -> int:
        """The message's number in its chat."""
        number: int = self.body["message_id"]
        return number

    @property
    def text(self) -> str:
        """Its text, or its caption, or nothing."""
        text: str = self.body.get("text") or self.body.get("caption") or ""
        return text

    @property
    def rows(self) -> list[list[Json]]:
        """The inline keyboard, row by row, each button as the Bot API has it."""
        rows: list[list[Json]] = self.body.get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> list[str]:
        """The labels of the inline keyboard, in reading order."""
        return [button["text"] for row in self.rows for button in row]

    @property
    def data(self) -> list[str]:
        """The callback data of the inline keyboard, in reading order."""
        return [button["callback_data"] for row in self.rows for button in row if "callback_data" in button]

    def becomes_old(self) -> None:
        """Let 48 hours have passed since it was sent."""
        self.body["date"] -= DELETABLE + 1

    def __repr__(self) -> str:
        return f"<{self.id}: {self.text!r} {self.buttons}>"


@dataclass(eq=False)
class Chat:
    """A private chat, group, supergroup or channel, as one bot has it."""

    id: int
    kind: str
    names: Json
    numbers: Iterator[int]
    """Of its messages: a bot's private chats and groups share them, supergroups and channels have their own."""
    status: str = "member"
    """The bot's: member, administrator, left, or kicked."""
    messages: dict[int, Message] = field(default_factory=dict)
    keyboard: Json | None = None
    """The reply keyboard under the person's field of input."""
    migrated_to: int | None = None

    def brief(self) -> Json:
        """The Bot API's Chat."""
        return {"id": self.id, "type": self.kind, **self.names}

    def add(self, content: Json, *, by_bot: bool = False) -> Message:
        """A new message, with its number and date."""
        number = next(self.numbers)
        message = Message(copy.deepcopy({"message_id": number, "date": now(), "chat": self.brief(), **content}), by_bot)
        self.messages[number] = message
        return message

    def find(self, number: int | None, purpose: str) -> Message:
        """The message of that number, or a refusal that names the purpose."""
        if number is None:
            raise bad("message identifier is not specified")
        message = self.messages.get(number)
        if message is None or message.deleted:
            raise bad(f"message to {purpose} not found")
        return message

    @property
    def shown(self) -> list[Message]:
        """Every message that is not deleted, in the order sent."""
        return [message for message in self.messages.values() if not message.deleted]

    def check_writable(self) -> None:
        """Raises Refused if the bot may not write here."""
        if self.migrated_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated_to,
            )
        if self.status == "kicked":
            where = f"Forbidden: bot was kicked from the {self.kind} chat"
            raise blocked() if self.kind == "private" else Refused(403, where)
        if self.status == "left":
            raise Refused(403, f"Forbidden: bot is not a member of the {self.kind} chat")


def numbers() -> Iterator[int]:
    """A bot's or a supergroup's message numbers."""
    return itertools.count(1)
