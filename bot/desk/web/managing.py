"""What administrators do: accounts, and the access log; and how anybody's own pages look."""

import unicodedata
from collections.abc import Sequence
from typing import get_args

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.cookies import VIEW, VIEWS
from bot.channels.web.visits import Problem, field
from bot.desk.models import Caseworker, Role
from bot.desk.permissions import Refused
from bot.desk.refusals import status_of
from bot.desk.web.forms import RECEIPT, read_place
from bot.desk.web.gate import HOME, Gate
from bot.desk.web.office import Office, OfficeWorker
from bot.desk.web.pages import KEYS, OFF, Signed

LOG_PAGE = 100


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the access log, in words."""

    number: int
    at: str
    who: str
    what: str
    subject: str
    reason: str


class Managing:
    """The handlers."""

    def __init__(self, gate: Gate, slow: OfficeWorker) -> None:
        self._gate = gate
        self._slow = slow
        self._words = gate.pages.words

    async def staff(self, request: Request, me: Signed) -> Response:
        """The accounts."""
        return await self._staff(request, me)

    async def add(self, request: Request, me: Signed, form: FormData) -> Response:
        """Make an account, and show its one-time code."""
        given = {name: field(form, name) for name in ("name", "role", "region")}
        given["name"] = unicodedata.normalize("NFKC", given["name"]).strip()
        try:
            code = await self._gate.worker.run(_add, me.who, given["name"], given["role"], given["region"])
        except Refused as refused:
            if refused.code == "role":
                raise
            at = {"bad_role": "role", "no_place": "region", "other_place": "region"}.get(refused.code, "name")
            return await self._staff(request, me, refused, at, given)
        return await self._staff(request, me, code=(given["name"], code))

    async def new_code(self, request: Request, me: Signed, form: FormData) -> Response:
        """Another one-time code."""
        name = field(form, "name")
        code = await self._gate.worker.run(lambda office: office.accounts.new_code(me.who, name))
        return await self._staff(request, me, code=(name, code))

    async def disable(self, request: Request, me: Signed, form: FormData) -> Response:
        """Shut an account."""
        name = field(form, "name")
        await self._gate.worker.run(lambda office: office.accounts.disable(me.who, name))
        return self._gate.go("/desk/staff?done=disabled")

    async def log(self, request: Request, me: Signed) -> Response:
        """Who looked at or changed what, newest first."""
        before, subject = request.query_params.get("before", ""), request.query_params.get("subject", "").strip()
        known = subject if RECEIPT.fullmatch(subject) else None
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        rows = await self._gate.worker.run(_log, me.who, number, known)
        errors = (Problem(self._words["log"]["bad_subject"], "subject"),) if subject and not known else ()
        return self._gate.pages.page(
            request, "log", me, title=self._words["log"]["title"], rows=rows[:LOG_PAGE], subject=subject,
            more=rows[LOG_PAGE - 1].number if len(rows) > LOG_PAGE else None, errors=errors, checked=None,
        )  # fmt: skip

    async def verify(self, request: Request, me: Signed) -> Response:
        """Whether the access log is as it was written."""
        fault = await self._slow.run(lambda office: office.accounts.log_fault(me.who))
        words = self._words["log"]
        told = words["faults"][fault.code].format(number=fault.number) if fault else words["whole"]
        return self._gate.pages.page(
            request, "log", me, title=words["title"], rows=[], subject="", more=None, checked=(not fault, told)
        )

    async def keys(self, request: Request, me: Signed) -> Response:
        """The keyboard shortcuts."""
        return self._gate.pages.page(request, "keys", me, title=self._words["shortcuts"]["title"])

    async def look(self, request: Request, me: Signed, form: FormData) -> Response:
        """Make the pages look or behave otherwise; back to the desk's page that it was asked on."""
        change, back = field(form, "change"), field(form, "back")
        response = self._gate.go(back if back in self._words["nav"]["pages"] else HOME)
        cookies = self._gate.cookies
        if change == "keys":
            cookies.set(response, KEYS, "on" if cookies.get(request, KEYS) == OFF else OFF)
        else:
            wanted = {*cookies.view(request)} ^ ({change} & {*VIEWS})
            cookies.set(response, VIEW, "-".join(name for name in VIEWS if name in wanted))
        return response

    async def _staff(
        self,
        request: Request,
        me: Signed,
        refused: Refused | None = None,
        at: str = "",
        given: dict[str, str] | None = None,
        code: tuple[str, str] | None = None,
    ) -> Response:
        accounts, told = await self._gate.worker.run(_staff, me.who, refused)
        return self._gate.pages.page(
            request, "staff", me, status=status_of(refused) if refused else 200, title=self._words["staff"]["title"],
            accounts=accounts, errors=(Problem(told, at),) if told else (), code=code, roles=get_args(Role),
            given={"name": "", "role": "worker", "region": "", **(given or {})},
        )  # fmt: skip


def _staff(office: Office, who: Caseworker, refused: Refused | None) -> tuple[Sequence[Caseworker], str]:
    return office.accounts.all(who), office.telling.refusal(refused) if refused else ""


def _add(office: Office, who: Caseworker, name: str, role: str, region: str) -> str:
    known: Role | None = next((one for one in get_args(Role) if one == role), None)
    if known is None:
        raise Refused("bad_role")
    return office.accounts.add(who, name, known, read_place(region, office.telling.names.gazetteer, who.region))


def _log(office: Office, who: Caseworker, before: int | None, subject: str | None) -> Sequence[LogRow]:
    telling = office.telling
    return [
        LogRow(
            number=number,
            at=telling.when(entry.at),
            who=telling.names.actor(entry.caseworker),
            what=telling.operation(entry.operation),
            subject=telling.subject(entry.subject),
            reason=entry.reason,
        )
        for number, entry in office.accounts.latest_accesses(who, LOG_PAGE + 1, before, subject)
    ]
