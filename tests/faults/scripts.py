"""What people say: the transcripts, the households' guided dialogs, questions, registrations, with marks of their own.

A script is worked out once with the engine, so that what somebody says does not hang on what they are answered: the
seed alone decides it.
"""

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import yaml

from benchmarks.dialogs import is_for, load_words
from benchmarks.households import Household, load_households
from conversations.dialogs.guided import GuidedDialog, load_guided
from conversations.engine import advance
from conversations.forms.asking import DONT_KNOW, key
from conversations.materials import Materials
from conversations.messages import Ask, Incoming, Turn
from conversations.registrations import Account
from conversations.session import Session
from tests.bot.talk import ERASE, REGISTER, answers
from tests.conftest import ROOT

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
OWN_PHONE = re.compile(r"(?<!\d)1390\d{7}(?!\d)")
"""What the phones of a run's people look like, and no other."""
LETTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
MARK = re.compile(f"记号[{LETTERS}]{{5}}")
ANYBODYS_PHONE, ANYBODYS_MARK = "13900000000", f"记号{LETTERS[0] * 5}"
LONGEST = 45
"""Messages in a script: the page shows the last 50 turns again."""
NOT_FOR_ONE = ("stored", "desk", "after_hours")
"""What a line of a transcript holds that nobody can bring about by writing."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """Something said: words, or buttons under the question `fact`."""

    text: str = ""
    choice: tuple[str, ...] = ()
    fact: str | None = None


class Script(msgspec.Struct, frozen=True):
    """What somebody says. `about` is the guided dialog that it comes to the result of, and the household that it is."""

    name: str
    lines: tuple[Line, ...]
    about: tuple[str, str] | None = None

    @property
    def erases(self) -> bool:
        """Whether what was said before is forgotten in the middle of it."""
        return any(line.text == ERASE for line in self.lines)

    def of(self, phone: str, mark: str) -> tuple[Line, ...]:
        """The lines, said by somebody who has this phone and this mark."""
        return tuple(
            msgspec.structs.replace(line, text=PHONE.sub(phone, line.text).replace(ANYBODYS_MARK, mark))
            for line in self.lines
        )


def phone_of(number: int) -> str:
    """The phone of the person of that number."""
    return f"1390{number:07d}"


def mark_of(number: int) -> str:
    """The mark of the person of that number."""
    return "记号" + "".join(LETTERS[number >> 4 * place & 15] for place in range(5))


def load_scripts(materials: Materials) -> Sequence[Script]:
    """All of them, in one order."""
    return [
        *_transcripts(),
        *_questions(),
        *_households(materials),
        Script("register", tuple(_registration(Session(), materials))),
    ]


def _transcripts() -> Iterator[Script]:
    for file in sorted((ROOT / "tests" / "transcripts").glob("*.yaml")):
        transcript = yaml.safe_load(file.read_text("utf-8"))
        turns = transcript["turns"]
        if len(turns) <= LONGEST and not any(name in turn for turn in turns for name in NOT_FOR_ONE):
            yield Script(file.stem, tuple(_line(turn) for turn in turns))


def _line(turn: Mapping[str, object]) -> Line:
    if "presses" not in turn:
        return Line(str(turn["person"]))
    pressed = turn["presses"]
    return Line(choice=tuple(map(key, pressed if isinstance(pressed, list) else [pressed])))


def _questions() -> Iterator[Script]:
    for file in sorted((ROOT / "tests" / "questions").glob("*.jsonl")):
        asked = [json.loads(line)["q"] for line in file.read_text("utf-8").splitlines()]
        for number in range(0, len(asked) - 2, 3):
            yield Script(f"{file.stem}-{number}", tuple(map(Line, asked[number : number + 3])))


def _households(materials: Materials) -> Iterator[Script]:
    """Each dialog as each household; then they register, and look at what is kept of them."""
    openings = load_words().openings
    for dialog in load_guided().values():
        for household in load_households():
            if is_for(dialog, household):
                lines, turn = _guided(dialog, household, openings[dialog.id], materials)
                about = (dialog.id, household.id)
                yield Script(f"{dialog.id}-{household.id}", tuple(lines), about)
                if household.known.get("applicant", dialog.applicants[0]) == "self":
                    more = _registration(turn.session, materials)
                    yield Script(f"{dialog.id}-{household.id}-register", (*lines, *more, Line("我的信息")), about)


def _guided(dialog: GuidedDialog, household: Household, opening: str, materials: Materials) -> tuple[list[Line], Turn]:
    lines = [Line(opening)]
    turn = _advance(Session(), lines[0], materials)
    while (reply := turn.replies[-1]).verdicts is None:
        assert reply.ask and len(lines) < LONGEST, (dialog.id, household.id, reply)
        lines.append(_written(household.answer(reply.ask), reply.ask))
        turn = _advance(turn.session, lines[-1], materials)
    return lines, turn


def _registration(session: Session, materials: Materials) -> Iterator[Line]:
    """Registering, until the receipt."""
    said = answers(phone=ANYBODYS_PHONE, words=f"想学手艺，{ANYBODYS_MARK}")
    line = Line(REGISTER)
    for _ in range(LONGEST):
        yield line
        turn = _advance(session, line, materials)
        session, reply = turn.session, turn.replies[-1]
        if reply.receipt:
            return
        assert reply.ask, reply
        line = Line(said.get(reply.ask.fact, DONT_KNOW))
    raise AssertionError(reply)


def _written(incoming: Incoming, ask: Ask) -> Line:
    """An answer as the page's form sends it."""
    choice = incoming.choice
    if choice is None:
        return Line(incoming.text)
    return Line(choice=tuple(map(key, choice if isinstance(choice, tuple) else (choice,))), fact=ask.fact)


def incoming_of(line: Line) -> Incoming:
    """What the service gets of a line that the page sent."""
    if not line.choice:
        return Incoming(text=line.text)
    return Incoming(choice=line.choice if len(line.choice) > 1 else line.choice[0], fact=line.fact)


def _advance(session: Session, line: Line, materials: Materials) -> Turn:
    return advance(session, incoming_of(line), AT, materials, Account((), "100000009"))
