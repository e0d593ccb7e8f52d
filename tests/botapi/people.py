"""Those who talk with a bot: the test's hands and eyes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from tests.botapi.bots import Bot, Press, member
from tests.botapi.chats import Chat, Json, Message
from tests.botapi.checks import LONGEST_TEXT
from tests.botapi.entities import commands
from tests.botapi.updates import now

Inbox = Sequence[Message]


class Until(Protocol):
    """Waits until something holds; fails with the words of the last argument."""

    def __call__(self, holds: Callable[[], bool], within: float, told: Callable[[], str]) -> Awaitable[None]: ...


class Face:
    """A chat as somebody in it sees it."""

    def __init__(self, bot: Bot, chat: Chat, until: Until) -> None:
        self.bot, self.chat, self._until = bot, chat, until

    @property
    def id(self) -> int:
        """The chat's."""
        return self.chat.id

    @property
    def inbox(self) -> list[Message]:
        """The bot's messages as they are shown now."""
        return [message for message in self.chat.shown if message.by_bot]

    @property
    def keyboard(self) -> list[str]:
        """The labels of the reply keyboard, in reading order."""
        rows = (self.chat.keyboard or {}).get("keyboard", [])
        return [button["text"] for row in rows for button in row]

    async def waits_for(self, wanted: int | str | Callable[[Inbox], bool], within: float = 10) -> list[Message]:
        """Wait until the inbox holds that many messages, one with that text in it, or what the function says.

        Raises:
            AssertionError: It did not, within so many seconds.
        """

        def holds() -> bool:
            if isinstance(wanted, int):
                return len(self.inbox) >= wanted
            if isinstance(wanted, str):
                return any(wanted in message.text for message in self.inbox)
            return wanted(self.inbox)

        await self._until(holds, within, lambda: f"waited for {wanted!r}; the inbox holds {self.inbox}")
        return self.inbox

    async def _changes_status(self, by: Json, new: str) -> None:
        old, self.chat.status = self.chat.status, new
        change = {"old_chat_member": member(self.bot, old), "new_chat_member": member(self.bot, new)}
        await self.bot.hears("my_chat_member", {"chat": self.chat.brief(), "from": by, "date": now(), **change})


class Person(Face):
    """A person and their private chat with a bot, which the bot knows of once they have written."""

    def __init__(self, bot: Bot, chat: Chat, until: Until, user: Json) -> None:
        super().__init__(bot, chat, until)
        self.user = user

    async def says(self, text: str, to: Face | None = None, reply_to: Message | None = None) -> Message:
        """Write a text, here or in a group; their app marks the commands in it."""
        text = text.strip()
        if not 1 <= len(text) <= LONGEST_TEXT:
            raise ValueError(f"an app sends texts of 1–{LONGEST_TEXT} characters, not {len(text)}")
        reply = {"reply_to_message": reply_to.body} if reply_to else {}
        return await self.sends({"text": text, **_marked(text), **reply}, to)

    async def sends(self, content: Json, to: Face | None = None) -> Message:
        """Send a message with any content."""
        chat = (to or self).chat
        self._enters(chat)
        message = chat.add({"from": self.user, **content})
        await self.bot.hears("message", message.body)
        return message

    async def sends_voice(self, data: bytes = b"OggS", seconds: int = 3) -> Message:
        """Send a voice message."""
        about = {"duration": seconds, "mime_type": "audio/ogg"}
        return await self.sends({"voice": self.bot.files.keep(data, "voice", "voice.oga", **about)})

    async def sends_photo(self, data: bytes = b"\xff\xd8\xff", caption: str = "") -> Message:
        """Send a photo."""
        return await self.sends({"photo": self.bot.files.keep_photo(data), **_captioned(caption)})

    async def sends_document(self, data: bytes = b"%PDF-", name: str = "file.pdf", caption: str = "") -> Message:
        """Send a file."""
        return await self.sends({"document": self.bot.files.keep_document(data, name), **_captioned(caption)})

    async def sends_sticker(self, emoji: str = "\N{WAVING HAND SIGN}") -> Message:
        """Send a sticker."""
        about = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return await self.sends({"sticker": self.bot.files.keep(b"RIFF", "stickers", "s.webp", emoji=emoji, **about)})

    async def sends_location(self, latitude: float, longitude: float) -> Message:
        """Send a place on the map."""
        return await self.sends({"location": {"latitude": latitude, "longitude": longitude}})

    async def sends_contact(self, phone: str, name: str | None = None) -> Message:
        """Send a phone number: their own, unless it has another name."""
        own = {"user_id": self.id} if name is None else {}
        return await self.sends(
            {"contact": {"phone_number": phone, "first_name": name or self.user["first_name"], **own}}
        )

    async def forwards(self, text: str, of: str) -> Message:
        """Forward a text of somebody whose account is hidden."""
        origin = {"type": "hidden_user", "sender_user_name": of, "date": now() - 60}
        return await self.sends({"text": text, **_marked(text), "forward_origin": origin})

    async def edits(self, message: Message, text: str) -> None:
        """Change one of their own texts."""
        message.body.pop("entities", None)
        message.body |= {"text": text, **_marked(text), "edit_date": now()}
        await self.bot.hears("edited_message", message.body)

    async def presses(self, button: str, message: Message | None = None, in_: Face | None = None) -> Press:
        """Press an inline button, by its label or data: the last such one shown, or the one of a message.

        The message may be deleted by now: then the bot is told that it is inaccessible.

        Raises:
            AssertionError: There is no such button.
        """
        for shown in (message,) if message else reversed((in_ or self).inbox):
            for candidate in (one for row in shown.rows for one in row):
                if button in (candidate["text"], candidate.get("callback_data")) and "callback_data" in candidate:
                    return await self._press(candidate["callback_data"], shown)
        raise AssertionError(f"no button {button!r} in {[message] if message else (in_ or self).inbox}")

    async def _press(self, data: str, message: Message) -> Press:
        press = self.bot.remember(data)
        body = message.body
        if message.deleted:
            body = {"message_id": message.id, "chat": body["chat"], "date": 0}
        instance = str(abs(body["chat"]["id"]) * 7919 + self.bot.id)
        query = {"id": press.id, "from": self.user, "message": body, "chat_instance": instance, "data": data}
        await self.bot.hears("callback_query", query)
        return press

    async def taps(self, label: str) -> Message:
        """Tap a button of the reply keyboard, which sends its label."""
        assert label in self.keyboard, f"no button {label!r} in {self.keyboard}"
        if self.chat.keyboard and self.chat.keyboard.get("one_time_keyboard"):
            self.chat.keyboard = None
        return await self.says(label)

    async def blocks(self) -> None:
        """Stop the bot: it can no longer write."""
        await self._changes_status(self.user, "kicked")

    async def unblocks(self) -> None:
        """Let the bot write again."""
        await self._changes_status(self.user, "member")

    def _enters(self, chat: Chat) -> None:
        assert chat.status == "member", f"the bot is {chat.status} there: unblock or add it first"
        if chat is self.chat:
            self.bot.chats.setdefault(self.id, self.chat)


def _marked(text: str) -> Json:
    return {"entities": found} if (found := commands(text)) else {}


def _captioned(caption: str) -> Any:
    return {"caption": caption} if caption else {}
