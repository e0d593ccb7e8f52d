"""Being called by Telegram: an update is taken when what it came to is stored, and not before."""

import contextlib
import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from bot.serving import ChannelError
from bot.settings import Settings
from bot.store.base import StoreError
from bot.store.sealing import BadKeys
from bot.store.shared import shared_secret
from bot.store.store import Store

logger = logging.getLogger(__name__)
HEADER = "X-Telegram-Bot-Api-Secret-Token"
FILE = "telegram-webhook"
SECRET = "telegram webhook"
SECRET_BYTES = 32
LARGEST = 1 << 20
"""Bytes of an update; Telegram's are some thousands."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
TAKEN, MALFORMED, FORBIDDEN, TOO_LARGE, FAILED, UNAVAILABLE = 200, 400, 403, 413, 500, 503


class Hook(msgspec.Struct, frozen=True):
    """Where Telegram calls us: the base of the address, and the secret parts of its path and of its header."""

    base: str
    path: str
    header: str

    @property
    def place(self) -> str:
        """The path of the public bot's webhook."""
        return f"/telegram/{self.path}"


def hook_of(settings: Settings, store: Store) -> Hook | None:
    """Where Telegram calls us, the same for all processes of a store; None if it is to be asked for updates.

    The secrets are made once. Those that an earlier version kept in the data folder are taken over.

    Raises:
        BadKeys, StoreError: they cannot be read or kept.

    """
    if not settings.public_url:
        return None

    def make() -> bytes:
        with contextlib.suppress(FileNotFoundError):
            return (settings.data_dir / FILE).read_bytes()
        return " ".join(secrets.token_urlsafe(SECRET_BYTES) for _ in range(2)).encode()

    path, header = shared_secret(store, SECRET, make).decode("ascii").split()
    return Hook(settings.public_url, path, header)


def check_address(public_url: str) -> None:
    """Telegram calls https addresses only (and a test's server http ones on this machine).

    Raises:
        ChannelError: it is another one.

    """
    parts = urlsplit(public_url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ChannelError(
            f"ZHUYE_PUBLIC_URL: {public_url} is not https, and Telegram calls no other; "
            "write it like https://zhuye.example.cn, or leave it out: then Telegram is asked for updates"
        )


class Webhook:
    """Answers Telegram's calls; `receive` stores what an update comes to."""

    def __init__(self, header: str) -> None:
        self._header = header.encode()
        self.receive: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    async def answer(self, request: Request) -> Response:
        """200: stored, or nothing that we know; 400: no JSON; 403: not Telegram; 500: send it again; 503: not yet."""
        given = request.headers.get(HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, self._header):
            return Response(status_code=FORBIDDEN)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return Response(status_code=TOO_LARGE)
        try:
            update = json.loads(bytes(body))
        except (ValueError, RecursionError):
            update = None
        if not isinstance(update, dict):
            return Response(status_code=MALFORMED)
        if self.receive is None:
            return Response(status_code=UNAVAILABLE)
        try:
            await self.receive(update)
        except (StoreError, BadKeys) as error:
            logger.error("%s", error)
            return Response(status_code=FAILED)
        return Response(status_code=TAKEN)
