"""A visit to a page: whose browser it is, what its forms bring, and the page that goes back."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web import talk
from bot.channels.web.cookies import SESSION, Cookies
from bot.channels.web.pages import Pages
from bot.channels.web.talk import View
from bot.service import Service
from bot.worker import Worker

SEE_OTHER, BAD_REQUEST, FORBIDDEN, UNPROCESSABLE = 303, 400, 403, 422
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 60
PAGES = {"/say": "/", "/continue/code": "/continue"}
"""The pages that stand at addresses where nothing can be got."""
Fields = list[tuple[str, str | UploadFile]]


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
        response = self.pages.page(
            template, self.cookies.view(request), page_of(request.url.path), status=status, **shown
        )
        if view.token != self.cookies.token(request):
            self.cookies.set(response, SESSION, view.token)
        return response


def page_of(path: str) -> str:
    """Where to get the page that stands at an address."""
    return PAGES.get(path, path)


async def posted(request: Request) -> FormData:
    """The fields of a form as our pages send it, which is without files.

    Raises:
        HTTPException: it is another kind, or has more fields.

    """
    if request.headers.get("content-type", FORM).partition(";")[0].strip().lower() != FORM:
        raise HTTPException(BAD_REQUEST)
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields: Fields = [*parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)]
    except ValueError:
        raise HTTPException(BAD_REQUEST) from None
    return FormData(fields)


def field(form: FormData, name: str) -> str:
    """A field's text, empty where there is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
