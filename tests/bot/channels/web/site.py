"""The chat page as a person meets it by HTTP: the page is read, its forms are sent."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import lxml.html
from starlette.applications import Starlette

from bot.channels.metrics import Metrics
from bot.channels.web.channel import Web
from bot.channels.web.limits import Limit, Limits
from bot.service import Service
from bot.store.store import open_store
from bot.worker import Worker
from conversations.materials import Materials
from tests.bot.store.madeup import at

START = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
ENOUGH = Limit(1_000_000, 1_000_000)
NO_LIMITS = Limits(session=ENOUGH, address=ENOUGH, codes=ENOUGH)
COOKIE = "zhuye-session"


class Parts(httpx.AsyncByteStream):
    """A body whose length is not told before."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


class InProcess(httpx.BaseTransport):
    """Requests that go straight to the application."""

    def __init__(self, app: Starlette, address: str) -> None:
        self._transport = httpx.ASGITransport(app, client=(address, 50_000))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            request.stream = Parts(request.stream)

        async def ask() -> httpx.Response:
            answer = await self._transport.handle_async_request(request)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())


class Site:
    """A running chat page over a folder; `at` is its clock."""

    def __init__(self, materials: Materials, folder: Path, *, https: bool = False, limits: Limits = NO_LIMITS) -> None:
        self.at = START
        self.https = https
        self.worker: Worker[Service] = Worker(
            "talk",
            lambda: Service(materials, open_store(at(folder)), lambda: self.at),
            lambda service: service.store.close(),
        )
        self.metrics = Metrics()
        self.web = Web(self.worker, materials, self.metrics, lambda: self.at, https=https, limits=limits)
        self.app = Starlette(routes=[*self.metrics.routes(), *self.web.routes()])

    @property
    def service(self) -> Service:
        return self.worker._owned

    def visitor(self, address: str = "127.0.0.1") -> "Visitor":
        return Visitor(self, address)

    def close(self) -> None:
        self.worker.close()


class Visitor:
    """Somebody with a browser of their own, without a script."""

    def __init__(self, site: Site, address: str) -> None:
        self.site = site
        base = "https://testserver" if site.https else "http://testserver"
        self.http = httpx.Client(base_url=base, transport=InProcess(site.app, address), follow_redirects=True)
        self.page: Any = None
        self.answer: Any = None

    def get(self, address: str) -> Any:
        return self._read(self.http.get(address))

    def post(self, address: str, fields: dict[str, Any]) -> Any:
        return self._read(self.http.post(address, data=fields))

    def _read(self, answer: Any) -> Any:
        self.answer = answer
        self.page = lxml.html.fromstring(answer.text) if answer.text else None
        return answer

    def find(self, xpath: str) -> Any:
        """What of the page is meant."""
        return self.page.xpath(xpath)

    def form(self, form: str) -> dict[str, Any]:
        """The hidden fields of a form of the page."""
        found = {
            field.get("name"): field.get("value", "")
            for field in self.find(f"//*[@id='{form}']//input[@type='hidden']")
        }
        assert found, f"no form {form}"
        return found

    def say(self, text: str) -> list[str]:
        """Type, send; what is answered."""
        if self.page is None or not self.find("//*[@id='words']"):
            self.get("/")
        self.post("/say", {**self.form("words"), "text": text})
        return self.replies()

    def press(self, *values: str, fact: bool = True) -> list[str]:
        """Press buttons, or tick boxes and send them; what is answered."""
        if self.page is None:
            self.get("/")
        fields = self.form("words")
        if fact:
            fields |= self.form("options")
        self.post("/say", {**fields, "choice": list(values)})
        return self.replies()

    def replies(self) -> list[str]:
        """What was said last."""
        return [words.text or "" for words in self.find("//*[@id='last']//*[@class='bot']//*[@class='words']")]

    def said(self) -> list[str]:
        """What the person said, as the page shows it."""
        return [words.text or "" for words in self.find("//*[@class='you']//*[@class='words']")]

    def options(self) -> list[str]:
        return [one.get("value") for one in self.find("//*[@id='options']//*[@name='choice']")]

    @property
    def title(self) -> str:
        return str(self.find("//title")[0].text)

    @property
    def token(self) -> str:
        return str(self.http.cookies[COOKIE])
