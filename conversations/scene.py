"""One turn's material: the session as it stands, the time, and the materials."""

import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from conversations.dialogs.guided import GuidedDialog, load_guided
from conversations.forms.models import FactQuestion
from conversations.materials import Materials
from conversations.messages import Event, Reply, Turn
from conversations.registrations import Account
from conversations.session import Draft, Session
from conversations.whom import APPLICANT, EMPLOYERS, whom
from conversations.wording import Wording
from knowledge.eligibility import Verdict, judge_derived
from knowledge.facts.derivation import derive
from knowledge.facts.models import Facts

REGISTRATION = "registration"
"""The dialog that writes a registration."""


class Scene(msgspec.Struct, frozen=True, dict=True):
    """Where a talk stands; `events` are those of this turn so far."""

    materials: Materials
    session: Session
    at: datetime.datetime
    account: Account
    events: tuple[Event, ...] = ()

    def now(self, **changes: Any) -> "Scene":
        """The scene with its session changed."""
        return msgspec.structs.replace(self, session=msgspec.structs.replace(self.session, **changes))

    def emit(self, event: Event) -> "Scene":
        """The scene with one more event."""
        return msgspec.structs.replace(self, events=(*self.events, event))

    def say(self, key: str, **values: str) -> str:
        """A sentence; in its easy form, if it has one and that is wanted."""
        return self.wording(key, **values)

    @property
    def wording(self) -> Wording:
        """The sentences, in their easy-read forms if that is wanted."""
        return self.materials.say.simpler() if self.session.easy else self.materials.say

    def turn(self, replies: Iterable[Reply]) -> Turn:
        """The end of the turn."""
        return Turn(self.session, tuple(replies), self.events)

    @property
    def today(self) -> datetime.date:
        """The day of the turn."""
        return self.at.date()

    @property
    def dialog(self) -> GuidedDialog | None:
        """The guided dialog under way."""
        return load_guided().get(self.session.dialog or "")

    @property
    def form(self) -> Mapping[str, FactQuestion]:
        """The questions of the form under way, by fact; none where there is no form."""
        if self.session.dialog == REGISTRATION:
            return self.materials.registration.questions
        return self.materials.questions if self.dialog else {}

    @property
    def question(self) -> FactQuestion | None:
        """The form's question that stands."""
        return self.form.get(self.session.asked or "")

    @property
    def draft(self) -> Draft:
        """The registration that was begun; an empty one where none was."""
        return self.session.draft or Draft()

    @property
    def answers(self) -> Mapping[str, Any]:
        """What was said, of facts and of what only a registration asks for."""
        return {**self.session.facts, **self.draft.said}

    @functools.cached_property
    def facts(self) -> Facts:
        """What is known of the person: said, and following from it."""
        return derive(self.said, self.materials.catalogue.vocabulary).facts

    @property
    def said(self) -> Facts:
        """What was said; who says nothing of whom it is about speaks of themselves, as the dialog is meant."""
        facts = self.session.facts
        return {APPLICANT: self.dialog.applicants[0], **facts} if self.dialog else facts

    @property
    def settled(self) -> bool:
        """Whether a question stands to somebody of whom it is known that they speak for no relative."""
        asked = self.question is not None and self.session.asked != APPLICANT
        return asked and self.session.facts.get(APPLICANT) in ("self", *EMPLOYERS)

    @property
    def who(self) -> str:
        """How the person whom it is about is spoken of."""
        return whom(self.said, self.materials.say)

    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts on the programmes of the dialog under way, as far as is known now; there must be one."""
        assert self.dialog
        programmes = self.materials.programmes[self.dialog.id]
        return judge_derived(self.facts, programmes, self.materials.catalogue.vocabulary)
