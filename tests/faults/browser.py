"""A browser that costs little: a connection a request, to any of the processes, as behind a proxy that shares out."""

import asyncio
import contextlib
import random
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import lxml.html

from bot.channels.web.pages import load_words
from tests.faults.stories import ToldTurn

STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: (zhuye-session=([^;\r]+))", re.IGNORECASE)
RETRY = re.compile(rb"\r\nretry-after: (\d+)", re.IGNORECASE)
PATIENCE_SECONDS = 30.0
"""As the page's script has it."""
STANDINGS = {words: standing for standing, words in load_words()["result"]["verdicts"].items()}


class Lost(Exception):
    """No answer, or half of one."""


class Browser:
    """Somebody's, from an address of their own, with the session's cookie once it has one."""

    def __init__(self, number: int, ports: Sequence[int], chance: random.Random) -> None:
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._headers = f"Host: localhost\r\nConnection: close\r\nX-Forwarded-For: {address}\r\n".encode()
        self._ports = ports
        self._chance = chance
        self.token = ""
        self.csrf = ""

    async def open_page(self) -> None:
        """Load the first page."""
        head, body = await self._ask(b"GET / HTTP/1.1\r\n")
        cookie = COOKIE.search(head)
        if status(head) != 200 or not cookie:
            raise Lost
        self.token = cookie[2].decode()
        self._headers += b"Cookie: %b\r\n" % cookie[1]
        self.csrf = lxml.html.fromstring(body).xpath("string(//input[@name='csrf']/@value)")

    async def post(self, fields: Mapping[str, object]) -> tuple[bytes, bytes]:
        """Send a form of the page's script; head and body of the answer."""
        return await self._ask(*self._form(fields))

    async def post_and_leave(self, fields: Mapping[str, object], seconds: float) -> None:
        """Send it, and be gone before the answer is there."""
        with contextlib.suppress(TimeoutError, Lost):
            await asyncio.wait_for(self._ask(*self._form(fields)), seconds)

    async def result(self) -> dict[str, str]:
        """The programmes of the result's page, with their verdicts."""
        head, body = await self._ask(b"GET /result HTTP/1.1\r\n")
        if status(head) != 200:
            raise Lost
        found = {}
        for section in lxml.html.fromstring(body).xpath("//main//section[h2]"):
            standing = STANDINGS[section.findtext("h2")]
            for address in section.xpath(".//h3/a/@href"):
                found[address.rpartition("/")[2]] = standing
        return found

    def _form(self, fields: Mapping[str, object]) -> tuple[bytes, bytes, bytes]:
        body = urlencode({"csrf": self.csrf, **fields}, doseq=True).encode()
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        return b"POST /say HTTP/1.1\r\n", kind + b"Content-Length: %d\r\n" % len(body), body

    async def _ask(self, line: bytes, headers: bytes = b"", body: bytes = b"") -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._chance.choice(self._ports))
                try:
                    writer.write(line + self._headers + headers + b"\r\n" + body)
                    answer = await reader.read()
                finally:
                    writer.transport.abort()
        except (OSError, TimeoutError) as error:
            raise Lost from error
        head, _, content = answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not length or len(content) != int(length[1]):
            raise Lost
        return head, content


def status(head: bytes) -> int:
    """An answer's."""
    found = STATUS.match(head)
    return int(found[1]) if found else 0


def retry_after(head: bytes) -> int | None:
    """The seconds after which the server wants to be asked again."""
    found = RETRY.search(head)
    return int(found[1]) if found else None


def turns_of(part: bytes) -> tuple[ToldTurn, ...]:
    """The turns of a part of the page."""
    page = lxml.html.fromstring(part.decode())
    return tuple(
        ToldTurn(
            int(turn.get("data-position")),
            _text(turn.xpath("./div[@class='you']/p[@class='words']")[0]),
            tuple(map(_text, turn.xpath("./div[@class='bot']/p[@class='words']"))),
        )
        for turn in page.xpath("//article[@data-position]")
    )


def _text(paragraph: lxml.html.HtmlElement) -> str:
    return paragraph.text or ""
