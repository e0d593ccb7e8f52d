"""The pages that are the same for everybody: programmes, documents, sources, about."""

import datetime
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.pages import NOT_FOUND
from bot.channels.web.reference import Reference
from bot.channels.web.visits import Visits


class Texts:
    """The handlers. `now` tells which documents are in force."""

    def __init__(self, visits: Visits, reference: Reference, now: Callable[[], datetime.datetime]) -> None:
        self._visits = visits
        self._words = visits.pages.words
        self._reference = reference
        self._now = now

    async def programme(self, request: Request) -> Response:
        """One programme."""
        reference = self._reference
        programme = reference.programmes.get(request.path_params["id"])
        if not programme:
            raise HTTPException(NOT_FOUND)
        card = reference.card(programme)
        return await self._visits.page(
            request,
            "programme",
            title=programme.entry.name,
            entry=programme.entry,
            notices=reference.notices([programme], self._now().date()),
            places=self._words["separator"].join(reference.place(code) for code in programme.regions),
            label=card.label,
            criteria=reference.criteria(programme),
            source=programme.source,
            anchor=reference.anchor(programme),
        )

    async def document(self, request: Request) -> Response:
        """One document, whole."""
        reference = self._reference
        document = reference.documents.get(request.path_params["id"])
        if not document:
            raise HTTPException(NOT_FOUND)
        return await self._visits.page(
            request,
            "document",
            title=document.card.short_title,
            one=reference.held(document, self._now().date()),
            programmes=reference.of_document(document),
            parts=reference.parts(document),
        )

    async def sources(self, request: Request) -> Response:
        """All documents, and what is in force."""
        today = self._now().date()
        documents = [self._reference.held(document, today) for document in self._reference.documents.values()]
        return await self._visits.page(request, "sources", title=self._words["documents"]["title"], documents=documents)

    async def about(self, request: Request) -> Response:
        """Who we are, what happens to data, how accessible we are."""
        return await self._visits.page(request, "about", title=self._words["about"]["title"])
