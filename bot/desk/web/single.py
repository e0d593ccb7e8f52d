"""One registration: all that is known of it, and what can be done with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.visits import Problem, field
from bot.desk.leads import LONGEST_NOTE, LONGEST_REASON
from bot.desk.models import Caseworker, Lead
from bot.desk.permissions import ALLOWED, Operation, Refused
from bot.desk.refusals import status_of
from bot.desk.steps import NEXT
from bot.desk.web.forms import BadDay, read_day, read_place
from bot.desk.web.gate import Endpoint, Gate, Sent
from bot.desk.web.listing import Row, row_of
from bot.desk.web.office import Office
from bot.desk.web.pages import Signed
from bot.store.leads import ENDED
from conversations.registrations import Status

Act = Callable[[Office, Caseworker, str, Mapping[str, str]], None]


class Single(msgspec.Struct, frozen=True, kw_only=True):
    """A registration as the page shows it: its fields in words, its history, and the operations that are open."""

    receipt: str
    fields: Sequence[tuple[str, str]]
    events: Sequence[str]
    linked: Sequence[Row]
    steps: Sequence[tuple[str, str]]
    can: frozenset[str]
    clear: bool
    problem: Problem | None = None
    status: int = 200


def _claim(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    office.desk.claim(who, receipt)


def _release(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    office.desk.release(who, receipt)


def _note(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    office.desk.note(who, receipt, given["text"])


def _status(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    status: Status | None = next((known for known in get_args(Status) if known == given["status"]), None)
    if status is None:
        raise Refused("status")
    office.desk.set_status(who, receipt, status)


def _due(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    try:
        day = read_day(given["day"]) if given["day"].strip() else None
    except BadDay as error:
        raise Refused("day") from error
    office.desk.set_due(who, receipt, day)


def _transfer(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    region = read_place(given["region"], office.telling.names.gazetteer, who.region)
    office.desk.transfer(who, receipt, region, given["why"].strip()[:LONGEST_REASON])


def _link(office: Office, who: Caseworker, receipt: str, given: Mapping[str, str]) -> None:
    office.desk.link(who, receipt, given["other"].strip())


ACTS: Mapping[str, tuple[Act, tuple[str, ...]]] = {
    "claim": (_claim, ()),
    "release": (_release, ()),
    "note": (_note, ("text",)),
    "status": (_status, ("status",)),
    "due": (_due, ("day",)),
    "transfer": (_transfer, ("region", "why")),
    "link": (_link, ("other",)),
}
"""What a form's last part of the address does, and its fields, of which the first is the one that may be wrong."""


class Singles:
    """The handlers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._words = gate.pages.words["one"]

    async def show(self, request: Request, me: Signed) -> Response:
        """The registration, masked."""
        found = await self._gate.worker.run(_show, me.who, request.path_params["receipt"])
        return self._page(request, me, found)

    async def reveal(self, request: Request, me: Signed, form: FormData) -> Response:
        """The registration in clear, for a reason: this once, as it is no page of its own."""
        reason = field(form, "reason")
        found = await self._gate.worker.run(_reveal, me.who, request.path_params["receipt"], reason)
        return self._page(request, me, found, reason=reason)

    def doing(self, name: str) -> Endpoint:
        """The handler of one of ACTS."""
        act, fields = ACTS[name]

        async def do(request: Request, me: Signed, form: FormData) -> Response:
            receipt = request.path_params["receipt"]
            given = {key: field(form, key) for key in fields}
            wrong = await self._gate.worker.run(_tried, me.who, receipt, act, given, fields)
            if wrong is None:
                return self._gate.go(await self._after(me, receipt, name))
            return self._page(request, me, wrong, **given)

        sent: Sent = do
        return self._gate.form(sent)

    async def _after(self, me: Signed, receipt: str, name: str) -> str:
        """Where to go on: what was handed to another place may be out of sight."""
        seen = await self._gate.worker.run(_seen, me.who, receipt)
        return f"/desk/leads/{receipt}?done={name}" if seen else f"/desk/leads?done={name}"

    def _page(self, request: Request, me: Signed, found: Single, **given: str) -> Response:
        title = self._words["title"].format(receipt=found.receipt)
        shown = {"text": "", "reason": "", "day": "", "region": "", "why": "", "other": "", "status": "", **given}
        return self._gate.pages.page(
            request, "one", me, status=found.status, title=title, one=found, given=shown,
            errors=(found.problem,) if found.problem else (), longest_note=LONGEST_NOTE, longest_reason=LONGEST_REASON,
        )  # fmt: skip


def _show(office: Office, who: Caseworker, receipt: str) -> Single:
    lead, events = office.desk.show(who, receipt)
    return _single(office, who, lead, [office.telling.event(event) for event in events], clear=False)


def _reveal(office: Office, who: Caseworker, receipt: str, reason: str) -> Single:
    try:
        lead = office.desk.reveal(who, receipt, reason)
    except Refused as refused:
        if refused.code != "reason":
            raise
        return _with(office, _show(office, who, receipt), refused, "reason")
    _, events = office.desk.show(who, receipt)
    return _single(office, who, lead, [office.telling.event(event) for event in events], clear=True)


def _tried(
    office: Office, who: Caseworker, receipt: str, act: Act, given: Mapping[str, str], fields: Sequence[str]
) -> Single | None:
    """Do it; the page as it stands with what is wrong, where that can be told on it."""
    try:
        act(office, who, receipt, given)
    except Refused as refused:
        if refused.code in ("role", "disabled"):
            raise
        if refused.code == "not_found" and refused.values["receipt"] == receipt:
            raise
        return _with(office, _show(office, who, receipt), refused, fields[0] if fields else None)
    return None


def _with(office: Office, page: Single, refused: Refused, name: str | None) -> Single:
    problem = Problem(office.telling.refusal(refused), name if name is None or _has(page, name) else None)
    return msgspec.structs.replace(page, problem=problem, status=status_of(refused))


FORM_OF = {"reason": "reveal", "text": "note", "status": "status", "day": "due", "region": "transfer", "other": "link"}


def _has(page: Single, name: str) -> bool:
    """Whether the page still has the form of that field."""
    return FORM_OF[name] in page.can


def _seen(office: Office, who: Caseworker, receipt: str) -> bool:
    try:
        office.desk.linked(who, receipt)
    except Refused:
        return False
    return True


def _single(office: Office, who: Caseworker, lead: Lead, events: Sequence[str], *, clear: bool) -> Single:
    telling = office.telling
    today = office.now().date().isoformat()
    terms = telling.names.terms
    return Single(
        receipt=lead.receipt,
        fields=[(telling.label(key), value) for key, value in telling.fields(lead)],
        events=events,
        linked=[row_of(other, telling, today) for other in office.desk.linked(who, lead.receipt)],
        steps=[(status, terms.status[status]) for status in NEXT[lead.status]],
        can=_open_to(who, lead),
        clear=clear,
    )


def _open_to(who: Caseworker, lead: Lead) -> frozenset[str]:
    """The forms that the page offers: what the role may do and the registration's state lets it."""
    names: dict[str, Any] = {
        "reveal": True,
        "note": True,
        "link": True,
        "claim": lead.claimed_by is None and lead.status not in ENDED,
        "release": lead.claimed_by is not None and (lead.claimed_by == who.name or who.role == "admin"),
        "status": bool(NEXT[lead.status]),
        "due": lead.status not in ENDED,
        "transfer": lead.status not in ENDED,
    }
    allowed: frozenset[Operation] = ALLOWED[who.role]
    return frozenset(name for name, is_open in names.items() if is_open and name in allowed)
