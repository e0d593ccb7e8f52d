"""What a person does with their own talk: see its result, continue it elsewhere, end it, change how pages look."""

import re
import unicodedata

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web import talk
from bot.channels.web.cookies import CODE, SESSION, VIEW, VIEWS
from bot.channels.web.limits import Gate
from bot.channels.web.reference import Reference
from bot.channels.web.talk import CODE_DIGITS, Bad
from bot.channels.web.visits import FORBIDDEN, SEE_OTHER, UNPROCESSABLE, Problem, Visits, field, page_of, posted
from bot.service import Service
from bot.store.web_sessions import CODE_LIFE
from bot.worker import Worker

CLEAR = '"cache", "storage"'
"""What a browser is told to throw away; the cookies are ended one by one, as not every browser knows this."""
LONGEST_TYPED = 40
OWN_PAGE = re.compile(r"/([a-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9-]+)?)?")


class Own:
    """The handlers."""

    def __init__(self, worker: Worker[Service], visits: Visits, reference: Reference, gate: Gate) -> None:
        self._worker = worker
        self._visits = visits
        self._cookies = visits.cookies
        self._words = visits.pages.words
        self._old_page = Problem(self._words["errors"]["old_page"])
        self._reference = reference
        self._gate = gate

    async def result(self, request: Request) -> Response:
        """The last result, to be printed."""
        token = self._cookies.token(request)
        found = await self._worker.run(talk.last_result, token) if token else None
        words = self._words["result"]
        verdicts, day = found if found else ((), None)
        return await self._visits.page(
            request,
            "result",
            title=words["title"],
            groups=self._reference.groups(verdicts),
            notices=self._reference.notices(self._reference.told(verdicts), day) if day else (),
            about=words["about"].format(day=self._reference.day(day)) if day else "",
        )

    async def continue_(self, request: Request) -> Response:
        """How to go on with another device; the code that was given for it stays while it can be used."""
        token, code = self._cookies.token(request), self._cookies.get(request, CODE)
        gave = await self._worker.run(talk.gave, token, code) if token and code else False
        return await self._form(request, "continue", code=code if gave else None)

    async def give_code(self, request: Request) -> Response:
        """A code for another device."""
        self._gate.admit(request)
        form = await posted(request)
        try:
            code = await self._worker.run(talk.give_code, self._cookies.token(request) or "", field(form, "csrf"))
        except Bad:
            return await self._form(request, "continue", self._old_page, FORBIDDEN)
        response = RedirectResponse("/continue", SEE_OTHER)
        self._cookies.set_strict(response, CODE, code, int(CODE_LIFE.total_seconds()))
        return response

    async def take_over(self, request: Request) -> Response:
        """Go on with what was begun on another device."""
        self._gate.admit(request)
        form = await posted(request)
        typed = field(form, "code")[:LONGEST_TYPED]
        code = "".join(unicodedata.normalize("NFKC", typed).split()).replace("-", "")
        words = self._words["errors"]
        if not (code.isascii() and code.isdigit() and len(code) == CODE_DIGITS):
            problem = Problem(words["code_form"], "code")
            return await self._form(request, "continue", problem, UNPROCESSABLE, draft=typed)
        self._gate.admit_code(request)
        token = self._cookies.token(request) or ""
        try:
            fresh = await self._worker.run(talk.take_over, token, field(form, "csrf"), code)
        except Bad:
            return await self._form(request, "continue", self._old_page, FORBIDDEN, draft=typed)
        if not fresh:
            problem = Problem(words["code_wrong"], "code")
            return await self._form(request, "continue", problem, UNPROCESSABLE, draft=typed)
        response = RedirectResponse("/#last", SEE_OTHER)
        self._cookies.set(response, SESSION, fresh)
        return response

    async def ask_end(self, request: Request) -> Response:
        """Whether to end."""
        return await self._form(request, "end")

    async def end(self, request: Request) -> Response:
        """End, and leave nothing on this device."""
        form = await posted(request)
        try:
            await self._worker.run(talk.end, self._cookies.token(request) or "", field(form, "csrf"))
        except Bad:
            return await self._form(request, "end", self._old_page, FORBIDDEN)
        response = RedirectResponse("/ended", SEE_OTHER, headers={"Clear-Site-Data": CLEAR})
        for name in (SESSION, VIEW, CODE):
            self._cookies.drop(response, name)
        return response

    async def ended(self, request: Request) -> Response:
        """That it is ended."""
        return await self._visits.page(request, "ended", title=self._words["end"]["done_title"])

    async def look(self, request: Request) -> Response:
        """Make the pages look otherwise; back to the page that it was asked on."""
        form = await posted(request)
        token, csrf = self._cookies.token(request) or "", field(form, "csrf")
        back = page_of(field(form, "back"))
        response = RedirectResponse(back if OWN_PAGE.fullmatch(back) else "/", SEE_OTHER)
        try:
            await self._worker.run(talk.check, token, csrf)
        except Bad:
            return response
        change = field(form, "change")
        wanted = {*self._cookies.view(request)} ^ ({change} & {*VIEWS})
        self._cookies.set(response, VIEW, "-".join(name for name in VIEWS if name in wanted))
        return response

    async def _form(
        self,
        request: Request,
        template: str,
        problem: Problem | None = None,
        status: int = 200,
        draft: str = "",
        code: str | None = None,
    ) -> Response:
        title = self._words[template]["title"]
        return await self._visits.page(
            request, template, status=status, title=title, error=problem, draft=draft, code=code
        )
