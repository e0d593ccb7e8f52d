"""What is remembered of a talk: plain, versioned data."""

from collections.abc import Callable, Container, Mapping
from typing import Any

import msgspec

from knowledge.facts.models import FactValue

VERSION = 2


def _with_draft(plain: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew no registrations."""
    return {**plain, "version": 2, "draft": None}


MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _with_draft}
"""From a version to the next: a function from one's plain form to the other's."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A registration being written.

    `said` are the answers that only a registration asks for, by their questions; `skipped` what was asked and not
    said, `trail` what was asked so far. `changing`: one answer is being changed, all others stand. `receipt` is that of
    the registration that this will replace, None for a new one.
    """

    said: dict[str, FactValue] = {}
    skipped: tuple[str, ...] = ()
    trail: tuple[str, ...] = ()
    changing: bool = False
    receipt: str | None = None

    def of_another(self) -> "Draft":
        """The draft when it turns out to be about somebody else: the consents stay, who speaks gave them."""
        return Draft(said={name: value for name, value in self.said.items() if name.startswith("consent_")})

    def known_to(self, questions: Container[str]) -> "Draft":
        """The draft without the answers to questions that are not asked any more."""
        return msgspec.structs.replace(
            self,
            said={name: value for name, value in self.said.items() if name.removesuffix("_words") in questions},
            skipped=tuple(name for name in self.skipped if name in questions),
            trail=tuple(name for name in self.trail if name in questions),
        )


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person's talk.

    `facts` is what they said; `dont_know` what they were asked and could not say. `dialog` is the dialog under way,
    `asked` the fact (or "menu") that the last question was about, `trail` the facts asked in this dialog so far.
    `wrong` counts answers in a row that were not understood. `results` are the programmes of the last result, by the
    numbers that they were shown with; `shown` is the clause or programme that was just told whole, `question` what was
    just asked, which is answered anew when the place is told. `draft` is a
    registration that was begun. `human`: the next message is a question to a caseworker. `last` is what was last said,
    `at` when (ISO 8601).
    """

    version: int = VERSION
    facts: dict[str, FactValue] = {}
    dont_know: tuple[str, ...] = ()
    dialog: str | None = None
    asked: str | None = None
    trail: tuple[str, ...] = ()
    wrong: int = 0
    easy: bool = False
    results: tuple[str, ...] = ()
    shown: str | None = None
    question: str | None = None
    draft: Draft | None = None
    human: bool = False
    last: tuple[str, ...] = ()
    at: str | None = None


class UnusableSession(ValueError):
    """Stored data that is no session of a version that is known."""


class NewerSession(Exception):
    """A session of a later version than this one's: one that knows it must go on with it, so that nothing is lost."""


def dump_session(session: Session) -> bytes:
    """`session` as JSON."""
    return msgspec.json.encode(session)


def load_session(data: bytes) -> Session:
    """The session in `data`, brought to the present version.

    Raises:
        UnusableSession: it is damaged, or of a version that is not known.
        NewerSession: a newer version has written it.

    """
    try:
        plain = msgspec.json.decode(data, type=dict[str, Any])
        while (version := plain.get("version")) != VERSION:
            if isinstance(version, int) and version > VERSION:
                raise NewerSession(f"version {version}")
            if not isinstance(version, int) or version not in MIGRATIONS:
                raise UnusableSession(f"version {version!r} is not known")
            plain = MIGRATIONS[version](plain)
        return msgspec.convert(plain, Session)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UnusableSession(str(error)) from error
