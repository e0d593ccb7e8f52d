"""The cookies: who continues which talk, how the pages are to look, and the code that is being copied from them."""

import re

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.talk import TOKEN_BYTES

SESSION, VIEW, CODE = "session", "view", "code"
VIEWS = ("large", "contrast")
"""How the pages can be made to look."""
LONGEST_SECONDS = 180 * 24 * 3600
TOKEN = re.compile(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}")


class Cookies:
    """Sets and reads them. Under https their names begin with `__Host-`: no other host can have set them."""

    def __init__(self, https: bool) -> None:
        self._https = https

    def full(self, name: str) -> str:
        """A cookie's whole name."""
        return f"__Host-{name}" if self._https else f"zhuye-{name}"

    def get(self, request: Request, name: str) -> str:
        """A cookie's value, empty where there is none."""
        return request.cookies.get(self.full(name), "")

    def token(self, request: Request) -> str | None:
        """The session's token, if the browser has one of the right form."""
        value = self.get(request, SESSION)
        return value if TOKEN.fullmatch(value) else None

    def view(self, request: Request) -> tuple[str, ...]:
        """Which of VIEWS the person wants."""
        kept = self.get(request, VIEW).split("-")
        return tuple(name for name in VIEWS if name in kept)

    def set(self, response: Response, name: str, value: str) -> None:
        """Have the browser keep it."""
        response.set_cookie(
            self.full(name), value, LONGEST_SECONDS, path="/", secure=self._https, httponly=True, samesite="lax"
        )

    def set_strict(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Have the browser keep it (until it is closed, if no longer), and send it only with what our pages ask for."""
        response.set_cookie(
            self.full(name), value, seconds, path="/", secure=self._https, httponly=True, samesite="strict"
        )

    def drop(self, response: Response, name: str) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self.full(name), path="/", secure=self._https, httponly=True, samesite="lax")
