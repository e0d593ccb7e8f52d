"""Posting updates to a bot's webhook: one at a time for each chat, again until it is taken."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.botapi.checks import SECRET
from tests.botapi.errors import Refused, bad
from tests.botapi.parsing import Fields, read_fields
from tests.botapi.updates import Entry, Updates, now

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PORTS = {80, 88, 443, 8443}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
APART = {"callback_query", "my_chat_member"}
"""Kinds that telegram-bot-api orders by themselves: they may overtake a chat's messages."""
ORDERED = ("message", "edited_message", "channel_post", "edited_channel_post", *sorted(APART))


@dataclass
class Webhook:
    """Where updates are posted to, and how that went."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    certificate: bool = False
    backoff: float | None = 0.02
    """Seconds until an update that was not taken is posted again; None: not before the test calls `retry`."""
    error: str = ""
    error_date: int = 0
    statuses: list[int] = field(default_factory=list)
    """What the bot has answered, post by post; 0 for no answer."""
    busy: set[object] = field(default_factory=set)
    """Chats of which an update is on its way."""
    again: asyncio.Event = field(default_factory=asyncio.Event)

    def retry(self) -> None:
        """Post now what was not taken."""
        self.again.set()

    def failed(self, error: str) -> None:
        """Keep the last error."""
        self.error, self.error_date = error, now()

    def info(self, pending: int, allowed: Sequence[str]) -> dict[str, Any]:
        """What getWebhookInfo tells."""
        told: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": self.certificate,
            "pending_update_count": pending,
        }
        if self.error:
            told |= {"last_error_date": self.error_date, "last_error_message": self.error}
        if self.url:
            told |= {"max_connections": self.max_connections, "ip_address": "<unknown>"}
        return told | ({"allowed_updates": list(allowed)} if allowed else {})


def check_url(url: str, *, loopback: bool) -> None:
    """An https address with one of four ports; if `loopback`, also an http one on this machine, with any port."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise bad("invalid webhook URL specified")
    if loopback and parts.hostname in LOOPBACK and parts.scheme == "http":
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def check_secret(secret: str) -> None:
    """1–256 letters, digits, underscores and hyphens."""
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")


@dataclass
class Courier:
    """Posts a bot's updates. `execute` does the call that an answer may hold; `tell` lets whoever waits look again."""

    updates: Updates
    webhook: Webhook
    changed: asyncio.Condition
    tell: Callable[[], Awaitable[None]]
    execute: Callable[[Fields], Awaitable[None]]

    async def run(self) -> None:
        """Post updates as they come, until cancelled."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            while True:
                async with self.changed:
                    await self.changed.wait_for(self._next)
                    if entry := self._next():
                        self.webhook.busy.add(_order(entry))
                        tasks.create_task(self._deliver(session, entry))

    def _next(self) -> Entry | None:
        """The first update of a chat that has none on its way."""
        if not self.webhook.url or self.updates.held or len(self.webhook.busy) >= self.webhook.max_connections:
            return None
        return next((entry for entry in self.updates.entries if _order(entry) not in self.webhook.busy), None)

    async def _deliver(self, session: aiohttp.ClientSession, entry: Entry) -> None:
        error = await self._post(session, entry)
        if not error:
            self.updates.done(entry)
        else:
            self.webhook.failed(error)
            self.webhook.again.clear()
            await self.tell()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.webhook.again.wait(), self.webhook.backoff)
        self.webhook.busy.discard(_order(entry))
        await self.tell()

    async def _post(self, session: aiohttp.ClientSession, entry: Entry) -> str:
        """Post an update; what was wrong."""
        if urlsplit(self.webhook.url).hostname not in LOOPBACK:
            return "Connection refused"
        headers = {SECRET_HEADER: self.webhook.secret} if self.webhook.secret else {}
        try:
            async with session.post(
                self.webhook.url, json=entry.update, headers=headers, allow_redirects=False
            ) as response:
                self.webhook.statuses.append(response.status)
                if not 200 <= response.status <= 299:
                    return f"Wrong response from the webhook: {response.status} {response.reason}"
                fields = await read_fields(response)
        except Refused as error:
            return f"Wrong response from the webhook: {error.description}"
        except aiohttp.ClientError:
            self.webhook.statuses.append(0)
            return "Webhook connection closed"
        if "method" in fields:
            await self.execute(fields)
        return ""


def _order(entry: Entry) -> object:
    """Whose updates must keep their order: a chat's; any other update is alone."""
    for kind in ORDERED:
        content = entry.update.get(kind)
        if isinstance(content, dict):
            chat = content.get("message", content).get("chat", {}).get("id")
            if chat is not None:
                return chat, kind if kind in APART else None
    return id(entry)
