"""The pages of people's questions to a human: the open ones, one with what was said, the answer, the end."""

import re
from collections.abc import Sequence

import msgspec
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.web.visits import Problem, field
from bot.desk.handovers import LONGEST_ANSWER
from bot.desk.models import Caseworker
from bot.desk.permissions import Refused
from bot.desk.refusals import status_of
from bot.desk.web.gate import Gate
from bot.desk.web.office import Office
from bot.desk.web.pages import Signed
from bot.store.handovers import Handover
from bot.store.handovers import Said as Kept
from bot.store.registrations import PERSON

HOME = "/desk/handovers"
NUMBER = re.compile(r"[0-9]{1,18}")
"""A number that a database may have."""
NOT_FOUND = 404
ON_PAGE = ("answer", "handover_closed", "unreachable")
"""Refusals that are told on the question's own page, with the answer that was written."""


class Row(msgspec.Struct, frozen=True):
    """A question in the list, in words; `caseworker` answered last."""

    id: int
    place: str
    since: str
    caseworker: str


class Said(msgspec.Struct, frozen=True):
    """Something that was said, in words; `number` counts from 1."""

    number: int
    at: str
    who: str
    words: str


class One(msgspec.Struct, frozen=True):
    """A question with what was said."""

    id: int
    place: str
    is_open: bool
    said: Sequence[Said]


class HandoverPages:
    """The handlers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._words = gate.pages.words["handovers"]

    async def all(self, request: Request, me: Signed) -> Response:
        """The open ones of the caseworker's place, those who wait longest first."""
        rows = await self._gate.worker.run(_waiting, me.who, 0)
        return self._gate.pages.page(request, "handovers", me, title=self._words["title"], rows=rows)

    async def news(self, request: Request, me: Signed) -> Response:
        """The rows that are newer than the last one shown: a part of the list's page."""
        rows = await self._gate.worker.run(_waiting, me.who, _number(request))
        return HTMLResponse(self._gate.pages.text("handover_rows", rows=rows))

    async def show(self, request: Request, me: Signed) -> Response:
        """One, with what was said."""
        return await self._page(request, me)

    async def said(self, request: Request, me: Signed) -> Response:
        """What was said since: a part of the page of one."""
        said = await self._gate.worker.run(_news, me.who, _id(request), _number(request))
        return HTMLResponse(self._gate.pages.text("handover_said", said=said))

    async def answer(self, request: Request, me: Signed, form: FormData) -> Response:
        """Answer the person."""
        text, id_ = field(form, "text").replace("\r\n", "\n"), _id(request)
        try:
            await self._gate.worker.run(lambda office: office.handovers.answer(me.who, id_, text))
        except Refused as refused:
            return await self._refused(request, me, refused, text)
        return self._gate.go(f"{HOME}/{id_}?done=answer")

    async def close(self, request: Request, me: Signed, form: FormData) -> Response:
        """End it."""
        id_ = _id(request)
        try:
            await self._gate.worker.run(lambda office: office.handovers.close(me.who, id_))
        except Refused as refused:
            return await self._refused(request, me, refused, "")
        return self._gate.go(f"{HOME}?done=handover_closed")

    async def _refused(self, request: Request, me: Signed, refused: Refused, text: str) -> Response:
        if refused.code not in ON_PAGE:
            raise refused
        told = await self._gate.worker.run(lambda office: office.telling.refusal(refused))
        problem = Problem(told, "text" if refused.code == "answer" else None)
        return await self._page(request, me, problem, text, status_of(refused))

    async def _page(
        self, request: Request, me: Signed, problem: Problem | None = None, text: str = "", status: int = 200
    ) -> Response:
        one = await self._gate.worker.run(_one, me.who, _id(request))
        return self._gate.pages.page(
            request, "handover", me, status=status, title=self._words["one"].format(id=one.id), one=one, text=text,
            errors=(problem,) if problem else (), longest=LONGEST_ANSWER,
        )  # fmt: skip


def _id(request: Request) -> int:
    """The question that the address names."""
    if not NUMBER.fullmatch(text := request.path_params["id"]):
        raise HTTPException(NOT_FOUND)
    return int(text)


def _number(request: Request) -> int:
    """How much the page shows already."""
    after = request.query_params.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0


def _waiting(office: Office, who: Caseworker, after: int) -> Sequence[Row]:
    return [_row(office, one) for one in office.handovers.waiting(who) if one.id > after]


def _row(office: Office, one: Handover) -> Row:
    telling = office.telling
    return Row(one.id, telling.names.place(one.region), telling.when(one.at), one.caseworker or "")


def _one(office: Office, who: Caseworker, id_: int) -> One:
    found, said = office.handovers.show(who, id_)
    return One(found.id, office.telling.names.place(found.region), found.state == "open", _said(office, said, 0))


def _news(office: Office, who: Caseworker, id_: int, seen: int) -> Sequence[Said]:
    return _said(office, office.handovers.news(who, id_, seen), seen)


def _said(office: Office, said: Sequence[Kept], seen: int) -> Sequence[Said]:
    telling = office.telling
    return [
        Said(number, telling.when(one.at), "" if one.actor == PERSON else one.actor, one.words)
        for number, one in enumerate(said, seen + 1)
    ]
