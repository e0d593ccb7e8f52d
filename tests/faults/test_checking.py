"""The checker finds nothing where all went well, and each kind of error that is planted."""

import datetime
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.channels.web import talk
from bot.channels.web.pages import load_words
from bot.service import Service
from bot.store.store import Store, open_store
from conversations.materials import Materials
from tests.bot.store.madeup import add, at
from tests.faults.checking import Checker, Finding
from tests.faults.kept import kept_of
from tests.faults.scripts import Script, load_scripts, mark_of, phone_of
from tests.faults.stories import Answer, Sent, Story, ToldTurn

BEGAN = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
WORDS = load_words()
NAMES = ("massage-s02-register", "answerable-0", "registration_delete", "id_number_mid_form", "registration_amend")
REGISTERS, ASKS, DELETES = range(3)


class World:
    """A store in which some people have talked, each alone, and what they lived through."""

    def __init__(self, store: Store, materials: Materials, scripts: Sequence[Script]) -> None:
        self.store = store
        self.materials = materials
        self._minutes = 0
        self.service = Service(materials, store, self._now)
        by_name = {script.name: script for script in scripts}
        self.stories = [self._lived(number, by_name[name]) for number, name in enumerate(NAMES)]

    def _now(self) -> datetime.datetime:
        self._minutes += 1
        return BEGAN + datetime.timedelta(minutes=self._minutes)

    def _lived(self, number: int, script: Script) -> Story:
        token, phone, mark = talk.new_token(), phone_of(number), mark_of(number)
        csrf = self.store.web_sessions.csrf(token)
        sent, answers, shown = [], [], 0
        for place, line in enumerate(script.of(phone, mark)):
            nonce = f"{number}-{place}"
            spoken = talk.Spoken(nonce=nonce, text=line.text, choice=line.choice, fact=line.fact, after=shown)
            view = talk.say(self.service, token, csrf, spoken, "")
            turns = tuple(
                ToldTurn(
                    each.position,
                    WORDS["chat"]["forgotten"] if each.said.text is None else each.said.text,
                    tuple(reply["text"] for reply in each.replies),
                )
                for each in view.exchanges
            )
            answers.append(Answer(place, shown, turns))
            sent.append(Sent(nonce, line, place, place + 0.1, 1))
            shown = turns[-1].position
        result = talk.last_result(self.service, token) if script.about else None
        return Story(
            number=number,
            script=script.name,
            phone=phone,
            mark=mark,
            about=script.about,
            token=token,
            sent=sent,
            answers=answers,
            result={each["programme"]: each["verdict"] for each in result[0]} if result else None,
        )

    def found(self) -> list[Finding]:
        return list(Checker(self.store, self.materials, BEGAN).check(self.stories))

    def sender(self, number: int) -> str:
        person = self.store.web_sessions.person(self.stories[number].token, BEGAN)
        return self.store.sender("web", str(person))

    def run(self, sql: str, *parameters: object) -> None:
        assert self.store.database.execute(sql, parameters)

    def change(self, number: int, **fields: Any) -> None:
        self.stories[number] = msgspec.structs.replace(self.stories[number], **fields)

    def change_kept(self, number: int, change: Callable[[list[dict[str, Any]]], object]) -> None:
        """Change the replies that are kept of the turns in which it changes anything."""
        store, sender, changed = self.store, self.sender(number), 0
        for row in store.database.query("SELECT message_id, sealed FROM turns WHERE sender = ?", (sender,)):
            replies = json.loads(store.keys.unseal(row["sealed"]))
            before = json.dumps(replies)
            change(replies)
            if json.dumps(replies) != before:
                changed += 1
                with store.writing():
                    sealed = store.keys.seal(json.dumps(replies).encode())
                    where = (sender, row["message_id"])
                    self.run("UPDATE turns SET sealed = ? WHERE sender = ? AND message_id = ?", sealed, *where)
        assert changed

    def change_told(self, number: int, message: int, change: Callable[[ToldTurn], ToldTurn]) -> None:
        answers = [
            msgspec.structs.replace(each, turns=tuple(map(change, each.turns))) if each.message == message else each
            for each in self.stories[number].answers
        ]
        assert answers != self.stories[number].answers
        self.change(number, answers=answers)


