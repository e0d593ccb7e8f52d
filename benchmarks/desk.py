"""The desk's pages over HTTP, under the server of `zhuye serve`, with many registrations beside few."""

import contextlib
import http.client
import itertools
import socket
import statistics
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from benchmarks.figures import Figure
from benchmarks.turns import AT
from benchmarks.web import run_channels, served
from bot.channels.metrics import Metrics
from bot.desk.models import Caseworker, Filter
from bot.desk.permissions import NATION
from bot.desk.web.gate import SESSION
from bot.desk.web.office import office_worker
from bot.desk.web.site import DeskWeb
from bot.settings import Settings
from bot.store.store import Store

ROUNDS, SMOKE_ROUNDS = 9, 1
PLACES = {"county": "620503", "nation": NATION}
"""Whose desk it is: caseworkers of a county with a thirtieth of all registrations, and of everywhere."""
WORKERS = {"620503": "w1", NATION: "w2"}
"""Caseworkers who follow up some, wherever these are."""
ADDRESSES: Mapping[str, str] = {
    "home": "/desk/",
    "list": "/desk/leads",
    "status": "/desk/leads?status=verified",
    "need": "/desk/leads?need=massage&category=视力",
    "rare": "/desk/leads?category=精神&need=massage",
    "never": "/desk/leads?category=听力",
    "days": "/desk/leads?since=2024-01-05&until=2024-02-05&open=1",
    "free": "/desk/leads?who=nobody&open=1",
    "mine": "/desk/leads?who=me&order=due",
    "due": "/desk/leads?due=1&order=due",
    "later": "/desk/leads?before={middle}",
}


def measure(name: str, few: Store, many: Store, settings: Mapping[str, Settings], smoke: bool) -> Iterator[Figure]:
    """Milliseconds of each page (the median) with the `many` and the `few` registrations of the `settings`."""
    stores = {"many": many, "few": few}
    with contextlib.ExitStack() as stack:
        ports = {size: stack.enter_context(served(serve, settings[size], "/desk/login")) for size in stores}
        for place, region in PLACES.items():
            browsers = {
                size: stack.enter_context(contextlib.closing(Browser(ports[size], store, settings[size], region)))
                for size, store in stores.items()
            }
            for kind, address in ADDRESSES.items():
                taken: dict[str, list[float]] = {size: [] for size in stores}
                for _, (size, browser) in itertools.product(range(SMOKE_ROUNDS if smoke else ROUNDS), browsers.items()):
                    taken[size].append(browser.load(address))
                yield Figure(
                    name=f"{name}_desk_{place}_{kind}",
                    value=statistics.median(taken["many"]) * 1000,
                    unit="ms",
                    peer="few-registrations",
                    peer_value=statistics.median(taken["few"]) * 1000,
                )


class Browser:
    """A caseworker of a place who is in, on one connection that is kept."""

    def __init__(self, port: int, store: Store, settings: Settings, region: str) -> None:
        who = Caseworker(WORKERS[region], "admin", region)
        store.staff.add(who, AT)
        token = store.desk_sessions.begin(who.name, "in", settings.now())
        self._headers = {"Cookie": f"zhuye-{SESSION}={token}"}
        self._http = http.client.HTTPConnection("127.0.0.1", port)
        half = store.leads.count(Filter(region=region)) // 2
        (row,) = store.database.query(
            "SELECT receipt FROM registrations WHERE region = ? OR ? = ? ORDER BY id LIMIT 1 OFFSET ?",
            (region, region, NATION, half),
        )
        self._middle = row["receipt"]

    def load(self, address: str) -> float:
        """Seconds until a page is there."""
        began = time.perf_counter()
        self._http.request("GET", quote(address.format(middle=self._middle), safe="/?=&"), headers=self._headers)
        answer = self._http.getresponse()
        page = answer.read()
        taken = time.perf_counter() - began
        if answer.status != 200 or b'id="main"' not in page:
            raise RuntimeError(f"{address}: {answer.status}")
        return taken

    def close(self) -> None:
        """Leave."""
        self._http.close()


def serve(listening: socket.socket, settings: Settings) -> None:
    """The desk as it is served."""
    desk, slow = (office_worker(name, settings) for name in ("desk", "desk slow"))
    site = DeskWeb(desk, slow, Metrics(), settings.exports_dir, address=settings.address, https=False)
    run_channels([site], listening)
