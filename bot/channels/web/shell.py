"""What surrounds every request of the web pages: limits of size, security headers, counts, and what may be logged."""

import logging
import time
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.metrics import Metrics
from bot.logs import facts, where

logger = logging.getLogger(__name__)
LARGEST_BODY = 64 * 1024
"""Bytes of a form."""
YEAR_SECONDS = 365 * 24 * 3600
UNKNOWN = "unknown"
TOO_LARGE, FAILED = 413, 500
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"))
CONTENT_SECURITY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise itself."""
Failed = Callable[[Request], Awaitable[Response]]


class Shell:
    """Middleware. `failed` makes the page for what nobody foresaw; `https`: browsers are to ask for nothing else."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failed: Failed, https: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._failed = failed
        headers = {**HEADERS, "Strict-Transport-Security": f"max-age={YEAR_SECONDS}"} if https else HEADERS
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                told = {name for name, _ in message["headers"]}
                more = [header for header in self._headers if header[0] not in told]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        try:
            await self._app(scope, _limited(scope, receive), answer)
        except Exception as error:
            # An error's message may hold what somebody wrote, so it is not logged.
            logger.error("a request failed: %s", where(error))
            if status:
                raise ConnectionAbortedError from None
            response = await self._failed(Request(scope))
            await response(scope, receive, answer)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        found = getattr(scope.get("route"), "path", None)
        route = f"{scope.get('root_path', '')}{found}" if found else UNKNOWN
        method = scope["method"] if scope["method"] in METHODS else UNKNOWN
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        ms = round(seconds * 1000, 1)
        told = facts(method=method, route=route, status=status, ms=ms)
        logger.info("%s %s %d %.1f ms", method, route, status, ms, extra=told)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """The body, as far as it is not too large."""
    read = 0
    told = Headers(scope=scope).get("content-length", "0")

    async def next_part() -> Message:
        nonlocal read
        if told.isdigit() and int(told) > LARGEST_BODY:
            raise HTTPException(TOO_LARGE)
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise HTTPException(TOO_LARGE)
        return message

    return next_part
