"""The limits that Telegram sets to what a bot sends: core.telegram.org/bots/api, and telegram-bot-api's own words."""

import re
from collections.abc import Sequence
from typing import Any

from aiogram.types import BotCommand, InlineKeyboardMarkup, InputFile, ReplyKeyboardMarkup

from tests.botapi.errors import bad

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
MOST_DATA_BYTES = 64
MOST_BUTTONS = 100
MOST_COMMANDS = 100
LARGEST_DOCUMENT, LARGEST_PHOTO = 50 << 20, 10 << 20
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]*")
ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}


def check_text(text: str) -> None:
    """1–4096 characters after the entities were parsed."""
    if not text:
        raise bad("message text is empty")
    if len(text) > LONGEST_TEXT:
        raise bad("message is too long")


def check_caption(caption: str) -> None:
    """0–1024 characters after the entities were parsed."""
    if len(caption) > LONGEST_CAPTION:
        raise bad("message caption is too long")


def check_markup(markup: Any) -> None:
    """Buttons with a text, and inline ones with exactly one thing to do."""
    if isinstance(markup, InlineKeyboardMarkup):
        buttons = [button for row in markup.inline_keyboard for button in row]
        for button in buttons:
            actions = button.model_dump(exclude_none=True, exclude={"text", "style", "icon_custom_emoji_id"})
            if not actions:
                raise bad("text buttons are unallowed in the inline keyboard")
            if len(actions) > 1:
                raise bad(f"an inline button must do one thing, not {', '.join(sorted(actions))}")
            data = button.callback_data
            if data is not None and not 1 <= len(data.encode()) <= MOST_DATA_BYTES:
                raise bad("BUTTON_DATA_INVALID")
        texts = [button.text for button in buttons]
    elif isinstance(markup, ReplyKeyboardMarkup):
        texts = [button.text for row in markup.keyboard for button in row]
        if not texts:
            raise bad("reply keyboard is empty")
    else:
        return
    if not all(text.strip() for text in texts):
        raise bad("button text must be non-empty")
    if len(texts) > MOST_BUTTONS:
        raise bad("reply markup is too long")


def check_commands(commands: Sequence[BotCommand]) -> None:
    """Up to 100; names of 1–32 lower-case letters, digits and underscores; descriptions of 1–256 characters."""
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(command.command):
            raise bad("BOT_COMMAND_INVALID")
        check_length(command.description.strip(), 256, "BOT_COMMAND_DESCRIPTION_INVALID", shortest=1)


def check_length(text: str | None, longest: int, words: str, *, shortest: int = 0) -> None:
    """A text of so many characters, or a refusal in these words."""
    if not shortest <= len(text or "") <= longest:
        raise bad(words)


def check_action(action: str) -> None:
    """One of those that Telegram shows."""
    if action not in ACTIONS:
        raise bad("wrong parameter action in request")


def check_upload(file: InputFile, data: bytes, largest: int) -> None:
    """Not empty, not too large, with a name."""
    if not data:
        raise bad("file must be non-empty")
    if not file.filename:
        raise bad("a file needs a name")
    if len(data) > largest:
        raise bad(f"file of size {len(data)} bytes is too big; the maximum size is {largest} bytes")
