"""What people were told, compared with what the store holds and with what they must have been told."""

import datetime
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from benchmarks.dialogs import in_full
from benchmarks.households import Household, load_households
from bot.channels.web.pages import load_words
from bot.store.store import Store
from conversations.dialogs.guided import load_guided
from conversations.materials import Materials
from tests.faults.kept import Kept, kept_of, senders
from tests.faults.replaying import KeptTurn, Replay, Replayed, replay
from tests.faults.scripts import MARK, OWN_PHONE
from tests.faults.stories import Story, ToldTurn

What = Literal[
    "unanswered", "lost", "twice", "order", "other words", "mixed", "registration", "verdict", "process", "nobody's"
]
"""In order: a message without an answer; an answer whose turn is not kept; a turn that is there twice; turns out of
order; another answer than the one due; something of another person; a registration that is missing, double or
different; another verdict than that of `zhuye check`; a process that ended by itself; what is kept of nobody."""
RECEIPT = re.compile(r"(?<!\d)\d{3} \d{3} \d{3}(?!\d)")
GAP = re.compile(r"(?<=\d) (?=\d)")


class Finding(msgspec.Struct, frozen=True):
    """Something wrong; `person` is whose (-1: no one's in particular)."""

    what: What
    person: int
    details: str


class Checker:
    """Checks the stories of a run that `began` then."""

    def __init__(self, store: Store, materials: Materials, began: datetime.datetime) -> None:
        self._store = store
        self._materials = materials
        self._began = began
        self._forgotten = str(load_words()["chat"]["forgotten"])
        self._households = {household.id: household for household in load_households()}
        self.verdicts = 0
        self.registrations = 0

    def check(self, stories: Iterable[Story]) -> Iterator[Finding]:
        """All that is wrong, with anyone and altogether."""
        known = {"sessions": 0, "registrations": 0}
        for story in stories:
            kept = kept_of(self._store, story, self._began)
            known["sessions"] += bool(kept)
            known["registrations"] += bool(kept and kept.registrations)
            yield from self.one(story, kept)
        for table, count in {**known, "turns": known["sessions"], "transcripts": known["sessions"]}.items():
            if (found := senders(self._store, table)) != count:
                yield Finding("nobody's", -1, f"{table} are kept of {found} people, of whom {count} took part")

    def one(self, story: Story, kept: Kept | None) -> Iterator[Finding]:
        """What is wrong with one person."""
        for what, details in self._all(story, kept):
            yield Finding(what, story.number, f"{story.script}: {details}")

    def _all(self, story: Story, kept: Kept | None) -> Iterator[tuple[What, str]]:
        for problem in story.problems:
            yield "unanswered", problem
        for number, sent in enumerate(story.sent):
            if sent.answered is None:
                yield "unanswered", f"message {number} after {sent.tries} tries"
        yield from _markers(story)
        if kept is None:
            if story.answers:
                yield "lost", "nothing is kept"
            return
        if lost := {answer.message for answer in story.answers} - set(kept.turns):
            yield "lost", f"messages {sorted(lost)} were answered, their turns are not kept"
            return
        yield from _counts(kept)
        yield from _one_after_the_other(story, kept)
        order = _order(kept)
        turns = [
            KeptTurn(number, story.sent[number].line, *kept.turns[number], _receipt(story, kept, number))
            for number in order
        ]
        again = replay(turns, self._materials, self._forgotten)
        yield from _kept_as_due(turns, again)
        yield from _told_as_due(story, again)
        yield from self._registrations(kept, again)
        yield from self._verdicts(story, turns, again)

    def _registrations(self, kept: Kept, again: Replay) -> Iterator[tuple[What, str]]:
        self.registrations += len(kept.registrations)
        found = {own.receipt: own for own in kept.registrations}
        due = {own.receipt: own for own in again.registrations}
        if found != due or len(kept.registrations) != len(found):
            yield "registration", f"kept {found}, due {due}"
        if strange := set(kept.by_phone) - set(due):
            yield "registration", f"{sorted(strange)} with the person's phone were acknowledged to nobody"

    def _verdicts(self, story: Story, turns: Sequence[KeptTurn], again: Replay) -> Iterator[tuple[What, str]]:
        whole: Mapping[str, str] = {}
        last = again.turns[-1].epoch if again.turns else 0
        for turn, due in zip(turns, again.turns, strict=True):
            for reply in turn.replies if due.epoch == last else ():
                told = {each["programme"]: each["verdict"] for each in reply["verdicts"] or ()}  # type: ignore[attr-defined]
                self.verdicts += len(told)
                whole = told if len(told) > 1 else whole or told
                if wrong := {name: word for name, word in told.items() if due.verdicts.get(name) != word}:
                    yield "verdict", f"message {turn.message}: {wrong}"
        if story.about and story.result is None and len(turns) == len(story.sent):
            yield "verdict", "there is no result"
        if story.about and story.result is not None:
            self.verdicts += len(story.result)
            if story.result != whole:
                yield "verdict", f"the result's page shows {_unlike(story.result, whole)}"
            if wrong := _unlike(story.result, self._in_full(story.about)):
                yield "verdict", f"with all facts told at once: {wrong}"

    def _in_full(self, about: tuple[str, str]) -> dict[str, str]:
        household: Household = self._households[about[1]]
        found = in_full(household, load_guided()[about[0]], self._materials)
        return {verdict.programme.id: verdict.verdict for verdict in found}


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    names = sorted({*one, *other})
    return {name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)}


