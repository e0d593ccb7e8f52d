"""What a person must have been told: their messages through the engine again, in the order in which they were kept.

The engine is pure, so whatever another person said, and whatever was lost or done twice, shows as a difference.
"""

import datetime
from collections.abc import Mapping, Sequence

import msgspec

from bot.settings import CHINA
from conversations.engine import advance
from conversations.forms.asking import key
from conversations.materials import Materials
from conversations.messages import Erased, ForgetMessage, Reply
from conversations.registrations import OwnRegistration
from conversations.scene import Scene
from conversations.session import Session, dump_session
from knowledge.eligibility import judge
from tests.conversations.records import Records
from tests.faults.scripts import Line, incoming_of
from tests.faults.stories import ToldTurn


class KeptTurn(msgspec.Struct, frozen=True):
    """A message and what the store has of its turn: when it was, and its replies in the contract's form.

    `receipt` is the number of the registration that was made in it, as far as it is still known.
    """

    message: int
    line: Line
    at: datetime.datetime
    replies: Sequence[Mapping[str, object]]
    receipt: str | None


class Replayed(msgspec.Struct, frozen=True):
    """What a turn must come to. `epoch` counts how often everything was forgotten before its end."""

    message: int
    epoch: int
    shown: ToldTurn
    replies: Sequence[Reply]
    verdicts: Mapping[str, str]
    """What `zhuye check` says with the facts that are known after it, where the turn tells verdicts."""


class Replay(msgspec.Struct, frozen=True):
    """A whole talk, and the registrations that it must have left."""

    turns: Sequence[Replayed]
    registrations: Sequence[OwnRegistration]


def replay(kept: Sequence[KeptTurn], materials: Materials, forgotten: str) -> Replay:
    """The talk again. `forgotten` stands for words that were not to be kept."""
    session: Session | bytes = Session()
    records, turns = Records(), list[Replayed]()
    epoch = position = 0
    before: Sequence[Reply] = ()
    for each in kept:
        at = each.at.astimezone(CHINA)
        records.receipt = each.receipt or records.receipt
        turn = advance(session, incoming_of(each.line), at, materials, records.account)
        records.apply(turn.events, at.date())
        label = _label(each.line, before)
        if any(isinstance(event, Erased) for event in turn.events):
            epoch, position = epoch + 1, 0
        position += 1
        words = forgotten if any(isinstance(event, ForgetMessage) for event in turn.events) else label
        shown = ToldTurn(position, words, tuple(reply.text for reply in turn.replies))
        tells = any(reply.verdicts for reply in turn.replies)
        # Whom it is about is what the dialog takes it to be, where nobody said so.
        verdicts = checked(Scene(materials, turn.session, at, records.account).said, materials) if tells else {}
        turns.append(Replayed(each.message, epoch, shown, turn.replies, verdicts))
        session, before = dump_session(turn.session), turn.replies
    return Replay(turns, records.account.registrations)


def checked(facts: Mapping[str, object], materials: Materials) -> dict[str, str]:
    """The verdicts of `zhuye check`."""
    catalogue = materials.catalogue
    found = judge(facts, catalogue.programmes, catalogue.vocabulary)  # type: ignore[arg-type]
    return {verdict.programme.id: verdict.verdict for verdict in found}


def _label(line: Line, before: Sequence[Reply]) -> str:
    """How the page shows what was said."""
    options = [option for reply in before if reply.ask for option in reply.ask.options]
    labels = {key(option.value): option.label for option in options}
    return "、".join(labels.get(value, value) for value in line.choice) if line.choice else line.text