@pytest.fixture(scope="module")
def scripts(materials: Materials) -> Sequence[Script]:
    return load_scripts(materials)


@pytest.fixture
def world(materials: Materials, tmp_path: Path, scripts: Sequence[Script]) -> Iterator[World]:
    with open_store(at(tmp_path)) as store:
        yield World(store, materials, scripts)


def test_nothing_is_found_where_all_went_well(world: World) -> None:
    assert world.found() == []
    checker = Checker(world.store, world.materials, BEGAN)
    list(checker.check(world.stories))
    assert checker.verdicts >= 10 and checker.registrations == 2
    kept = kept_of(world.store, world.stories[DELETES], BEGAN)
    assert kept and len(kept.turns) > len(kept.shown) > 0, "some of it was forgotten"


def unanswered(world: World) -> None:
    last = world.stories[ASKS].sent[-1]
    world.change(ASKS, sent=[*world.stories[ASKS].sent[:-1], msgspec.structs.replace(last, answered=None)])


def a_turn_that_was_answered_is_gone(world: World) -> None:
    sender = world.sender(ASKS)
    world.run(
        "DELETE FROM turns WHERE sender = ? AND at = (SELECT max(at) FROM turns WHERE sender = ?)", sender, sender
    )


def a_person_is_gone(world: World) -> None:
    world.run(
        "DELETE FROM web_sessions WHERE person = ?", world.store.web_sessions.person(world.stories[0].token, BEGAN)
    )


def a_turn_was_made_twice(world: World) -> None:
    world.run("UPDATE sessions SET version = version + 1 WHERE sender = ?", world.sender(ASKS))


def a_message_is_shown_twice(world: World) -> None:
    world.run(
        "INSERT INTO transcripts SELECT sender, position + 1, message_id, sealed FROM transcripts WHERE sender = ? "
        "ORDER BY position DESC LIMIT 1",
        world.sender(ASKS),
    )


def two_turns_changed_places(world: World) -> None:
    for place, before in ((99, 2), (2, 3), (3, 99)):
        world.run(
            "UPDATE transcripts SET position = ? WHERE sender = ? AND position = ?", place, world.sender(0), before
        )


def a_turn_was_shown_again(world: World) -> None:
    answers = list(world.stories[ASKS].answers)
    answers[1] = msgspec.structs.replace(answers[1], turns=(*answers[0].turns, *answers[1].turns))
    world.change(ASKS, answers=answers)


def an_answer_is_of_another_turn(world: World) -> None:
    answers = list(world.stories[ASKS].answers)
    answers[1] = msgspec.structs.replace(answers[1], turns=answers[0].turns)
    world.change(ASKS, answers=answers)


def other_words_were_told(world: World) -> None:
    world.change_told(ASKS, 0, lambda turn: msgspec.structs.replace(turn, bot=(*turn.bot[:-1], turn.bot[-1] + "。")))


def other_words_are_kept(world: World) -> None:
    world.change_kept(ASKS, lambda replies: replies[0].update(text="好的。"))


def somebody_elses_answer_was_told(world: World) -> None:
    strange = phone_of(77)
    spaced = f"{strange[:3]} {strange[3:7]} {strange[7:]}"
    world.change_told(ASKS, 0, lambda turn: msgspec.structs.replace(turn, bot=(*turn.bot, f"电话：{spaced}")))


def somebody_elses_wish_was_shown(world: World) -> None:
    world.change_told(0, 0, lambda turn: msgspec.structs.replace(turn, you=f"想学手艺，{mark_of(77)}"))


def a_registration_is_gone(world: World) -> None:
    world.run("DELETE FROM registrations WHERE sender = ?", world.sender(REGISTERS))


