"""Which function does which method."""

from collections.abc import Callable
from typing import Any

from aiogram.client.default import Default
from aiogram.methods import TelegramMethod

from tests.botapi.bots import Bot
from tests.botapi.errors import bad

Does = Callable[[Bot, Any], Any]
DOES: dict[type[TelegramMethod[Any]], Does] = {}


def does(*methods: type[TelegramMethod[Any]]) -> Callable[[Does], Does]:
    """The decorated function does these methods: it gets the bot and the typed call, and returns the JSON result."""

    def remember(function: Does) -> Does:
        DOES.update(dict.fromkeys(methods, function))
        return function

    return remember


def carry_out(bot: Bot, call: TelegramMethod[Any]) -> Any:
    """Do what the call asks; its result in JSON.

    Raises:
        Refused: Telegram would not do it, or this server does not know how.
    """
    if (function := DOES.get(type(call))) is None:
        raise bad(f"this test server does not do {call.__api_method__}")
    return function(bot, call)


def given(value: Any) -> Any:
    """A parameter's value; None if the bot has left it out."""
    return None if isinstance(value, Default) else value


def plain(model: Any) -> Any:
    """A typed value as the Bot API's JSON."""
    return model.model_dump(mode="json", exclude_none=True, by_alias=True)
