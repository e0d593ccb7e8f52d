"""The desk's pages from their templates."""

import functools
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.channels.web.cookies import Cookies
from bot.channels.web.pages import Static, templates
from bot.desk.models import Caseworker
from bot.desk.names import load_names
from bot.desk.permissions import ALLOWED, NATION
from bot.desk.wording import load_words

KEYS, OFF = "desk-keys", "off"
"""The cookie with which keyboard shortcuts are turned off."""
STATIC = "/desk/static"
SHARED = "bot.channels.web"
"""Whose style and parts of pages the desk has too."""


class Signed(msgspec.Struct, frozen=True):
    """Whose page it is: the caseworker, their session's token, and what its forms bring back."""

    who: Caseworker
    token: str
    csrf: str

    def may(self, operation: str) -> bool:
        """Whether the role may do this."""
        return operation in ALLOWED[self.who.role]

    @property
    def sees_log(self) -> bool:
        """Whether the access log is theirs to see."""
        return self.may("access_log") and self.who.region == NATION


class Pages:
    """The templates, with the wording as `w`."""

    def __init__(self, cookies: Cookies) -> None:
        self.words = load_web_words()
        self.static = Static(STATIC, (SHARED, __package__))
        self._cookies = cookies
        self._environment = templates(__package__, SHARED)
        names = load_names()
        self._environment.globals.update(
            w=self.words,
            terms=names.terms,
            place=lambda code: self.words["nation"] if code == NATION else names.place(code),
            static=self.static.names,
        )

    def text(self, template: str, **values: Any) -> str:
        """A template filled in."""
        return self._environment.get_template(f"{template}.html").render(**values)

    def page(
        self, request: Request, template: str, me: Signed | None = None, *, status: int = 200, **values: Any
    ) -> Response:
        """A whole page. `done` names what was just done, where something was."""
        shown = {
            "me": me,
            "csrf": me.csrf if me else None,
            "view": self._cookies.view(request),
            "keys": self._cookies.get(request, KEYS) != OFF,
            "path": request.url.path,
            "errors": (),
            "done": self.words["done"].get(request.query_params.get("done", "")),
        }
        return HTMLResponse(self.text(template, **{**shown, **values}), status)


@functools.cache
def load_web_words() -> Mapping[str, Any]:
    """The wording of the pages.

    Raises:
        BadKnowledge: it is no mapping.

    """
    words: dict[str, Any] = load_words("web", dict[str, Any])
    return words
