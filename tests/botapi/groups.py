"""Groups and channels."""

from tests.botapi.bots import SUPERGROUP_IDS
from tests.botapi.chats import Chat, Json, Message, numbers
from tests.botapi.people import Face, Person


class Group(Face):
    """A group or supergroup; who talks in it does so with `person.says(…, to=group)`. The bot reads everything."""

    async def adds_bot(self, by: Person) -> None:
        """Let the bot in."""
        self.bot.chats[self.id] = self.chat
        await self._changes_status(by.user, "member")

    async def removes_bot(self, by: Person) -> None:
        """Throw the bot out."""
        await self._changes_status(by.user, "kicked")

    async def becomes_supergroup(self, by: Person) -> "Group":
        """Upgrade: the chat gets another id, and each side tells of it."""
        new = Chat(SUPERGROUP_IDS + self.id, "supergroup", self.chat.names, numbers())
        self.bot.chats[new.id] = new
        await self._serves(self.chat, {"from": by.user, "migrate_to_chat_id": new.id})
        await self._serves(new, {"from": by.user, "migrate_from_chat_id": self.id})
        self.chat.migrated_to = new.id
        return Group(self.bot, new, self._until)

    async def _serves(self, chat: Chat, content: Json) -> None:
        await self.bot.hears("message", chat.add(content).body)


class Channel(Face):
    """A channel in which the bot is an administrator."""

    async def posts(self, text: str) -> Message:
        """Post a text."""
        message = self.chat.add({"sender_chat": self.chat.brief(), "text": text})
        await self.bot.hears("channel_post", message.body)
        return message
