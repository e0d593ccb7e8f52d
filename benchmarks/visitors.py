"""Many people at once on a chat page: a client that costs little, so that the server is what is measured."""

import asyncio
import re
import time
from collections.abc import Sequence
from urllib.parse import urlencode

CSRF = re.compile(rb'name="csrf" value="([0-9a-f]*)"')
COOKIE = re.compile(rb"set-cookie: ([^;\r]+)", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Refused(Exception):
    """The server answered something else than a page."""


class Visitor:
    """One person with one connection that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._cookie = b""
        self._csrf = ""
        self._said = 0

    async def open_page(self) -> int:
        """Load the first page; its bytes."""
        head, body = await self._ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        cookie, csrf = COOKIE.search(head), CSRF.search(body)
        self._cookie = b"Cookie: %b\r\n" % cookie[1] if cookie else b""
        self._csrf = csrf[1].decode() if csrf else ""
        return len(head) + len(body)

    async def say(self, text: str) -> float:
        """Say something as the page's script does; seconds until the answer is there."""
        form = {"csrf": self._csrf, "message_id": f"{self._said:032}", "after": self._said, "part": 1, "text": text}
        body = urlencode(form).encode()
        self._said += 1
        head = (
            b"POST /say HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"%bContent-Length: %d\r\n\r\n" % (self._cookie, len(body))
        )
        began = time.perf_counter()
        await self._ask(head + body)
        return time.perf_counter() - began

    async def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise Refused(head.decode("latin-1"))
        return head, body

    async def leave(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


async def converse(port: int, people: int, waves: int, texts: Sequence[str]) -> tuple[float, list[float]]:
    """Have `people` talk at once, `waves` times with new ones; seconds in all, and of each turn.

    Loading the first page is not counted.
    """
    taken, turns = 0.0, list[float]()
    for _ in range(waves):
        visitors = [Visitor(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(people)]
        try:
            for visitor in visitors:
                await visitor.open_page()
            began = time.perf_counter()
            for spoken in await asyncio.gather(*(_talk(visitor, texts) for visitor in visitors)):
                turns += spoken
            taken += time.perf_counter() - began
        finally:
            for visitor in visitors:
                await visitor.leave()
    return taken, turns


async def _talk(visitor: Visitor, texts: Sequence[str]) -> list[float]:
    return [await visitor.say(text) for text in texts]
