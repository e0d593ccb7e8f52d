"""A TCP proxy on loopback that cuts connections, holds back what comes, and loses answers, when it is told to."""

import asyncio
import collections
import contextlib
from collections.abc import Awaitable, Callable, Iterator

Connect = Callable[[Callable[[], asyncio.Protocol]], Awaitable[tuple[asyncio.BaseTransport, asyncio.Protocol]]]
"""Opens a connection to what is behind the proxy, for a protocol that it makes."""


def to_port(port: int) -> Connect:
    """Connects to a port of this machine."""
    return lambda make: asyncio.get_running_loop().create_connection(make, "127.0.0.1", port)


def to_socket(path: str) -> Connect:
    """Connects to a Unix socket."""
    return lambda make: asyncio.get_running_loop().create_unix_connection(make, path)


class Proxy:
    """Listens on a `port` of its own while it is entered as a context.

    `delay` are the seconds that everything is held back for, in order; `losing`: what is asked arrives, and instead of
    the answer the connection is cut.
    """

    def __init__(self, connect: Connect) -> None:
        self.connect = connect
        self.port = 0
        self.delay = 0.0
        self.losing = False
        self.open: set[Side] = set()
        self.cuts = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.get_running_loop().create_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """End all connections as a machine that fails would."""
        for side in list(self.open):
            self.cuts += 1
            side.abort()

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """While it lasts, everything is held back for so long."""
        before, self.delay = self.delay, seconds
        try:
            yield
        finally:
            self.delay = before

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        """While it lasts, answers are lost."""
        self.losing = True
        try:
            yield
        finally:
            self.losing = False

    def _accepted(self) -> "Side":
        asking = Side(self)
        task = asyncio.get_running_loop().create_task(self._join(asking))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return asking

    async def _join(self, asking: "Side") -> None:
        answering = Side(self, answers=True)
        answering.peer = asking
        try:
            await self.connect(lambda: answering)
        except OSError:
            asking.abort()
        else:
            asking.met(answering)


class Side(asyncio.Protocol):
    """One end of a connection: what comes here goes out at its `peer`."""

    def __init__(self, proxy: Proxy, *, answers: bool = False) -> None:
        self._proxy = proxy
        self._answers = answers
        self._transport: asyncio.Transport | None = None
        self._queue: collections.deque[tuple[float, bytes | None]] = collections.deque()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.peer: Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._proxy.open.add(self)

    def met(self, peer: "Side") -> None:
        """The other end is there."""
        self.peer = peer
        if self not in self._proxy.open:
            peer.abort()
        self._pass_on()

    def data_received(self, data: bytes) -> None:
        if self._answers and self._proxy.losing:
            self._proxy.cuts += 1
            self.abort()
        else:
            self._put(data)

    def eof_received(self) -> bool:
        self._ended = True
        self._put(b"")
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._proxy.open.discard(self)
        if error and self.peer:
            self.peer.abort()
        elif self.peer:
            self._put(None)

    def abort(self) -> None:
        """Cut both ends."""
        for side in (self, self.peer):
            if side and side._transport:
                side._transport.abort()
                side._queue.clear()

    def _end(self) -> None:
        """Close both ends, when what is on its way has gone."""
        for side in (self, self.peer):
            if side and side._transport:
                side._transport.close()

    def _put(self, data: bytes | None) -> None:
        """Hold it back; b"" is the end of what is said here, None of the connection."""
        now = asyncio.get_running_loop().time()
        # Never before what came before it.
        due = max(now + self._proxy.delay, self._queue[-1][0] if self._queue else 0.0)
        self._queue.append((due, data))
        if due <= now or not self._timer:
            self._pass_on()

    def _pass_on(self) -> None:
        """Send what is due."""
        loop, peer = asyncio.get_running_loop(), self.peer
        self._timer = None
        if not peer or not peer._transport:
            return
        while self._queue and self._queue[0][0] <= loop.time():
            data = self._queue.popleft()[1]
            if peer._transport.is_closing():
                continue
            if data:
                peer._transport.write(data)
            elif data is None or peer._ended:
                self._end()
            else:
                peer._transport.write_eof()
        if self._queue:
            self._timer = loop.call_at(self._queue[0][0], self._pass_on)
