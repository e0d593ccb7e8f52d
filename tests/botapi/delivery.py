"""How a bot asks for its updates: by polling or at a webhook."""

import asyncio

from aiogram.methods import DeleteWebhook, GetUpdates, GetWebhookInfo, SetWebhook

from tests.botapi.bots import Bot
from tests.botapi.chats import Json
from tests.botapi.errors import conflict
from tests.botapi.methods import does
from tests.botapi.updates import Update
from tests.botapi.webhooks import check_secret, check_url

LONGEST_POLL = 50
"""Seconds: telegram-bot-api's own limit."""


async def get_updates(bot: Bot, call: GetUpdates, changed: asyncio.Condition) -> list[Update]:
    """Confirm by the offset, then wait up to `timeout` seconds for updates; a newer call ends the wait."""
    if bot.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    if call.allowed_updates is not None:
        bot.updates.allowed = call.allowed_updates
    limit = min(max(call.limit or 100, 1), 100)
    if call.offset:
        bot.updates.confirm(call.offset)
    await bot.tell()
    if (given := bot.updates.give(limit)) or not call.timeout:
        return given
    bot.poll += 1
    mine = bot.poll
    await bot.tell()
    try:
        async with asyncio.timeout(min(call.timeout, LONGEST_POLL)), changed:
            await changed.wait_for(lambda: bot.poll != mine or (bot.updates.entries and not bot.updates.held))
    except TimeoutError:
        return []
    if bot.poll == mine:
        return bot.updates.give(limit)
    if bot.webhook.url:
        raise conflict("terminated by setWebhook request")
    raise conflict("terminated by other getUpdates request; make sure that only one bot instance is running")


def set_webhook(bot: Bot, call: SetWebhook, *, loopback: bool) -> bool:
    """Let updates be posted to an address; an empty one ends that. `loopback`: see check_url."""
    if call.url:
        check_url(call.url, loopback=loopback)
        check_secret(call.secret_token or "")
        bot.poll += 1
    if call.allowed_updates is not None:
        bot.updates.allowed = call.allowed_updates
    if call.drop_pending_updates:
        bot.updates.entries.clear()
    bot.webhook.url = call.url
    bot.webhook.secret = call.secret_token or ""
    bot.webhook.certificate = call.certificate is not None
    bot.webhook.max_connections = min(max(call.max_connections or 40, 1), 100)
    bot.webhook.error = ""
    bot.webhook.retry()
    return True


@does(DeleteWebhook)
def delete_webhook(bot: Bot, call: DeleteWebhook) -> bool:
    """Go back to polling."""
    return set_webhook(bot, SetWebhook(url="", drop_pending_updates=call.drop_pending_updates), loopback=False)


@does(GetWebhookInfo)
def get_webhook_info(bot: Bot, _: GetWebhookInfo) -> Json:
    """How it goes with the webhook."""
    return bot.webhook.info(len(bot.updates.entries), bot.updates.allowed)
