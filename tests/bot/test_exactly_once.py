"""Messages, duplicates, reordering, going back, deletion, crashes and restarts, in any order (Hypothesis)."""

import datetime
import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import bot.service
from bot.service import CHAT, Service
from bot.store.outbox import MOST
from bot.store.registrations import check_digit
from bot.store.store import open_store
from conversations.materials import Materials
from conversations.messages import Incoming
from tests.bot.store.madeup import AT, Failing, at, in_memory
from tests.bot.talk import BACK, ERASE, REGISTER, WITHDRAW, answers, asked, letters, scripted

USERS = ("u1", "u2")
PEOPLE = st.sampled_from(USERS)
OTHER_WORDS = [
    *(BACK, WITHDRAW, REGISTER, "发送", "同意", "不同意", "是", "620502199001011232", "我的信息", "改这一份", "电话"),
    *("替另一个人登记", "重新开始", "开店有补贴吗"),
]
Lines = list[dict[str, Any]]


def receipts() -> Callable[[], str]:
    """Receipt numbers of which two in three were offered before, so that they are taken, or were."""
    numbers = (number for fresh in itertools.count(1) for number in (0, fresh - 1, fresh))

    def next_() -> str:
        digits = f"{next(numbers):08d}"
        return digits + check_digit(digits)

    return next_


