"""People's questions to a human: listed, shown with their buttons, answered and ended."""

from bot.desk.telegram.cards import LONGEST
from bot.desk.telegram.messages import Asked, Button, Content, Say
from bot.desk.telegram.scene import Counter, Scene
from bot.store.handovers import Handover
from bot.store.registrations import PERSON


def shown(at: Counter, told: Asked) -> Say:
    """A conversation with what was said so far.

    Raises:
        Refused: the account may not see it, or it is not there any more.

    """
    who = at.accounts.get(told.caseworker)
    handover, said = at.handovers.show(who, told.handover)
    say, number = at.words.say, str(handover.id)
    state = "question_open" if handover.state == "open" else "question_closed"
    lines = [say(state, id=number, place=at.names.place(handover.region))]
    room = LONGEST - len(lines[0])
    kept: list[str] = []
    for one in reversed(said):
        actor = say("question_person") if one.actor == PERSON else one.actor
        line = say("question_line", at=at.telling.when(one.at), actor=actor, words=one.words)
        room -= len(line) + 1
        if room < 0:
            kept.append(say("question_more"))
            break
        kept.append(line)
    return Say("\n".join([*lines, *reversed(kept)]), _buttons(at, handover))


def _buttons(at: Counter, handover: Handover) -> tuple[tuple[Button, ...], ...]:
    if handover.state != "open":
        return ()
    say = at.words.say
    return ((Button(say("button_answer"), f"answer:{handover.id}"), Button(say("button_end"), f"end:{handover.id}")),)


def listed(scene: Scene, _: str) -> list[Content]:
    """All that wait, a message each."""
    waiting = scene.at.handovers.waiting(scene.who)
    if not waiting:
        return [Say(scene.say("question_none"))]
    return [Asked(scene.who.name, one.id) for one in waiting]


def end(scene: Scene, number: str) -> list[Content]:
    """End a conversation."""
    scene.at.handovers.close(scene.who, int(number))
    return [Say(scene.say("question_ended", id=number))]


def answer(scene: Scene, number: str, words: str) -> list[Content]:
    """Answer the person."""
    scene.at.handovers.answer(scene.who, int(number), words)
    return [Say(scene.say("question_answered", id=number))]
