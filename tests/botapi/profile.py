"""Who the bot is, its chats and files, and its answers to pressed buttons."""

import json
from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMyCommands,
    GetChat,
    GetFile,
    GetMe,
    GetMyCommands,
    GetMyDescription,
    GetMyName,
    GetMyShortDescription,
    LeaveChat,
    SetMyCommands,
    SetMyDescription,
    SetMyName,
    SetMyShortDescription,
)

from tests.botapi import checks
from tests.botapi.bots import Bot
from tests.botapi.chats import Json
from tests.botapi.errors import bad
from tests.botapi.methods import does, plain

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@does(GetMe)
def get_me(bot: Bot, _: GetMe) -> Json:
    """The bot itself."""
    return bot.told()


@does(GetChat)
def get_chat(bot: Bot, call: GetChat) -> Json:
    """A chat with what must be told of it."""
    about = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(GIFTS, False)}
    return bot.chat(call.chat_id).brief() | about


@does(LeaveChat)
def leave_chat(bot: Bot, call: LeaveChat) -> bool:
    """Leave a group or channel."""
    chat = bot.chat(call.chat_id)
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    chat.check_writable()
    chat.status = "left"
    return True


@does(GetFile)
def get_file(bot: Bot, call: GetFile) -> Json:
    """Where to fetch a file."""
    return bot.files.described(call.file_id)


@does(AnswerCallbackQuery)
def answer_callback_query(bot: Bot, call: AnswerCallbackQuery) -> bool:
    """Let a button stop waiting; once."""
    press = bot.presses.get(call.callback_query_id)
    if press is None or press.expired or press.answer is not None:
        raise bad(TOO_OLD)
    checks.check_length(call.text, 200, "MESSAGE_TOO_LONG")
    press.answer = call.model_dump(exclude_none=True, exclude={"callback_query_id"})
    return True


@does(SetMyCommands)
def set_my_commands(bot: Bot, call: SetMyCommands) -> bool:
    """The menu of commands, for a scope and language."""
    checks.check_commands(call.commands)
    bot.commands[_whose(call)] = [plain(command) for command in call.commands]
    return True


@does(GetMyCommands)
def get_my_commands(bot: Bot, call: GetMyCommands) -> list[Json]:
    """The commands set for exactly that scope and language."""
    return bot.commands.get(_whose(call), [])


@does(DeleteMyCommands)
def delete_my_commands(bot: Bot, call: DeleteMyCommands) -> bool:
    """Let those of a wider scope hold."""
    bot.commands.pop(_whose(call), None)
    return True


def _whose(call: Any) -> tuple[str, str]:
    scope = plain(call.scope) if call.scope else {"type": "default"}
    return json.dumps(scope, sort_keys=True), call.language_code or ""


def _text(kind: str, longest: int, set_: type[Any], get: type[Any]) -> None:
    """The bot's text of one kind: a language's own, or the one for all."""

    @does(set_)
    def keep(bot: Bot, call: Any) -> bool:
        text = getattr(call, kind) or ""
        checks.check_length(text, longest, f"{kind} is too long")
        bot.texts[kind, call.language_code or ""] = text
        return True

    @does(get)
    def tell(bot: Bot, call: Any) -> Json:
        usual = bot.texts.get((kind, ""), "") or (bot.name if kind == "name" else "")
        return {kind: bot.texts.get((kind, call.language_code or ""), "") or usual}


_text("name", 64, SetMyName, GetMyName)
_text("description", 512, SetMyDescription, GetMyDescription)
_text("short_description", 120, SetMyShortDescription, GetMyShortDescription)
