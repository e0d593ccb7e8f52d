"""What a message is: words for the talk, something that we answer ourselves, or nothing to answer."""

from collections.abc import Iterator, Sequence

import msgspec
from aiogram.enums import ContentType, MessageEntityType
from aiogram.types import Message, MessageEntity, User

from bot.channels.telegram.words import Words
from conversations.messages import Incoming

KINDS = {
    **dict.fromkeys((ContentType.VOICE, ContentType.AUDIO, ContentType.VIDEO_NOTE), "voice"),
    **dict.fromkeys((ContentType.PHOTO, ContentType.VIDEO, ContentType.ANIMATION, ContentType.LIVE_PHOTO), "photo"),
    ContentType.DOCUMENT: "document",
    **dict.fromkeys((ContentType.STICKER, ContentType.DICE), "sticker"),
    **dict.fromkeys((ContentType.LOCATION, ContentType.VENUE), "location"),
    ContentType.CONTACT: "contact",
    **dict.fromkeys((ContentType.POLL, ContentType.STORY, ContentType.GAME, ContentType.PAID_MEDIA), "other"),
    **dict.fromkeys((ContentType.CHECKLIST, ContentType.INVOICE, ContentType.GIVEAWAY), "other"),
}
"""The notice that answers a kind of message; every other kind is Telegram's own news of the chat."""


class Heard(msgspec.Struct, frozen=True):
    """A message's words for the talk, and the notice that answers the rest of it."""

    incoming: Incoming | None = None
    notice: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks the bot in a group: a question, or a command that is known."""

    question: str
    command: str | None = None


def hear(message: Message, words: Words) -> Heard | None:
    """A message of a private chat; None where nobody said anything."""
    if message.text is not None:
        return Heard(Incoming(text=_spoken(message.text, words)))
    contact = message.contact
    if contact and message.from_user and contact.user_id == message.from_user.id:
        return Heard(Incoming(text=contact.phone_number))
    notice = KINDS.get(ContentType(message.content_type))
    if notice is None:
        return None
    return Heard(Incoming(text=message.caption) if message.caption else None, notice)


def hear_in_group(message: Message, me: User, words: Words) -> Asked | None:
    """A message of a group; None where it is not for us: only a mention, a reply to us, or a command to us is."""
    text, entities = message.text or message.caption or "", message.entities or message.caption_entities or ()
    ours = list(_ours(text, entities, me))
    replied = message.reply_to_message and message.reply_to_message.from_user
    if not ours and not (replied and replied.id == me.id):
        return None
    command = next((words_of[1:].partition("@")[0].lower() for words_of in ours if words_of.startswith("/")), None)
    for named in ours:
        text = text.replace(named, " ", 1)
    known = any(command == known.command for known in words.commands)
    return Asked(" ".join(text.split()), command if known else None)


def _spoken(text: str, words: Words) -> str:
    """The text, or the sentence that it stands for if it is a command."""
    if not text.startswith("/"):
        return text
    command, _, parameter = text[1:].partition(" ")
    return words.says(command.partition("@")[0].lower(), parameter.strip()) or text


def _ours(text: str, entities: Sequence[MessageEntity], me: User) -> Iterator[str]:
    """The parts of a text by which we are called."""
    name = f"@{me.username}".lower()
    for entity in entities:
        part = entity.extract_from(text)
        if entity.type == MessageEntityType.TEXT_MENTION:
            called = entity.user is not None and entity.user.id == me.id
        else:
            kinds = (MessageEntityType.MENTION, MessageEntityType.BOT_COMMAND)
            called = entity.type in kinds and part.lower().endswith(name)
        if called and part:
            yield part
