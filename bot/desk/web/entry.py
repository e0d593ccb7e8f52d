"""Getting in and out: the login in two steps, the first time, and the very first administrator."""

import unicodedata
from typing import Any

import segno
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.visits import Problem, field, posted
from bot.desk.logins import prepared_of, totp_address
from bot.desk.permissions import Refused
from bot.desk.refusals import status_of
from bot.desk.web.forms import read_place
from bot.desk.web.gate import DOOR, FORBIDDEN, HOME, LOGIN, SESSION, Gate, same
from bot.desk.web.office import Office
from bot.desk.web.pages import Signed
from bot.desk.web.tries import Tries
from bot.store.desk_sessions import DeskSession

NOT_FOUND = 404
LONGEST_NAME = 40
CLEAR = '"cache", "storage"'


class Entry:
    """The handlers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._pages = gate.pages
        self._tries = Tries(gate.worker, gate.cookies)

    # ---- every time ----

    async def login(self, request: Request) -> Response:
        """Name and password."""
        entered = await self._gate.entered(request)
        if entered and entered[1].stage == "in":
            return self._gate.go(HOME)
        nobody = await self._gate.worker.run(lambda office: office.logins.needs_admin())
        return await self._outside(request, "login", over="over" in request.query_params, nobody=nobody)

    async def log_in(self, request: Request) -> Response:
        """The first step."""
        form = await self._from_outside(request)
        if form is None:
            return self._gate.problem(request, "old_form", FORBIDDEN)
        name = _name(form)
        await self._tries.password(request, name)
        try:
            token = await self._gate.worker.run(lambda office: office.logins.password(name, field(form, "password")))
        except Refused as refused:
            return await self._outside(request, "login", refused, "name", name=name)
        return self._gate.go("/desk/code", token)

    async def code(self, request: Request) -> Response:
        """Where the second factor's code is written."""
        entered = await self._gate.entered(request)
        if not entered or entered[1].stage != "code":
            return self._gate.go(LOGIN)
        return self._inside(request, "code", entered[0])

    async def check_code(self, request: Request, form: FormData, me: Signed, session: DeskSession) -> Response:
        """The second step."""
        self._tries.code(me.who.name)
        try:
            token = await self._gate.worker.run(
                lambda office: office.logins.code(me.token, session, _digits(form, "code"))
            )
        except Refused as refused:
            if refused.code == "totp_often":
                return await self._outside(request, "login", refused, "name")
            return self._inside(request, "code", me, await self._told(refused), "code", status_of(refused))
        return await self._tries.remember(self._gate.go(HOME, token), me.who.name)

    async def leave(self, request: Request, me: Signed, form: FormData) -> Response:
        """Log out: on the server too."""
        await self._gate.worker.run(lambda office: office.logins.leave(me.token, me.who))
        response = self._gate.go(f"{LOGIN}?done=left")
        self._gate.cookies.drop(response, SESSION)
        response.headers["Clear-Site-Data"] = CLEAR
        return response

    # ---- the first time ----

    async def first(self, request: Request) -> Response:
        """Where the one-time code is written."""
        return await self._outside(request, "first")

    async def redeem(self, request: Request) -> Response:
        """Use the one-time code."""
        form = await self._from_outside(request)
        if form is None:
            return self._gate.problem(request, "old_form", FORBIDDEN)
        self._tries.stranger(request)
        try:
            token = await self._gate.worker.run(lambda office: office.logins.redeem(_digits(form, "code")))
        except Refused as refused:
            return await self._outside(request, "first", refused, "code")
        return self._gate.go("/desk/setup", token)

    async def setup(self, request: Request) -> Response:
        """Where the password is chosen, and then the second factor set up."""
        entered = await self._gate.entered(request)
        if not entered or entered[1].stage != "setup":
            return self._gate.go(LOGIN)
        me, session = entered
        return self._setup(request, me, session)

    async def set_password(self, request: Request, form: FormData, me: Signed, session: DeskSession) -> Response:
        """Choose the password."""
        password, again = field(form, "password"), field(form, "again")
        try:
            await self._gate.worker.run(lambda office: office.logins.set_password(me.token, session, password, again))
        except Refused as refused:
            name = "again" if refused.code == "password_again" else "password"
            return self._setup(request, me, session, await self._told(refused), name, status_of(refused))
        return self._gate.go("/desk/setup")

    async def prove(self, request: Request, form: FormData, me: Signed, session: DeskSession) -> Response:
        """Show that the second factor works."""
        self._tries.code(me.who.name)
        try:
            token = await self._gate.worker.run(
                lambda office: office.logins.prove(me.token, session, _digits(form, "code"))
            )
        except Refused as refused:
            return self._setup(request, me, session, await self._told(refused), "code", status_of(refused))
        return await self._tries.remember(self._gate.go(f"{HOME}?done=set_up", token), me.who.name)

    # ---- the very first administrator ----

    async def begin(self, request: Request) -> Response:
        """Where the first administrator is named."""
        await self._check_first(request)
        return await self._outside(request, "begin")

    async def make_first(self, request: Request) -> Response:
        """Make the first administrator."""
        form = await self._from_outside(request)
        if form is None:
            return self._gate.problem(request, "old_form", FORBIDDEN)
        await self._check_first(request)
        name, region = _name(form), field(form, "region")
        try:
            token = await self._gate.worker.run(_first_admin, name, region)
        except Refused as refused:
            at = "name" if refused.code in ("bad_name", "name_taken") else "region"
            return await self._outside(request, "begin", refused, at, name=name, region=region)
        return self._gate.go("/desk/setup", token)

    async def _check_first(self, request: Request) -> None:
        self._tries.stranger(request)
        secret = await self._gate.worker.run(lambda office: office.logins.beginning())
        if secret is None or not same(request.path_params["token"], secret):
            raise HTTPException(NOT_FOUND)

    # ---- what they share ----

    async def _from_outside(self, request: Request) -> FormData | None:
        """The form of somebody who is not in; None where it is not of their browser."""
        form = await posted(request)
        _, csrf = await self._gate.outsider(request)
        return form if self._gate.token(request, DOOR) and same(field(form, "csrf"), csrf) else None

    async def _outside(
        self, request: Request, template: str, refused: Refused | None = None, at: str | None = None, **values: Any
    ) -> Response:
        token, csrf = await self._gate.outsider(request)
        errors = (Problem(await self._told(refused), at),) if refused else ()
        status = status_of(refused) if refused else 200
        shown: dict[str, Any] = {"name": "", "region": "", "over": False, "nobody": False, **values}
        title = self._pages.words[template]["title"]
        response = self._pages.page(request, template, status=status, title=title, csrf=csrf, errors=errors, **shown)
        self._gate.cookies.set_strict(response, DOOR, token)
        return response

    def _inside(
        self,
        request: Request,
        template: str,
        me: Signed,
        told: str = "",
        at: str = "",
        status: int = 200,
        **more: Any,
    ) -> Response:
        errors = (Problem(told, at),) if told else ()
        title = self._pages.words[template]["title"]
        return self._pages.page(
            request, template, status=status, title=title, csrf=me.csrf, errors=errors, name=me.who.name, **more
        )

    def _setup(
        self, request: Request, me: Signed, session: DeskSession, told: str = "", at: str = "", status: int = 200
    ) -> Response:
        prepared = prepared_of(session)
        if prepared.password is None:
            return self._inside(request, "password", me, told, at, status)
        issuer = self._pages.words["name"]
        spaced = " ".join(prepared.totp[start : start + 4] for start in range(0, len(prepared.totp), 4))
        address = totp_address(me.who.name, prepared.totp, issuer)
        picture = _qr(address)
        return self._inside(request, "totp", me, told, at, status, secret=spaced, address=address, picture=picture)

    async def _told(self, refused: Refused) -> str:
        return await self._gate.worker.run(lambda office: office.telling.refusal(refused))


def _first_admin(office: Office, name: str, region: str) -> str:
    return office.logins.first_admin(name, read_place(region, office.telling.names.gazetteer))


def _qr(address: str) -> str:
    """An address as a QR code: SVG, dark on light whatever the page's colours, with the margin that readers need."""
    return segno.make_qr(address, error="m").svg_inline(dark="#000", light="#fff", omitsize=True)


def _name(form: FormData) -> str:
    return unicodedata.normalize("NFKC", field(form, "name")).strip()[:LONGEST_NAME]


def _digits(form: FormData, name: str) -> str:
    """A code, however it is spaced."""
    return "".join(unicodedata.normalize("NFKC", field(form, name)).split()).replace("-", "")
