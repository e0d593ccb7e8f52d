"""Who may come in: every page and every form of the desk goes through here."""

import functools
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.cookies import TOKEN, Cookies
from bot.channels.web.visits import field, posted
from bot.desk.permissions import Refused
from bot.desk.refusals import status_of
from bot.desk.web.office import Office, OfficeWorker
from bot.desk.web.pages import Pages, Signed
from bot.store.desk_sessions import TOKEN_BYTES, DeskSession, Stage

logger = logging.getLogger(__name__)
SESSION, DOOR = "desk", "desk-door"
"""The cookies of a session, and of somebody who is not in: a browser that comes from another site's page sends neither,
and is given a new DOOR then, which must not cost it the session that it has."""
LOGIN, HOME = "/desk/login", "/desk/"
SEE_OTHER, UNAUTHORISED, FORBIDDEN = 303, 401, 403
Endpoint = Callable[[Request], Awaitable[Response]]
Shown = Callable[[Request, Signed], Awaitable[Response]]
Sent = Callable[[Request, Signed, FormData], Awaitable[Response]]
Entered = Callable[[Request, FormData, Signed, DeskSession], Awaitable[Response]]


class Gate:
    """Wraps handlers, so that none is reached by whom it is not for."""

    def __init__(self, worker: OfficeWorker, pages: Pages, cookies: Cookies) -> None:
        self.worker = worker
        self.pages = pages
        self.cookies = cookies

    def page(self, handler: Shown, *, touch: bool = True) -> Endpoint:
        """A page of whoever is in. What only looks for news (`touch` is not set) does not keep a session alive."""

        @functools.wraps(handler)
        async def answer(request: Request) -> Response:
            entered = await self.worker.run(_entered, self.token(request), touch=touch)
            if not entered or entered[1].stage != "in":
                return self.out(request)
            return await self._tried(request, entered[0], handler(request, entered[0]))

        return answer

    def form(self, handler: Sent) -> Endpoint:
        """A form of whoever is in, of their own session."""

        async def within(request: Request, form: FormData, me: Signed, session: DeskSession) -> Response:
            return await handler(request, me, form)

        return self.step("in", within)

    def step(self, stage: Stage, handler: Entered) -> Endpoint:
        """A form of whoever is that far in getting in."""

        @functools.wraps(handler)
        async def answer(request: Request) -> Response:
            form = await posted(request)
            request.state.said = form
            entered = await self.worker.run(_entered, self.token(request), touch=True)
            if not entered or entered[1].stage != stage:
                return self.out(request)
            me, session = entered
            if not same(field(form, "csrf"), me.csrf):
                return self.problem(request, "old_form", FORBIDDEN)
            return await self._tried(request, me, handler(request, form, me, session))

        return answer

    async def entered(self, request: Request) -> tuple[Signed, DeskSession] | None:
        """Whose session it is, and how far it is."""
        return await self.worker.run(_entered, self.token(request), touch=True)

    async def outsider(self, request: Request) -> tuple[str, str]:
        """The token of somebody who is not in (a new one where they have none), and what their forms bring back."""
        token = self.token(request, DOOR) or secrets.token_hex(TOKEN_BYTES)
        return token, await self.worker.run(_csrf, token)

    def token(self, request: Request, name: str = SESSION) -> str:
        """The token in a cookie, empty where there is none of the right form."""
        value = self.cookies.get(request, name)
        return value if TOKEN.fullmatch(value) else ""

    def go(self, address: str, token: str | None = None) -> Response:
        """Go on to another page, with a new session if there is one."""
        response = RedirectResponse(address, SEE_OTHER)
        if token:
            self.cookies.set_strict(response, SESSION, token)
        return response

    def out(self, request: Request) -> Response:
        """To the login; a form says that it was not taken, and gives back what was written."""
        if request.method != "GET":
            return self.problem(request, "out", UNAUTHORISED)
        if "fragment" in request.headers:
            return Response(status_code=UNAUTHORISED)
        return self.go(f"{LOGIN}?over=1" if self.token(request) else LOGIN)

    def problem(self, request: Request, key: str, status: int, **values: object) -> Response:
        """A page that says what is wrong."""
        form = getattr(request.state, "said", None)
        words = self.pages.words["problems"][key]
        kept = [text for name in ("text", "reason") if form and (text := field(form, name))]
        text = words["text"].format(**values)
        return self.pages.page(request, "problem", status=status, title=words["title"], text=text, kept=kept)

    async def _tried(self, request: Request, me: Signed, answer: Awaitable[Response]) -> Response:
        """What was refused and is not told on the page itself gets a page of its own."""
        try:
            return await answer
        except Refused as refused:
            told = await self.worker.run(_told, refused)
            title = self.pages.words["problems"]["refused"]["title"]
            status = status_of(refused)
            return self.pages.page(request, "problem", me, status=status, title=title, text=told, kept=[])


def same(given: str, expected: str) -> bool:
    """Whether two secrets are the same, without telling how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _entered(office: Office, token: str, *, touch: bool) -> tuple[Signed, DeskSession] | None:
    session = office.logins.session(token, touch=touch) if token else None
    return (Signed(session.who, token, _csrf(office, token)), session) if session else None


def _csrf(office: Office, token: str) -> str:
    return office.store.desk_sessions.csrf(token)


def _told(office: Office, refused: Refused) -> str:
    return office.telling.refusal(refused)