def a_registration_is_there_twice(world: World) -> None:
    (own,) = world.store.registrations.of(world.sender(REGISTERS))
    add(world.store, world.sender(REGISTERS), own.said)


def a_registration_is_somebody_elses(world: World) -> None:
    (own,) = world.store.registrations.of(world.sender(REGISTERS))
    add(world.store, world.sender(ASKS), own.said)


def a_registration_says_something_else(world: World) -> None:
    sender = world.sender(REGISTERS)
    (own,) = world.store.registrations.of(sender)
    said = msgspec.structs.replace(own.said, needs_words="想学手艺")
    world.store.registrations.amend(sender, own.receipt, said, BEGAN)


def what_was_deleted_is_back(world: World) -> None:
    (own,) = world.store.registrations.of(world.sender(REGISTERS))
    add(world.store, world.sender(DELETES), msgspec.structs.replace(own.said, phone=phone_of(DELETES)))


def a_verdict_was_told_wrong(world: World) -> None:
    result = world.stories[REGISTERS].result
    assert result
    name = next(iter(result))
    world.change(REGISTERS, result={**result, name: "meets" if result[name] != "meets" else "lacks"})


def a_verdict_was_left_out(world: World) -> None:
    result = world.stories[REGISTERS].result
    assert result
    world.change(REGISTERS, result=dict(list(result.items())[1:]))


def no_verdict_was_told(world: World) -> None:
    world.change(REGISTERS, result=None)


def a_verdict_is_kept_wrong(world: World) -> None:
    def change(replies: list[dict[str, Any]]) -> None:
        for reply in replies:
            for verdict in reply["verdicts"] or ():
                verdict["verdict"] = "meets" if verdict["verdict"] != "meets" else "lacks"

    world.change_kept(REGISTERS, change)


def a_turn_is_of_no_message(world: World) -> None:
    world.run(
        "INSERT INTO turns SELECT sender, 'strange', sealed, at FROM turns WHERE sender = ? LIMIT 1", world.sender(ASKS)
    )


def somebody_is_kept_who_never_came(world: World) -> None:
    world.run("INSERT INTO sessions SELECT 'strange', version, sealed, at FROM sessions LIMIT 1")


@pytest.mark.parametrize(
    ("plant", "what", "person"),
    [
        (unanswered, "unanswered", ASKS),
        (a_turn_that_was_answered_is_gone, "lost", ASKS),
        (a_person_is_gone, "lost", REGISTERS),
        (a_turn_was_made_twice, "twice", ASKS),
        (a_message_is_shown_twice, "twice", ASKS),
        (two_turns_changed_places, "other words", REGISTERS),
        (two_turns_changed_places, "order", REGISTERS),
        (a_turn_was_shown_again, "order", ASKS),
        (an_answer_is_of_another_turn, "other words", ASKS),
        (other_words_were_told, "other words", ASKS),
        (other_words_are_kept, "other words", ASKS),
        (somebody_elses_answer_was_told, "mixed", ASKS),
        (somebody_elses_wish_was_shown, "mixed", REGISTERS),
        (a_registration_is_gone, "registration", REGISTERS),
        (a_registration_is_there_twice, "registration", REGISTERS),
        (a_registration_is_somebody_elses, "registration", REGISTERS),
        (a_registration_says_something_else, "registration", REGISTERS),
        (what_was_deleted_is_back, "registration", DELETES),
        (a_verdict_was_told_wrong, "verdict", REGISTERS),
        (a_verdict_was_left_out, "verdict", REGISTERS),
        (a_verdict_is_kept_wrong, "verdict", REGISTERS),
        (no_verdict_was_told, "verdict", REGISTERS),
        (a_turn_is_of_no_message, "nobody's", ASKS),
        (somebody_is_kept_who_never_came, "nobody's", -1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_error_is_found(world: World, plant: Callable[[World], None], what: str, person: int) -> None:
    plant(world)
    assert (what, person) in {(finding.what, finding.person) for finding in world.found()}