def _markers(story: Story) -> Iterator[tuple[What, str]]:
    """Phones and marks that only others have."""
    for answer in story.answers:
        for turn in answer.turns:
            text = "\n".join((turn.you, *turn.bot))
            found = {*OWN_PHONE.findall(GAP.sub("", text)), *MARK.findall(text)}
            if strange := found - {story.phone, story.mark}:
                yield "mixed", f"message {answer.message} was answered with {sorted(strange)}"


def _counts(kept: Kept) -> Iterator[tuple[What, str]]:
    if kept.strange:
        yield "nobody's", f"{kept.strange} turns of no message that was sent"
    if kept.version != len(kept.turns) + kept.strange:
        yield "twice", f"the session went through {kept.version} turns, {len(kept.turns)} are kept"
    positions = [position for position, _ in kept.shown]
    if positions != list(range(1, len(positions) + 1)):
        yield "order", f"positions {positions}"
    numbers = [number for _, number in kept.shown]
    if len(set(numbers)) != len(numbers) or None in numbers:
        yield "twice", f"messages {numbers} in the transcript"


def _one_after_the_other(story: Story, kept: Kept) -> Iterator[tuple[What, str]]:
    """What was said after an answer comes after what that answered."""
    numbers = [number for _, number in kept.shown if number is not None]
    for first, then in itertools.pairwise(numbers):
        answered = story.sent[then].answered
        if answered is not None and answered < story.sent[first].due:
            yield "order", f"message {first} is kept before {then}, which had been answered when it was sent"


def _order(kept: Kept) -> Sequence[int]:
    """The messages in the order of their turns: those that were forgotten since, then those of the transcript."""
    shown = [number for _, number in kept.shown if number in kept.turns]
    return [*sorted(set(kept.turns) - set(shown)), *dict.fromkeys(number for number in shown if number is not None)]


def _receipt(story: Story, kept: Kept, number: int) -> str | None:
    """The receipt that a message was answered with: the one kept, or, of what was forgotten since, the one told."""
    if any(number == shown for _, shown in kept.shown):
        return next((str(reply["receipt"]) for reply in kept.turns[number][1] if reply["receipt"]), None)
    told = [text for answer in story.answers if answer.message == number for turn in answer.turns for text in turn.bot]
    return next((found[0].replace(" ", "") for text in told if (found := RECEIPT.search(text))), None)


def _kept_as_due(turns: Sequence[KeptTurn], again: Replay) -> Iterator[tuple[What, str]]:
    last = again.turns[-1].epoch if again.turns else 0
    for turn, due in zip(turns, again.turns, strict=True):
        if due.epoch == last and (found := [reply["text"] for reply in turn.replies]) != list(due.shown.bot):
            yield "other words", f"message {turn.message}: kept {found}, due {due.shown.bot}"


def _told_as_due(story: Story, again: Replay) -> Iterator[tuple[What, str]]:
    """Each answer holds its message's turn, and no turn that was not due at that place or was shown before."""
    by_message: dict[int, Replayed] = {turn.message: turn for turn in again.turns}
    epochs: dict[int, dict[int, ToldTurn]] = {}
    for turn in again.turns:
        epochs.setdefault(turn.epoch, {})[turn.shown.position] = turn.shown
    for answer in story.answers:
        own, positions = by_message[answer.message], [turn.position for turn in answer.turns]
        if own.shown not in answer.turns:
            yield "other words", f"message {answer.message}: told {answer.turns}, due {own.shown}"
        first = answer.after + 1 if own.epoch == 0 else min(positions, default=1)
        if positions != list(range(first, first + len(positions))):
            yield "order", f"message {answer.message}: positions {positions} after {answer.after}"
        for told in answer.turns:
            if epochs[own.epoch].get(told.position) != told:
                yield "other words", f"message {answer.message}: told {told} at its place"
