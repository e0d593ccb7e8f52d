"""The chat page's part of the talk: what is done in the worker's thread, with the service and its store."""

import contextlib
import datetime
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bot.channels.web.forgetting import CHANNEL, forget
from bot.service import Service
from bot.store.transcripts import Exchange, Said
from bot.store.web_sessions import SessionOver
from conversations.forms.asking import key
from conversations.messages import ForgetMessage, Incoming, Turn

MENU = "menu"
TOKEN_BYTES = 32
CODE_DIGITS = 10
ANSWER_SECONDS, NOTICE_SECONDS = 4, 60
"""How often an open page looks for a human's answer, and for news of a registration."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What a form brought: words, or the buttons chosen under the question `fact`.

    `nonce` is the form's own; `after` is the position of the last turn that the page shows.
    """

    nonce: str
    text: str = ""
    choice: tuple[str, ...] = ()
    fact: str | None = None
    after: int = 0


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A person's talk as it stands. `token` is the one to go on with: a new one where the old opens nothing any more.

    `ended`: that was so. `seconds` is what the last turn took. After `look_again` seconds the page looks whether the
    person was told something unasked; None where nothing is expected. `anew`: what the page shows is over.
    """

    token: str
    csrf: str
    exchanges: Sequence[Exchange] = ()
    ended: bool = False
    seconds: float = 0.0
    look_again: int | None = None
    anew: bool = False

    @property
    def turns(self) -> Sequence[Exchange]:
        """Those in which the person said something."""
        return [exchange for exchange in self.exchanges if not exchange.unasked]


class Bad(Exception):
    """The form is not of the session that the cookie names."""


def new_token() -> str:
    """A token for a new session: 256 random bits."""
    return secrets.token_hex(TOKEN_BYTES)


def view(service: Service, token: str | None, whole: bool = True) -> View:
    """What a token opens; with the talk, if the `whole` is wanted."""
    sessions, ended, person = service.store.web_sessions, False, None
    try:
        person = sessions.person(token, service.now()) if token else None
    except SessionOver:
        token, ended = None, True
    token = token or new_token()
    exchanges: Sequence[Exchange] = ()
    look_again = None
    if person and whole:
        sender = _sender(service, person)
        exchanges, look_again = service.store.transcripts.last(sender), _look_again(service, sender)
    return View(token=token, csrf=sessions.csrf(token), exchanges=exchanges, ended=ended, look_again=look_again)


def news(service: Service, token: str | None, after: int) -> View:
    """What the page of a token does not show yet; nothing where it opens nothing. It keeps no session alive."""
    sessions, person = service.store.web_sessions, None
    with contextlib.suppress(SessionOver):
        person = sessions.person(token, service.now(), touch=False) if token else None
    if not token or not person:
        return View(token="", csrf="")
    sender, transcripts = _sender(service, person), service.store.transcripts
    anew = transcripts.position(sender) < after
    exchanges = transcripts.last(sender, after=0 if anew else after)
    look_again = _look_again(service, sender)
    return View(token=token, csrf=sessions.csrf(token), exchanges=exchanges, look_again=look_again, anew=anew)


def _look_again(service: Service, sender: str) -> int | None:
    recipient = service.store.recipients.get(sender)
    if recipient is None:
        return None
    if service.store.handovers.open_of(sender):
        return ANSWER_SECONDS
    return NOTICE_SECONDS if recipient.notices else None


def last_result(service: Service, token: str) -> tuple[Sequence[Mapping[str, Any]], datetime.date] | None:
    """The verdicts of the last result that is still shown (of one programme, if there is no whole one), and its day."""
    exchanges = view(service, token).exchanges
    found = [reply["verdicts"] for exchange in exchanges for reply in exchange.replies if reply["verdicts"]]
    whole = [verdicts for verdicts in found if len(verdicts) > 1]
    return ((whole or found)[-1], service.now().date()) if found else None


def say(service: Service, token: str, csrf: str, spoken: Spoken, menu_word: str) -> View:
    """Hand over what was said; the turns that the page does not show yet.

    Raises:
        Bad: the form is of another session, or of one that is over; nothing was changed.
        StoreError: it cannot be kept; nothing was changed.

    """
    store, began = service.store, time.perf_counter()
    with store.writing():
        person = check(service, token, csrf) or store.web_sessions.begin(token, service.now())
        sender = _sender(service, person)
        content = msgspec.json.encode((spoken.text, spoken.choice, spoken.fact)).decode()
        message_id = store.web_sessions.message_id(token, spoken.nonce, content)
        label = _label(service, person, spoken, menu_word) if spoken.choice else spoken.text
        kept: list[Exchange] = []

        def keep(turn: Turn) -> None:
            forgotten = any(isinstance(event, ForgetMessage) for event in turn.events)
            many = any(reply.ask.many for reply in turn.replies if reply.ask)
            said = Said(None if forgotten else label, many)
            kept.append(Exchange(store.transcripts.add(sender, message_id, said), said, []))

        replies = service.handle(person, message_id, _incoming(spoken), CHANNEL, besides=keep)
        position = kept[0].position if kept else store.transcripts.position(sender, message_id)
        anew = position <= spoken.after
        if kept and position == spoken.after + 1:
            exchanges: Sequence[Exchange] = [msgspec.structs.replace(kept[0], replies=replies)]
        else:
            exchanges = store.transcripts.last(sender, after=0 if anew else spoken.after)
        look_again = _look_again(service, sender)
    seconds = time.perf_counter() - began
    return View(token=token, csrf=csrf, exchanges=exchanges, seconds=seconds, look_again=look_again, anew=anew)


def whose(service: Service, token: str) -> str:
    """The keyed hash of the person who goes on with a token."""
    return _sender(service, service.store.web_sessions.known_as(token))


def check(service: Service, token: str, csrf: str) -> str | None:
    """Whose talk a form is about, None for one that has not begun.

    Raises:
        Bad: the form is not of the session whose token came with it, or the session is over.

    """
    try:
        return _own(service, token, csrf)
    except SessionOver as error:
        raise Bad from error


def _own(service: Service, token: str, csrf: str) -> str | None:
    """As `check`, but raises SessionOver for a session that is over."""
    sessions = service.store.web_sessions
    if not secrets.compare_digest(sessions.csrf(token).encode(), csrf.encode("utf-8", "replace")):
        raise Bad
    return sessions.person(token, service.now())


def end(service: Service, token: str, csrf: str) -> None:
    """Forget the talk and the session; what was registered stays. A session that is over has nothing to forget.

    Raises:
        Bad: the form is of another session.

    """
    with contextlib.suppress(SessionOver), service.store.writing():
        person = _own(service, token, csrf)
        if person:
            _end(service, person)
        service.store.web_sessions.end(token)


def give_code(service: Service, token: str, csrf: str) -> str:
    """A code with which another device continues this session.

    Raises:
        Bad: the form is of another session.

    """
    check(service, token, csrf)
    now, sessions = service.now(), service.store.web_sessions
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    with service.store.writing():
        sessions.begin(token, now)
        sessions.give_code(token, code, now)
    return code


def gave(service: Service, token: str, code: str) -> bool:
    """Whether another device can still continue the session of `token` with `code`."""
    return service.store.web_sessions.gave(token, code, service.now())


def take_over(service: Service, token: str, csrf: str, code: str) -> str | None:
    """The new token of the session that `code` names; None where there is none. The talk of `token` is forgotten.

    Raises:
        Bad: the form is of another session.

    """
    now, sessions = service.now(), service.store.web_sessions
    fresh = new_token()
    with service.store.writing():
        before = check(service, token, csrf)
        person = sessions.take_over(code, fresh, now)
        if person is None:
            return None
        if before and before != person:
            _end(service, before)
        sessions.end(token)
    return fresh


def _end(service: Service, person: str) -> None:
    """Forget a talk whose person wants it so."""
    forget(service.store, person, service.now())
    service.store.turns.end(_sender(service, person), service.now())


def _sender(service: Service, person: str) -> str:
    return service.store.sender(CHANNEL, person)


def _incoming(spoken: Spoken) -> Incoming:
    if not spoken.choice:
        return Incoming(text=spoken.text)
    choice = spoken.choice if len(spoken.choice) > 1 else spoken.choice[0]
    return Incoming(choice=choice, fact=spoken.fact)


def _label(service: Service, person: str, spoken: Spoken, menu_word: str) -> str:
    """A button's words, as the page showed them; several as one list."""
    before = service.store.transcripts.last_turn(_sender(service, person))
    shown = before.replies if before else []
    if not before and spoken.fact == MENU:
        # The first page shows the menu before anything is said; the talk comes to know of it now.
        shown = service.handle(person, MENU, Incoming(text=menu_word), CHANNEL)
    options = [option for reply in shown if reply["ask"] for option in reply["ask"]["options"]]
    labels = {key(option["value"]): str(option["label"]) for option in options}
    return "、".join(labels.get(value, value) for value in spoken.choice)
