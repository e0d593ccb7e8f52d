"""Sending, editing and deleting messages."""

from typing import Any

from aiogram.methods import (
    CopyMessage,
    DeleteMessage,
    DeleteMessages,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageText,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendPhoto,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from tests.botapi import checks
from tests.botapi.bots import Bot
from tests.botapi.chats import DELETABLE, Chat, Json, Message
from tests.botapi.entities import formatted
from tests.botapi.errors import Refused, bad
from tests.botapi.methods import does, given, plain
from tests.botapi.updates import now

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
MOST_MESSAGES = 100
CONTENT = ("text", "entities", "caption", "caption_entities", "document", "photo", "voice", "sticker", "location")


@does(SendMessage)
def send_message(bot: Bot, call: SendMessage) -> Json:
    """Send a text."""
    return _send(bot, call, _text(call))


@does(SendDocument)
def send_document(bot: Bot, call: SendDocument) -> Json:
    """Send an uploaded file of up to 50 MB, or one that is here."""
    caption = _caption(call)
    if isinstance(call.document, BufferedInputFile):
        checks.check_upload(call.document, call.document.data, checks.LARGEST_DOCUMENT)
        document = bot.files.keep_document(call.document.data, call.document.filename or "")
        return _send(bot, call, caption | {"document": document})
    return _send(bot, call, caption | {"document": bot.files.find(_file_id(call.document)).about})


@does(SendPhoto)
def send_photo(bot: Bot, call: SendPhoto) -> Json:
    """Send an uploaded photo of up to 10 MB, or one that is here."""
    caption = _caption(call)
    if isinstance(call.photo, BufferedInputFile):
        data = call.photo.data
        checks.check_upload(call.photo, data, checks.LARGEST_PHOTO)
        return _send(bot, call, caption | {"photo": bot.files.keep_photo(data)})
    return _send(bot, call, caption | {"photo": [bot.files.find(_file_id(call.photo)).about]})


@does(CopyMessage)
def copy_message(bot: Bot, call: CopyMessage) -> Json:
    """Send what another message says; a caption may be given anew."""
    message = bot.chat(call.from_chat_id).find(call.message_id, "copy")
    content = {key: value for key, value in message.body.items() if key in CONTENT}
    if call.caption is not None and "text" not in content:
        content |= _caption(call)
    return {"message_id": _send(bot, call, content)["message_id"]}


@does(SendChatAction)
def send_chat_action(bot: Bot, call: SendChatAction) -> bool:
    """Show that the bot is writing."""
    checks.check_action(call.action)
    bot.chat(call.chat_id).check_writable()
    return True


@does(EditMessageText)
def edit_message_text(bot: Bot, call: EditMessageText) -> Json:
    """Change a text and, gone unless it is given again, its inline keyboard."""
    content = _text(call)
    message = _editable(bot, call)
    if "text" not in message.body:
        raise bad("there is no text in the message to edit")
    return _edit(message, call, content, ("text", "entities"))


@does(EditMessageCaption)
def edit_message_caption(bot: Bot, call: EditMessageCaption) -> Json:
    """Change a caption and, gone unless it is given again, its inline keyboard."""
    content = _caption(call)
    message = _editable(bot, call)
    if "text" in message.body:
        raise bad("there is no caption in the message to edit")
    return _edit(message, call, content, ("caption", "caption_entities"))


@does(EditMessageReplyMarkup)
def edit_message_reply_markup(bot: Bot, call: EditMessageReplyMarkup) -> Json:
    """Change an inline keyboard, or take it away."""
    return _edit(_editable(bot, call), call, {}, ())


@does(DeleteMessage)
def delete_message(bot: Bot, call: DeleteMessage) -> bool:
    """Delete a message of the last 48 hours."""
    chat = bot.chat(call.chat_id)
    message = chat.find(call.message_id, "delete")
    if not _deletable(chat, message):
        raise bad("message can't be deleted")
    message.deleted = True
    return True


@does(DeleteMessages)
def delete_messages(bot: Bot, call: DeleteMessages) -> bool:
    """Delete up to 100 messages; those that are gone or cannot be deleted are passed over."""
    if not call.message_ids:
        raise bad("message identifiers are not specified")
    if len(call.message_ids) > MOST_MESSAGES:
        raise bad("too many message identifiers specified")
    chat = bot.chat(call.chat_id)
    for number in call.message_ids:
        message = chat.messages.get(number)
        if message is not None and _deletable(chat, message):
            message.deleted = True
    return True


def _text(call: Any) -> Json:
    text, entities = formatted(call.text, given(call.parse_mode), [plain(entity) for entity in call.entities or ()])
    checks.check_text(text)
    return {"text": text} | ({"entities": entities} if entities else {})


def _caption(call: Any) -> Json:
    if call.caption is None:
        return {}
    marked = [plain(entity) for entity in call.caption_entities or ()]
    caption, entities = formatted(call.caption, given(call.parse_mode), marked)
    checks.check_caption(caption)
    return ({"caption": caption} if caption else {}) | ({"caption_entities": entities} if entities else {})


def _file_id(document: Any) -> str:
    text = str(document)
    if "://" in text:
        raise bad("failed to get HTTP URL content")
    return text


def _send(bot: Bot, call: Any, content: Json) -> Json:
    chat = bot.chat(call.chat_id)
    chat.check_writable()
    checks.check_markup(call.reply_markup)
    reply = _reply(chat, call)
    author = {"sender_chat": chat.brief()} if chat.kind == "channel" else {"from": bot.user()}
    message = chat.add(author | content | reply, by_bot=True)
    if isinstance(call.reply_markup, InlineKeyboardMarkup) and any(call.reply_markup.inline_keyboard):
        message.body["reply_markup"] = plain(call.reply_markup)
    elif isinstance(call.reply_markup, ReplyKeyboardMarkup):
        chat.keyboard = plain(call.reply_markup)
    elif isinstance(call.reply_markup, ReplyKeyboardRemove):
        chat.keyboard = None
    return message.body


def _reply(chat: Chat, call: Any) -> Json:
    wanted = call.reply_parameters
    number = wanted.message_id if wanted else getattr(call, "reply_to_message_id", None)
    if number is None:
        return {}
    try:
        message = chat.find(number, "be replied")
    except Refused:
        if given((wanted or call).allow_sending_without_reply):
            return {}
        raise
    return {"reply_to_message": {key: value for key, value in message.body.items() if key != "reply_to_message"}}


def _editable(bot: Bot, call: Any) -> Message:
    if call.inline_message_id is not None:
        raise bad("MESSAGE_ID_INVALID")
    if call.chat_id is None:
        raise bad("chat_id is empty")
    chat = bot.chat(call.chat_id)
    message = chat.find(call.message_id, "edit")
    chat.check_writable()
    if not message.by_bot:
        raise bad("message can't be edited")
    checks.check_markup(call.reply_markup)
    return message


def _edit(message: Message, call: Any, content: Json, replaced: tuple[str, ...]) -> Json:
    keyboard = call.reply_markup
    if keyboard is not None and any(keyboard.inline_keyboard):
        content = content | {"reply_markup": plain(keyboard)}
    keys = (*replaced, "reply_markup")
    if content == {key: message.body[key] for key in keys if key in message.body}:
        raise bad(NOT_MODIFIED)
    for key in keys:
        message.body.pop(key, None)
    message.body |= content
    if replaced:
        message.body["edit_date"] = now()
    return message.body


def _deletable(chat: Chat, message: Message) -> bool:
    recent = now() - message.body["date"] < DELETABLE
    return recent and (message.by_bot or chat.kind == "private" or chat.status == "administrator")
