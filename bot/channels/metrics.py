"""`/metrics`: counts and times for Prometheus. Nothing in them is about a person."""

import asyncio
import os
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What is counted. A route is named by its pattern, never by the address that was asked for."""

    name = "metrics"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "zhuye_requests", "HTTP requests.", ["route", "method", "status"], registry=self._registry
        )
        self.request_seconds = Histogram(
            "zhuye_request_seconds",
            "Time to the end of the response.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.turns = Counter("zhuye_turns", "Turns of the talk.", ["channel"], registry=self._registry)
        self.turn_seconds = Histogram(
            "zhuye_turn_seconds",
            "Time of a turn, without its commit.",
            ["channel"],
            buckets=SECONDS,
            registry=self._registry,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Route("/metrics", self._show)]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await stop.wait()

    async def _show(self, request: Request) -> Response:
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            # What all processes have counted: the library keeps it there.
            MultiProcessCollector(registry := CollectorRegistry())  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
