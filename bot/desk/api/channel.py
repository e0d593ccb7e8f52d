"""`/api/v1` as a channel: what it answers, to whom, and how often. openapi.yaml beside this file says it in full."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.channels.metrics import Metrics
from bot.channels.web.limits import Buckets, Limit, TooOften, network
from bot.channels.web.shell import FAILED, Shell
from bot.desk.api import operations
from bot.desk.api.operations import Bad, Claim, Note, StatusChange
from bot.desk.models import Caseworker
from bot.desk.permissions import Refused
from bot.desk.refusals import UNPROCESSABLE, status_of
from bot.desk.web.office import Office, OfficeWorker
from bot.desk.wording import load_words
from bot.store.base import StoreError
from knowledge.corpus.folders import load_yaml

logger = logging.getLogger(__name__)
UNAUTHORISED, TOO_OFTEN, UNAVAILABLE = 401, 429, 503
RETRY_SECONDS = 10
SCHEME = "bearer"
Endpoint = Callable[[Request], Awaitable[Response]]
Reading = Callable[[Office, Caseworker, dict[str, str]], Any]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How often an account may ask, and an address whose token is wrong."""

    account: Limit = Limit(120, 600)
    stranger: Limit = Limit(20, 6)


class Api:
    """The handlers."""

    name = "api"

    def __init__(self, worker: OfficeWorker, metrics: Metrics, *, https: bool, limits: Limits | None = None) -> None:
        self._worker = worker
        self._words = load_words("api", dict[str, str])
        limits = limits or Limits()
        self._accounts, self._strangers = Buckets(limits.account), Buckets(limits.stranger)
        self._description = msgspec.json.encode(load_description())
        self.app = Starlette(
            routes=[
                Route("/openapi.json", self._describe, methods=["GET"]),
                Route("/leads", self._reading(operations.list_), methods=["GET"]),
                Route("/leads/{id}", self._reading(operations.show), methods=["GET"]),
                Route("/changes", self._reading(operations.changes), methods=["GET"]),
                Route("/leads/{id}/status", self._changing(StatusChange, operations.set_status), methods=["POST"]),
                Route("/leads/{id}/claim", self._changing(Claim, operations.claim), methods=["POST"]),
                Route("/leads/{id}/note", self._changing(Note, operations.note), methods=["POST"]),
            ],
            middleware=[Middleware(Shell, metrics=metrics, failed=self._failed, https=https)],
            exception_handlers={
                HTTPException: self._problem,
                TooOften: self._too_often,
                StoreError: self._store_error,
                Refused: self._refused,
                Bad: self._bad,
            },
        )

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return [Mount("/api/v1", self.app)]

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        await stop.wait()

    async def _describe(self, request: Request) -> Response:
        return Response(self._description, media_type="application/json")

    def _reading(self, read: Reading) -> Endpoint:
        @functools.wraps(read)
        async def answer(request: Request) -> Response:
            who = await self._who(request)
            given = {**request.query_params, **request.path_params}
            return _json(await self._worker.run(read, who, given))

        return answer

    def _changing(self, form: type[Any], change: Callable[[Office, Caseworker, str, Any], Any]) -> Endpoint:
        @functools.wraps(change)
        async def answer(request: Request) -> Response:
            who = await self._who(request)
            try:
                body = msgspec.json.decode(await request.body() or b"{}", type=form)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Bad("body", "bad_body", why=str(error)) from error
            return _json(await self._worker.run(change, who, request.path_params["id"], body))

        return answer

    async def _who(self, request: Request) -> Caseworker:
        """Whose token came with the request."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = scheme.lower() == SCHEME and token
        who = await self._worker.run(lambda office: office.store.api_tokens.owner(token.strip())) if known else None
        if who is None:
            self._strangers.take(network(request.client.host) if request.client else "")
            raise HTTPException(UNAUTHORISED, headers={"WWW-Authenticate": 'Bearer realm="zhuye"'})
        self._accounts.take(who.name)
        return who

    # ---- what went wrong ----

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        told = await self._worker.run(lambda office: office.telling.refusal(error))
        return _error(status_of(error), error.code, told)

    async def _bad(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Bad)
        return _error(UNPROCESSABLE, "invalid", self._words[error.key].format(**error.values))

    async def _problem(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        key = str(error.status_code)
        code, _, told = self._words.get(key, self._words["other"]).partition(" ")
        response = _error(error.status_code, code, told)
        response.headers.update(error.headers or {})
        return response

    async def _too_often(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, TooOften)
        told = self._words["too_often"].format(seconds=error.seconds)
        response = _error(TOO_OFTEN, "too_often", told)
        response.headers["Retry-After"] = str(error.seconds)
        return response

    async def _store_error(self, request: Request, error: Exception) -> Response:
        logger.error("%s", error)
        response = _error(UNAVAILABLE, "unavailable", self._words["unavailable"])
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    async def _failed(self, request: Request) -> Response:
        return _error(FAILED, "failed", self._words["failed"])


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return _json({"error": {"code": code, "message": message}}, status)


@functools.cache
def load_description() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1).

    Raises:
        BadKnowledge: it is no mapping.

    """
    description: dict[str, Any] = load_yaml(
        files(__package__) / "openapi.yaml", "desk/api/openapi.yaml", dict[str, Any]
    )
    return description
