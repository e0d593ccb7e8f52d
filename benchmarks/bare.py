"""The peer of the chat page: an endpoint of the same framework that keeps one row a request and says so."""

import itertools
import sqlite3
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route


class Bare:
    """`/` gives a page, `/say` commits what was posted, each time synced to the disk as our store does."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, form BLOB)")
        self._numbers = itertools.count(1)

    def routes(self) -> list[BaseRoute]:
        """What it answers."""
        return [Route("/", self._page), Route("/say", self._say, methods=["POST"])]

    async def _page(self, request: Request) -> Response:
        return HTMLResponse('<input name="csrf" value="0">')

    async def _say(self, request: Request) -> Response:
        self._database.execute("INSERT INTO said (form) VALUES (?)", (await request.body(),))
        return HTMLResponse(f"<p>{next(self._numbers)}</p>")

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
