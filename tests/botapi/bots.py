"""A bot as Telegram knows it: who it is, its chats, files, callback queries and updates."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.chats import Chat, Json, numbers
from tests.botapi.errors import bad
from tests.botapi.files import Files
from tests.botapi.updates import Entry, Update, Updates
from tests.botapi.webhooks import Webhook

SUPERGROUP_IDS = -1_000_000_000_000


@dataclass(eq=False)
class Press:
    """A pressed button: its callback query, and how the bot has answered it."""

    id: str
    data: str
    answer: Json | None = None
    """answerCallbackQuery's parameters; None as long as the button shows that it waits."""
    expired: bool = False

    def expires(self) -> None:
        """Let so much time pass that it can no longer be answered."""
        self.expired = True


@dataclass(eq=False)
class Bot:
    """A bot. `tell` lets whoever waits look again."""

    token: str
    username: str
    name: str
    tell: Callable[[], Awaitable[None]]
    updates: Updates = field(default_factory=Updates)
    webhook: Webhook = field(default_factory=Webhook)
    chats: dict[int, Chat] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    presses: dict[str, Press] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """By scope (JSON) and language."""
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """Its name, description and short_description, by language."""
    poll: int = 0
    """The number of the getUpdates that waits: a newer one ends it."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.message_numbers = numbers()

    @property
    def id(self) -> int:
        """What its token begins with."""
        return int(self.token.partition(":")[0])

    def user(self) -> Json:
        """The Bot API's User."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def chat(self, chat_id: int | str) -> Chat:
        """A chat that it knows, or a refusal: a bot cannot write to a person first."""
        if not isinstance(chat_id, int) or chat_id not in self.chats:
            raise bad("chat not found")
        return self.chats[chat_id]

    async def hears(self, kind: str, content: Json) -> Update | None:
        """Queue an update and let it be fetched; None if the bot has not asked for its kind."""
        update = self.updates.add(kind, content)
        await self.tell()
        return update

    async def hears_raw(self, update: Json) -> Update:
        """Queue any update as it is: strange kinds, missing fields, another `update_id` than the next."""
        put = self.updates.put({"update_id": self.updates.next_id, **update})
        await self.tell()
        return put

    async def hears_again(self, update: Update | None = None) -> None:
        """Deliver an update (the last one) a second time, with the same id."""
        self.updates.put_again(update or self.updates.log[-1])
        await self.tell()

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[list[Entry]]:
        """Deliver nothing until the end of the block: the updates come together, in the order of the list then."""
        self.updates.held = True
        try:
            yield self.updates.entries
        finally:
            self.updates.held = False
            for entry in self.updates.entries:
                entry.must_be_given = True
            await self.tell()

    def next_id(self) -> int:
        """A number that nothing else of this bot has."""
        return next(self.numbers)

    def told(self) -> Json:
        """What getMe says."""
        return self.user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def remember(self, data: str) -> Press:
        """A new callback query."""
        press = Press(f"{self.id}{self.next_id():08}", data)
        self.presses[press.id] = press
        return press


def member(bot: Bot, status: str) -> Any:
    """The Bot API's ChatMember for the bot itself."""
    return {"status": status, "user": bot.user()} | ({"until_date": 0} if status == "kicked" else {})
