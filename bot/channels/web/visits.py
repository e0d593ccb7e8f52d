"""A visit to a page: whose browser it is, what its forms bring, and the page that goes back."""

from typing import Any

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web import talk
from bot.channels.web.cookies import SESSION, Cookies
from bot.channels.web.pages import Pages
from bot.channels.web.talk import View
from bot.service import Service
from bot.worker import Worker

SEE_OTHER, FORBIDDEN, UNPROCESSABLE = 303, 403, 422
MOST_FIELDS = 60


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a form, and the field (by its id) that it is about."""

    text: str
    field: str | None = None


class Visits:
    """Makes pages whose forms are the visitor's own."""

    def __init__(self, worker: Worker[Service], pages: Pages, cookies: Cookies) -> None:
        self._worker = worker
        self.pages = pages
        self.cookies = cookies

    async def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page that shows nothing of the talk."""
        view = await self._worker.run(talk.view, self.cookies.token(request), False)
        return self.response(request, view, template, status=status, **values)

    def response(self, request: Request, view: View, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page, and the cookie of a session that begins with it."""
        shown = {"csrf": view.csrf, **values}
        response = self.pages.page(template, self.cookies.view(request), request.url.path, status=status, **shown)
        if view.token != self.cookies.token(request):
            self.cookies.set(response, SESSION, view.token)
        return response


async def posted(request: Request) -> FormData:
    """The fields of a form; files are refused."""
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def field(form: FormData, name: str) -> str:
    """A field's text, empty where there is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
