"""All that is configured, in one process: the channels, and one HTTP server for what comes in by HTTP.

A channel that cannot run says why and leaves the others running. A signal to stop lets each finish what it is doing.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator, Sequence
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

logger = logging.getLogger(__name__)
GRACE_SECONDS = 10
"""How long open requests may take to end."""


class ChannelError(Exception):
    """A channel cannot run; the message names the setting at fault, says why, and what to do."""


class Channel(Protocol):
    """A way in which people or caseworkers reach us."""

    name: str

    def routes(self) -> Sequence[BaseRoute]:
        """What it answers by HTTP."""
        ...

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is under way.

        Raises:
            ChannelError: it cannot.

        """
        ...


class Server(uvicorn.Server):
    """uvicorn, stopped by our own signal handling."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process has one way to stop, and it is not here."""
        yield


async def serve(channels: Sequence[Channel], host: str, port: int, stop: asyncio.Event) -> bool:
    """Run all `channels` until `stop` is set; whether every one of them could run.

    Raises:
        ChannelError: nothing can listen on `host` and `port`.

    """
    listening = _listen(host, port)
    server = http_server(channels)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_run(channel, stop)) for channel in channels]
    serving = asyncio.create_task(server.serve([listening]))
    logger.info("listening on http://%s:%s", *listening.getsockname()[:2])
    await asyncio.wait([asyncio.create_task(stop.wait()), serving], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    well = await asyncio.gather(*tasks)
    await serving
    return all(well)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ChannelError(
            f"ZHUYE_HOST, ZHUYE_PORT: cannot listen on {host} port {port} ({error.strerror}); "
            "set another port, or end what uses this one"
        ) from error


def http_server(channels: Sequence[Channel]) -> Server:
    """The HTTP server of all channels' routes."""
    app = Starlette(routes=[route for channel in channels for route in channel.routes()])
    # Requests are logged without what is personal by the channels themselves, if at all: no access log here.
    return Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS))


async def _run(channel: Channel, stop: asyncio.Event) -> bool:
    try:
        await channel.run(stop)
    except ChannelError as error:
        logger.error("%s: %s", channel.name, error)
        return False
    return True
