"""The chat page: the talk as it stands, and what is said."""

import functools
import secrets
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.metrics import Metrics
from bot.channels.together import Together
from bot.channels.web import talk
from bot.channels.web.forgetting import CHANNEL
from bot.channels.web.limits import Crowded, Gate
from bot.channels.web.reference import Link, Reference
from bot.channels.web.talk import Bad, Spoken, View
from bot.channels.web.visits import FORBIDDEN, SEE_OTHER, UNPROCESSABLE, Problem, Visits, field, posted
from bot.service import Service
from bot.worker import Worker

LONGEST_TEXT = 4000
LONGEST_NONCE = 64
MOST_CHOICES = 40
NONCE_BYTES = 16


class Chat:
    """The handlers of `/` and `/say`."""

    def __init__(
        self, worker: Worker[Service], visits: Visits, reference: Reference, metrics: Metrics, gate: Gate
    ) -> None:
        self._worker = worker
        self._visits = visits
        self._words = visits.pages.words
        self._reference = reference
        self._metrics = metrics
        self._gate = gate
        self._together = Together(worker)

    async def show(self, request: Request) -> Response:
        """The page."""
        return await self._page(request)

    async def say(self, request: Request) -> Response:
        """What was said: the new turns alone if the script asks for a part, else the page anew."""
        form = await posted(request)
        request.state.said = form
        self._gate.admit(request)
        token, spoken = self._visits.cookies.token(request) or "", _spoken(form)
        if problem := self._wrong(form, spoken):
            return await self._page(request, problem, spoken.text, UNPROCESSABLE)
        if self._together.crowded:
            raise Crowded
        whose = functools.partial(talk.whose, token=token)
        try:
            said = await self._together.run_for(
                whose, talk.say, token, field(form, "csrf"), spoken, self._words["menu_word"]
            )
        except Bad:
            words = self._words["errors"]
            problem = Problem(words["old_form_choice"]) if spoken.choice else Problem(words["old_form"], "text")
            return await self._page(request, problem, spoken.text, FORBIDDEN)
        self._metrics.turns.labels(CHANNEL).inc()
        self._metrics.turn_seconds.labels(CHANNEL).observe(said.seconds)
        if field(form, "part"):
            return HTMLResponse(self._visits.pages.text("part", **self._talk_values(said)))
        return RedirectResponse("/#last", SEE_OTHER)

    async def news(self, request: Request) -> Response:
        """What the page does not show yet, as a part of it: what the person was told, or said on another page."""
        after = _number(request.query_params.get("after", ""))
        view = await self._worker.run(talk.news, self._visits.cookies.token(request), after)
        return HTMLResponse(self._visits.pages.text("part", **self._talk_values(view)))

    def _wrong(self, form: FormData, spoken: Spoken) -> Problem | None:
        words = self._words["errors"]
        if len(spoken.text) > LONGEST_TEXT:
            return Problem(words["too_long"].format(count=len(spoken.text), most=LONGEST_TEXT), "text")
        if field(form, "many") and not spoken.choice:
            return Problem(words["nothing_chosen"], "options-title")
        return None

    async def _page(
        self, request: Request, problem: Problem | None = None, draft: str = "", status: int = 200
    ) -> Response:
        view = await self._worker.run(talk.view, self._visits.cookies.token(request))
        return self._visits.response(
            request,
            view,
            "chat",
            status=status,
            title=self._words["chat"]["title"],
            error=problem,
            draft=draft,
            ended=view.ended,
            **self._talk_values(view),
        )

    def _talk_values(self, view: View) -> dict[str, Any]:
        exchanges, turns = view.exchanges, view.turns
        asks = [reply["ask"] for reply in turns[-1].replies if reply["ask"]] if turns else [self._reference.menu]
        return {
            "csrf": view.csrf,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "exchanges": exchanges,
            "whole": not exchanges or exchanges[0].position == 1,
            "welcome": self._reference.welcome,
            "ask": asks[-1] if asks else None,
            "many": bool(turns) and turns[-1].said.many,
            "answered": bool(turns),
            "look_again": view.look_again,
            "anew": view.anew,
            "links": self._links,
        }

    def _links(self, reply: dict[str, Any]) -> Sequence[Link]:
        return self._reference.links(reply)


def _spoken(form: FormData) -> Spoken:
    choice = tuple(value for value in form.getlist("choice") if isinstance(value, str))[:MOST_CHOICES]
    return Spoken(
        nonce=field(form, "message_id")[:LONGEST_NONCE],
        text=field(form, "text").replace("\r\n", "\n"),
        choice=choice,
        fact=field(form, "fact") or None,
        after=_number(field(form, "after")),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
