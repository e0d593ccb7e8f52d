"""All that is configured, in one process: the channels, and one HTTP server for what comes in by HTTP.

A channel that cannot run says why and leaves the others running. A signal to stop lets each finish what it is doing.
"""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.logs import where

logger = logging.getLogger(__name__)
LARGEST_HEADERS = 16 * 1024
"""Bytes of a request's line and headers; more is refused."""
GRACE_SECONDS = 10
"""How long open requests may take to end."""
AGAIN_SECONDS = 5
"""Until a channel that failed begins again."""
PORT_ADVICE = {
    errno.EADDRINUSE: "set another port, or end what uses this one",
    errno.EACCES: "set a port from 1024 on",
}


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


async def serve(
    channels: Sequence[Channel],
    listening: socket.socket,
    stop: asyncio.Event,
    proxies: Sequence[str] = (),
    ready: Callable[[str], object] = logger.info,
) -> bool:
    """Run all `channels` until `stop` is set; whether every one of them could run.

    `proxies` are the addresses of reverse proxies, which tell the addresses of those who ask. `ready` is called with
    our own address once what connects to the `listening` socket is answered.
    """
    server = http_server(channels, proxies)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(_run(channel, stop)) for channel in channels]
    serving = asyncio.create_task(server.serve([listening]))
    ready(address_of(listening))
    await asyncio.wait([asyncio.create_task(stop.wait()), serving], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    well = await asyncio.gather(*tasks)
    await serving
    return all(well)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, for the HTTP server.

    Raises:
        ChannelError: that is not possible.

    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # What is accepted inherits it. Without it a reply's second packet waits 40 ms for the first to be confirmed.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while ")[0]  # socket appends the address
        advice = PORT_ADVICE.get(error.errno or 0, "set ZHUYE_HOST to an address of this machine, like 127.0.0.1")
        raise ChannelError(f"ZHUYE_HOST, ZHUYE_PORT: cannot listen on {host} port {port} ({why}); {advice}") from error


def address_of(listening: socket.socket) -> str:
    """Where a listening socket is found with a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def http_server(channels: Sequence[Channel], proxies: Sequence[str] = ()) -> Server:
    """The HTTP server of all channels' routes."""
    app = Starlette(routes=[route for channel in channels for route in channel.routes()])
    # Requests are logged without what is personal by the channels themselves, if at all: no access log here.
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            h11_max_incomplete_event_size=LARGEST_HEADERS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def _run(channel: Channel, stop: asyncio.Event) -> bool:
    """Let a channel work; one that a mistake of ours has ended begins again."""
    while not stop.is_set():
        try:
            await channel.run(stop)
            return True
        except ChannelError as error:
            logger.error("%s: %s", channel.name, error)
            return False
        except Exception as error:
            logger.error("%s has failed (%s); it begins again in %d s", channel.name, where(error), AGAIN_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)
    return True
