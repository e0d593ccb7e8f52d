"""What Telegram shows of the bot: its name, descriptions and commands, set where they differ from ours."""

import logging

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand

from bot.channels.telegram.words import Words

logger = logging.getLogger(__name__)


async def set_profile(bot: Bot, words: Words) -> None:
    """Set what differs. What cannot be set stays as it is: the bot answers all the same."""
    try:
        if (await bot.get_my_name()).name != words.name:
            await bot.set_my_name(words.name)
        if (await bot.get_my_short_description()).short_description != words.short_description:
            await bot.set_my_short_description(words.short_description)
        if (await bot.get_my_description()).description != words.description:
            await bot.set_my_description(words.description)
        ours = [(known.command, known.description) for known in words.commands]
        if [(shown.command, shown.description) for shown in await bot.get_my_commands()] != ours:
            await bot.set_my_commands([BotCommand(command=name, description=what) for name, what in ours])
    except AiogramError as error:
        logger.warning("the bot's name, descriptions and commands are not all set: %s", type(error).__name__)
