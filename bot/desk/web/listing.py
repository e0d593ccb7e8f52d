"""The pages that list registrations: all of them, one's own work, what a search finds, and what is new."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.web.visits import Problem, field
from bot.desk.models import Caseworker, Counted, Filter, Lead, Order
from bot.desk.permissions import Refused
from bot.desk.refusals import UNPROCESSABLE, status_of
from bot.desk.telling import Telling
from bot.desk.web.forms import NOBODY, RECEIPT, Asked, field_of, read_filter
from bot.desk.web.gate import Gate
from bot.desk.web.office import Office
from bot.desk.web.pages import Signed

PAGE = 50
MOST_COUNTED = 10_000
MOST_NEW = 50
LONGEST_QUERY = 100
OF_PAGES = ("before", "done", "after")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A registration in a list, in words."""

    receipt: str
    status: str
    place: str
    name: str
    phone: str
    needs: str
    created: str
    claimed_by: str
    due: str
    late: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list: after which receipt it goes on, how many there are (at least), and what was wrong."""

    rows: Sequence[Row] = ()
    next: str | None = None
    total: Counted = Counted(0, True)
    problem: Problem | None = None
    status: int = 200


class Listing:
    """The handlers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._words = gate.pages.words["list"]

    async def all(self, request: Request, me: Signed) -> Response:
        """All registrations that are the caseworker's to see, filtered and sorted."""
        asked = await self._asked(request, me)
        before = request.query_params.get("before")
        found = await self._gate.worker.run(_listed, me.who, asked.wanted, before, asked)
        errors = [Problem(self._words["bad"][name], name) for name in asked.bad]
        errors += [found.problem] if found.problem else []
        status = UNPROCESSABLE if asked.bad else found.status
        first = before is None and asked.order == "newest" and not errors
        return self._gate.pages.page(
            request, "list", me, status=status, title=self._words["title"], found=found, asked=asked,
            errors=tuple(errors), next=self._next(request, found), first=before is None,
            news=self._news(request) if first else None, query="", sizes=PAGE,
        )  # fmt: skip

    async def search(self, request: Request, me: Signed, form: FormData) -> Response:
        """Those with a receipt, a phone number or a name: by a form, as it must not be in an address."""
        query = field(form, "query").strip()[:LONGEST_QUERY]
        if not query:
            problem = Problem(self._words["bad"]["query"], "query")
            found = Listed(problem=problem, status=UNPROCESSABLE)
        elif RECEIPT.fullmatch(query):
            return self._gate.go(f"/desk/leads/{query}")
        else:
            asked = Asked(Filter(query=query), "newest", {})
            found = await self._gate.worker.run(_listed, me.who, asked.wanted, field(form, "before") or None, asked)
        return self._gate.pages.page(
            request, "search", me, status=found.status, title=self._words["search_title"], found=found, query=query,
            errors=(found.problem,) if found.problem else (),
        )  # fmt: skip

    async def news(self, request: Request, me: Signed) -> Response:
        """The rows that are newer than the newest one shown: a part of the list's page."""
        asked = await self._asked(request, me)
        rows = await self._gate.worker.run(_news, me.who, asked.wanted, request.query_params.get("after"))
        return HTMLResponse(self._gate.pages.text("rows", rows=rows, csrf=me.csrf))

    async def home(self, request: Request, me: Signed) -> Response:
        """One's own work: who waits for a human, what is due, what one follows up, and what nobody does yet."""
        parts = await self._gate.worker.run(_work, me.who)
        waiting = await self._gate.worker.run(_waiting, me.who) if me.may("answer") else 0
        title = self._gate.pages.words["home"]["title"]
        return self._gate.pages.page(request, "home", me, title=title, parts=parts, waiting=waiting)

    async def _asked(self, request: Request, me: Signed) -> Asked:
        return await self._gate.worker.run(
            lambda office: read_filter(request.query_params, me.who, office.telling.names, office.now().date())
        )

    def _next(self, request: Request, found: Listed) -> str | None:
        return f"?{_with(request.query_params, before=found.next)}" if found.next else None

    def _news(self, request: Request) -> str:
        return f"/desk/leads/new?{_with(request.query_params)}"


def _with(parameters: Mapping[str, str], **others: str) -> str:
    kept = {name: value for name, value in parameters.items() if value and name not in OF_PAGES}
    return urlencode({**kept, **others})


def _listed(office: Office, who: Caseworker, wanted: Filter, before: str | None, asked: Asked) -> Listed:
    try:
        office.desk.check(who, wanted, before)
        return _part(office, who, wanted, before, asked.order)
    except Refused as refused:
        return Listed(problem=Problem(office.telling.refusal(refused), field_of(refused)), status=status_of(refused))


def _part(office: Office, who: Caseworker, wanted: Filter, before: str | None, order: Order) -> Listed:
    part = office.desk.part(who, wanted, PAGE, before, order)
    total = office.desk.count_some(who, wanted, MOST_COUNTED)
    if not total.all:
        total = Counted(max(total.number, len(part.leads)), False)
    return Listed(rows=_rows(office, part.leads), next=part.next, total=total)


def _news(office: Office, who: Caseworker, wanted: Filter, after: str | None) -> Sequence[Row]:
    return _rows(office, office.desk.newer(who, wanted, after or None, MOST_NEW))


def _work(office: Office, who: Caseworker) -> Mapping[str, Listed]:
    today = office.now().date().isoformat()
    mine = Filter(claimed_by=who.name, open=True)
    parts = {
        "due": msgspec.structs.replace(mine, due_by=today),
        "mine": mine,
        NOBODY: Filter(unclaimed=True, open=True),
    }
    return {
        name: _part(office, who, wanted, None, "due" if name == "due" else "newest") for name, wanted in parts.items()
    }


def _waiting(office: Office, who: Caseworker) -> int:
    return len(office.handovers.waiting(who))


def _rows(office: Office, leads: Sequence[Lead]) -> Sequence[Row]:
    today = office.now().date().isoformat()
    return [row_of(lead, office.telling, today) for lead in leads]


def row_of(lead: Lead, telling: Telling, today: str) -> Row:
    """A registration in words; `late`: its day to be followed up is over."""
    names = telling.names
    values: dict[str, Any] = {
        "receipt": lead.receipt,
        "status": names.terms.status.get(lead.status, lead.status),
        "place": names.place(lead.said.region),
        "name": lead.said.call_name,
        "phone": lead.said.phone,
        "needs": names.joined(names.terms.needs.get(need, need) for need in lead.said.needs),
        "created": telling.when(lead.created),
        "claimed_by": lead.claimed_by or "",
        "due": lead.due or "",
        "late": bool(lead.due and lead.due < today),
    }
    return Row(**values)