class Talks(RuleBasedStateMachine):
    """Two people talk with a service that dies now and then; a message that was not answered is sent again."""

    materials: Any = None  # `scripted` needs none
    sent = 0
    """How many registrations there were in all examples."""

    @initialize()
    def begin(self) -> None:
        self.folder = in_memory()
        self.clock = itertools.count()
        self.numbers = itertools.count()
        self.answered: dict[tuple[str, str], tuple[Incoming, Lines]] = {}
        self.fact: dict[str, str | None] = dict.fromkeys(USERS)
        self.deletions: dict[str, str | None] = dict.fromkeys(USERS)
        self.seen: dict[str, str] = {}
        self.erased: set[str] = set()
        self.dropped: set[tuple[str, str]] = set()
        self.start()

    def start(self) -> None:
        self.store = open_store(at(Path(self.folder.name)))
        self.database = Failing(self.store)
        self.service = Service(self.materials, self.store, self.now)

    def now(self) -> datetime.datetime:
        return AT + datetime.timedelta(seconds=next(self.clock))

    def say(self, user: str, text: str, fails: int = -1) -> None:
        """A message that is sent until it is answered, whatever dies at its first arrival."""
        message_id, incoming = f"m{next(self.numbers)}", Incoming(text=text)
        self.database.fails = fails
        try:
            lines = self.service.handle(user, message_id, incoming, CHAT, letters)
        except ZeroDivisionError:
            self.restart()
            lines = self.service.handle(user, message_id, incoming, CHAT, letters)
        self.database.fails = -1
        self.answered[user, message_id] = incoming, lines
        self.fact[user] = asked(lines)
        if self.has_erased(user):
            assert self.store.ledger.consents(self.store.sender(CHAT, user)) == []
            # What was still owed before is not sent any more.
            self.dropped |= {(one, id_) for one, id_ in self.answered if one == user and id_ != message_id}
            self.erased |= {receipt for receipt, sender in self.seen.items() if sender == user}
            for (one, id_), (was, _) in self.answered.items():
                if one == user:
                    self.answered[one, id_] = was, [{**line, "in_reply_to": id_} for line in lines]

    def has_erased(self, user: str) -> bool:
        """Whether everything of the person was deleted by the last message."""
        erased = self.store.database.query("SELECT at FROM erasures WHERE sender = ?", (self.store.sender(CHAT, user),))
        before, self.deletions[user] = self.deletions[user], erased[0]["at"] if erased else None
        return self.deletions[user] != before

    @rule(user=PEOPLE, fails=st.integers(-1, 9))
    def answer(self, user: str, fails: int) -> None:
        self.say(user, answers(name=f"{user}的名字").get(self.fact[user] or "", REGISTER), fails)

    @rule(user=PEOPLE)
    def register(self, user: str) -> None:
        """From the beginning to the end, if nothing is in the way."""
        before = len(self.seen)
        self.say(user, REGISTER)
        for _ in range(14):
            if self.fact[user] in answers():
                self.say(user, answers()[self.fact[user] or ""])
        self.receipts_never_repeat_and_what_is_deleted_stays_deleted()
        type(self).sent += len(self.seen) - before

    @rule(user=PEOPLE, text=st.sampled_from(OTHER_WORDS))
    def another(self, user: str, text: str) -> None:
        self.say(user, text)

    @rule(user=PEOPLE, fails=st.integers(-1, 12))
    def erase(self, user: str, fails: int) -> None:
        self.say(user, ERASE, fails)
        for _ in range(2):
            if self.fact[user] not in (None, "menu"):
                self.say(user, "是")  # where it is asked whether it is meant

    @rule(user=PEOPLE)
    def reorder(self, user: str) -> None:
        """The answer to the next question overtakes the one to this."""
        text = answers().get(self.fact[user] or "", REGISTER)
        self.say(user, "发送")
        self.say(user, text)

    @rule(data=st.data(), other=st.booleans())
    def duplicate(self, data: st.DataObject, other: bool) -> None:
        """A message comes again, perhaps with another text: it is answered the same, and changes nothing."""
        if not self.answered:
            return
        user, message_id = data.draw(st.sampled_from(sorted(self.answered)))
        incoming, lines = self.answered[user, message_id]
        before = self.content()
        again = Incoming(text=ERASE) if other else incoming
        assert self.service.handle(user, message_id, again, CHAT, letters) == lines
        assert self.content() == before

    @rule()
    def restart(self) -> None:
        """The connection is dropped, without a word."""
        self.store.close()
        self.start()

    def content(self) -> list[Any]:
        return [self.store.database.query(f"SELECT * FROM {table}") for table in sorted(self.store.database.tables())]

    @invariant()
    def one_registration_a_consent(self) -> None:
        for user in USERS:
            sender = self.store.sender(CHAT, user)
            (row,) = self.store.database.query(
                "SELECT count(*) AS n FROM registration_events e JOIN registrations r ON r.id = e.registration "
                "WHERE r.sender = ? AND e.kind = 'registered'",
                (sender,),
            )
            given = [c for c in self.store.ledger.consents(sender) if c["consent"] == "handover" and c["given"]]
            assert row["n"] == len(self.store.registrations.of(sender)) <= len(given)

    @invariant()
    def receipts_never_repeat_and_what_is_deleted_stays_deleted(self) -> None:
        rows = {
            own.receipt: user for user in USERS for own in self.store.registrations.of(self.store.sender(CHAT, user))
        }
        assert not rows.keys() & self.erased
        assert all(self.seen.setdefault(receipt, user) == user for receipt, user in rows.items())
        assert set(self.seen) - self.erased == rows.keys(), "nothing is lost either"

    @invariant()
    def each_answer_is_owed_once(self) -> None:
        owed = self.store.database.query("SELECT count(*) AS n FROM outbox")[0]["n"]
        told = self.store.database.query("SELECT count(*) AS n FROM turns")[0]["n"]
        assert told == len(self.answered)
        due = Counter(user for user, _ in self.answered.keys() - self.dropped)
        assert sum(min(number, MOST) for number in due.values()) <= owed, "but for what a flooder is not owed"

    def teardown(self) -> None:
        for (user, message_id), (incoming, lines) in self.answered.items():
            assert self.service.handle(user, message_id, incoming) == lines
        self.store.close()
        self.folder.cleanup()


def play(machine: type[Talks], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert machine.sent > examples / 4, "people get to the end"


def test_whatever_happens_to_a_talk_it_happened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.service, "advance", scripted)
    monkeypatch.setattr(bot.service, "new_receipt", receipts())
    play(type("ScriptedTalks", (Talks,), {}), 50, 20)


def test_nor_does_it_otherwise_in_the_bots_own_talk(materials: Materials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.service, "new_receipt", receipts())
    play(type("OwnTalks", (Talks,), {"materials": materials}), 40, 15)
