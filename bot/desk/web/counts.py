"""Statistics with their charts, exports, the yearly report, and the questions that no text answers."""

import base64
import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.channels.web.shell import CONTENT_SECURITY
from bot.channels.web.visits import Problem, field
from bot.desk.charts import charts
from bot.desk.drafts import Drafts
from bot.desk.export import WRITERS, export
from bot.desk.models import Caseworker, Filter
from bot.desk.permissions import Refused
from bot.desk.refusals import UNPROCESSABLE, status_of
from bot.desk.statistics import Statistics
from bot.desk.web.forms import Asked, field_of, read_filter, read_place
from bot.desk.web.gate import Gate
from bot.desk.web.office import Office, OfficeWorker
from bot.desk.web.pages import Signed
from bot.store.base import Row

YEAR = datetime.timedelta(days=365)
FIRST_YEAR, LAST_YEAR = 2022, 2100
YEAR_DIGITS = re.compile(r"[0-9]{4}")
PIECE = 64 * 1024
PICTURES = CONTENT_SECURITY.replace("img-src 'self'", "img-src 'self' data:")
"""Charts stand in their page: they are drawn once, for this page only."""
BINARY = "application/octet-stream"


class Picture(msgspec.Struct, frozen=True):
    """A chart: its address (with the picture in it), and what says the same."""

    title: str
    alt: str
    source: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The page of the statistics."""

    statistics: Statistics | None = None
    pictures: Sequence[Picture] = ()
    problem: Problem | None = None
    status: int = 200


class Counts:
    """The handlers. What takes long has a thread of its own, `slow`; files are in `folder` while they are written."""

    def __init__(self, gate: Gate, slow: OfficeWorker, folder: Path) -> None:
        self._gate = gate
        self._slow = slow
        self._drafts = Drafts(folder)
        self._pages = gate.pages

    async def statistics(self, request: Request, me: Signed) -> Response:
        """The counts."""
        asked = await self._asked(request, me)
        found = await self._slow.run(_counted, me.who, asked) if not asked.bad else Counted()
        errors = self._bad(asked) + ((found.problem,) if found.problem else ())
        response = self._pages.page(
            request, "statistics", me, status=UNPROCESSABLE if asked.bad else found.status,
            title=self._pages.words["statistics"]["title"], found=found, asked=asked, errors=errors,
        )  # fmt: skip
        response.headers["Content-Security-Policy"] = PICTURES
        return response

    async def questions(self, request: Request, me: Signed) -> Response:
        """What was asked in vain in a year."""
        rows = await self._gate.worker.run(_questions, me.who)
        return self._pages.page(request, "questions", me, title=self._pages.words["questions"]["title"], rows=rows)

    async def outputs(self, request: Request, me: Signed) -> Response:
        """Where exports and reports are asked for."""
        return self._outputs(request, me)

    async def export(self, request: Request, me: Signed, form: FormData) -> Response:
        """All registrations in clear as a file; nothing of it stays here."""
        asked = await self._gate.worker.run(
            lambda office: read_filter(_texts(form), me.who, office.telling.names, office.now().date())
        )
        suffix = f".{field(form, 'form')}"
        if asked.bad or suffix not in WRITERS:
            return self._outputs(request, me, self._bad(asked) or (self._problem("form", "form"),), given=_texts(form))
        try:
            content = await self._slow.run(_exported, me.who, asked.wanted, self._drafts, suffix)
        except Refused as refused:
            if refused.code == "role":
                raise
            told = await self._told(refused, field_of(refused))
            return self._outputs(request, me, told, status_of(refused), _texts(form))
        return _download(content, self._pages.words["outputs"]["export_file"].format(day=_today(content)) + suffix)

    async def report(self, request: Request, me: Signed) -> Response:
        """The yearly report."""
        given = dict(request.query_params)
        year = given.get("year", "")
        if not (YEAR_DIGITS.fullmatch(year) and FIRST_YEAR <= int(year) <= LAST_YEAR):
            return self._outputs(request, me, (self._problem("year", "year"),), given=given)
        try:
            content = await self._slow.run(_reported, me.who, int(year), given.get("place", ""), self._drafts)
        except Refused as refused:
            return self._outputs(request, me, await self._told(refused, "place"), status_of(refused), given)
        return _download(content, self._pages.words["outputs"]["report_file"].format(year=year) + ".docx")

    def _outputs(
        self,
        request: Request,
        me: Signed,
        errors: tuple[Problem, ...] = (),
        status: int | None = None,
        given: Any = None,
    ) -> Response:
        return self._pages.page(
            request, "outputs", me, status=status or (UNPROCESSABLE if errors else 200), errors=errors,
            title=self._pages.words["outputs"]["title"], given={"year": "", "place": "", **(given or {})},
            forms=[suffix.removeprefix(".") for suffix in WRITERS],
        )  # fmt: skip

    async def _asked(self, request: Request, me: Signed) -> Asked:
        return await self._gate.worker.run(
            lambda office: read_filter(request.query_params, me.who, office.telling.names, office.now().date())
        )

    def _bad(self, asked: Asked) -> tuple[Problem, ...]:
        return tuple(self._problem(name, name) for name in asked.bad)

    def _problem(self, key: str, name: str) -> Problem:
        return Problem(self._pages.words["list"]["bad"][key], name)

    async def _told(self, refused: Refused, name: str | None) -> tuple[Problem, ...]:
        return (Problem(await self._gate.worker.run(lambda office: office.telling.refusal(refused)), name),)


class Content(msgspec.Struct, frozen=True):
    """A file that has no name any more, and the day on which it was made."""

    stream: Any
    day: str


def _today(content: Content) -> str:
    return content.day


def _counted(office: Office, who: Caseworker, asked: Asked) -> Counted:
    wanted = Filter(region=asked.wanted.region, since=asked.wanted.since, until=asked.wanted.until)
    try:
        office.desk.check(who, wanted)
        statistics = office.desk.statistics(who, wanted)
    except Refused as refused:
        return Counted(problem=Problem(office.telling.refusal(refused), field_of(refused)), status=status_of(refused))
    pictures = [
        Picture(chart.title, chart.alt, _in_place(chart.draw("svg")), chart.headings, chart.table)
        for chart in charts(statistics, office.telling.names)
    ]
    return Counted(statistics=statistics, pictures=pictures)


def _in_place(picture: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"


def _questions(office: Office, who: Caseworker) -> Sequence[Row]:
    return office.desk.questions(who, office.now().date() - YEAR)


def _exported(office: Office, who: Caseworker, wanted: Filter, drafts: Drafts, suffix: str) -> Content:
    office.desk.check(who, wanted)
    rows = office.desk.export(who, wanted)
    with drafts.file() as file:
        export(rows, file.with_suffix(suffix), office.telling.names)
        return Content(file.with_suffix(suffix).open("rb"), office.now().date().isoformat())


def _reported(office: Office, who: Caseworker, year: int, place: str, drafts: Drafts) -> Content:
    from bot.desk.yearly import yearly

    names = office.telling.names
    region = read_place(place, names.gazetteer, who.region) if place.strip() else None
    with drafts.file() as file:
        yearly(office.desk, who, year, region, file.with_suffix(".docx"), names)
        return Content(file.with_suffix(".docx").open("rb"), office.now().date().isoformat())


def _download(content: Content, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(content.stream), media_type=BINARY, headers=headers)


def _pieces(stream: Any) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE):
            yield piece


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}
