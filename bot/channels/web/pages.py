"""Pages from their templates, and the files that go with them. All that is read is packaged with this module."""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conversations.forms.asking import key
from knowledge.corpus.folders import load_yaml

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"
HASH_LETTERS = 10
NOT_FOUND = 404


class Static:
    """The style, the script and the icon, under names that change when they do, so that they are kept for ever."""

    def __init__(self, address: str = "/static", packages: Sequence[str] = (__package__,)) -> None:
        self.names: dict[str, str] = {}
        self._files: dict[str, tuple[bytes, str]] = {}
        found = [file for package in packages for file in (files(package) / "static").iterdir()]
        for file in sorted(found, key=lambda file: file.name):
            stem, _, kind = file.name.rpartition(".")
            content = file.read_bytes()
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:HASH_LETTERS]}.{kind}"
            self.names[file.name] = f"{address}/{name}"
            self._files[name] = (content, TYPES[kind])

    async def show(self, request: Request) -> Response:
        """One of them."""
        found = self._files.get(request.path_params["name"])
        if not found:
            raise HTTPException(NOT_FOUND)
        content, kind = found
        return Response(content, headers={"Content-Type": kind, "Cache-Control": FOREVER})


class Pages:
    """The templates, with the wording as `w`."""

    def __init__(self) -> None:
        self.words = load_words()
        self.static = Static()
        self._environment = templates(__package__)
        self._environment.filters["key"] = key
        self._environment.globals.update(w=self.words, static=self.static.names)

    def text(self, template: str, **values: Any) -> str:
        """A template filled in."""
        return self._environment.get_template(f"{template}.html").render(**values)

    def page(self, template: str, view: Sequence[str], path: str, *, status: int = 200, **values: Any) -> Response:
        """A whole page as it is wanted (`view`, of VIEWS), at `path`."""
        return HTMLResponse(
            self.text(template, **{"view": view, "path": path, "error": None, "csrf": None, **values}), status
        )


def templates(*packages: str) -> jinja2.Environment:
    """The templates of some packages, those of the first before those of the next."""
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in packages]),
        autoescape=True,
        auto_reload=False,  # packaged with the code, they change no more than it does
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def load_words() -> Mapping[str, Any]:
    """The wording.

    Raises:
        BadKnowledge: it is no mapping.

    """
    words: dict[str, Any] = load_yaml(files(__package__) / "wording.yaml", "channels/web/wording.yaml", dict[str, Any])
    return words
