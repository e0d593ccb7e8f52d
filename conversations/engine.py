"""One message in, the replies and the next session out: the whole talk as a pure function."""

import contextlib
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from conversations.dialogs import eligibility, follow_up, handover, menu, registration, small_talk
from conversations.dialogs.commands import COMMANDS, Step, form_of, stand, stand_briefly
from conversations.dialogs.guided import load_guided
from conversations.dialogs.own_records import OWN_RECORDS
from conversations.dialogs.question import answer
from conversations.dialogs.results import told_options
from conversations.dialogs.unanswered import NOT_ANSWERED, WORTH_A_TALK, unanswered
from conversations.forms import reading
from conversations.forms.asking import REGION, choices, key, put_together
from conversations.forms.telling import said_back
from conversations.materials import Materials
from conversations.messages import ForgetMessage, Incoming, Reply, Turn
from conversations.registrations import Account
from conversations.scene import REGISTRATION, Scene
from conversations.session import Session, UnusableSession, load_session
from conversations.terms import load_terms
from conversations.understanding import Option, Understood
from conversations.understanding.contact import load_contacts
from conversations.whom import APPLICANT, EMPLOYERS
from knowledge.facts.models import FactValue
from knowledge.facts.validation import FactsError, read_facts
from knowledge.normalise import normalise
from knowledge.search import LONGEST_QUESTION

AWAY = datetime.timedelta(hours=12)
"""After so long the person is told where the talk stands."""
LONG_NUMBER = 7
"""Digits from which on a message may hold a telephone number."""
SHORTEST_QUESTION = 5
"""Characters of a message that is taken for a question though nothing in it asks."""
WISH = "wish"
ASKING = ("question", WISH)
"""Intents of questions to the texts; a wish is one where no form goes on with it."""
SAY_AGAIN = ("repeat", "simpler")
"""Commands about what was just told."""
HAN = re.compile("[\u3400-\u9fff]")
"""A question has words."""
WORDS = re.compile("[\u3400-\u9fff0-9０-９]")
"""What can be read: neither pictures nor other languages."""
NOBODY = Account()
SURE = 0.2
"""The score from which a message that could also be a wrong answer is taken for a question to the texts."""


def advance(
    session: Session | bytes,
    incoming: Incoming,
    at: datetime.datetime,
    materials: Materials,
    account: Account = NOBODY,
) -> Turn:
    """The turn that `incoming` makes at the time `at`; `account` is what is on record of who sent it.

    Pure and deterministic. `session` may be stored bytes: what cannot be read starts afresh, with an apology.
    """
    before: list[Reply] = []
    if isinstance(session, bytes):
        try:
            session = _still_known(load_session(session), materials)
        except UnusableSession:
            session = Session()
            before.append(Reply(text=materials.say("talk.apology")))
    scene = registration.settled(Scene(materials, session, at, account))
    if _was_away(session, at) and scene.question:
        before.append(Reply(text=scene.say("talk.away")))
    talk = _Talk(scene, incoming)
    scene, replies = talk.step()
    explained = load_terms().explained
    replies = [msgspec.structs.replace(reply, text=explained(reply.text)) for reply in (*before, *replies)]
    said = tuple(reply.text for reply in replies)
    scene = scene.now(last=talk.to_repeat(said), at=at.isoformat())
    return scene.turn(replies)


def _still_known(session: Session, materials: Materials) -> Session:
    """`session` without what this version has no word for: a fact or a dialog that an upgrade took away."""
    catalogue = materials.catalogue
    facts: dict[str, FactValue] = {}
    for name, value in session.facts.items():
        with contextlib.suppress(FactsError):
            plain = list(value) if isinstance(value, tuple) else value
            facts.update(read_facts({name: plain}, catalogue.vocabulary, catalogue.is_place))
    written = materials.registration.questions
    return msgspec.structs.replace(
        session,
        facts=facts,
        dialog=session.dialog if session.dialog in {*load_guided(), REGISTRATION} else None,
        asked=session.asked if session.asked in {*materials.questions, *written, menu.MENU} else None,
        trail=tuple(fact for fact in session.trail if fact in materials.questions),
        draft=session.draft and session.draft.known_to(written),
    )


def _names_nobody(text: str) -> bool:
    """Whether a question has neither a name nor what could be a telephone number, and may be kept for a turn."""
    contacts = load_contacts()
    return contacts.name(text) is None and contacts.digits(text) < LONG_NUMBER


def _was_away(session: Session, at: datetime.datetime) -> bool:
    try:
        return session.at is not None and at - datetime.datetime.fromisoformat(session.at) > AWAY
    except (ValueError, TypeError):
        return False


class _Talk:
    """Finds out what a message is, and does it."""

    def __init__(self, scene: Scene, incoming: Incoming) -> None:
        self.scene = scene
        self.incoming = incoming
        self.repeating = False
        self.after_answer = scene.session.shown is not None
        self.asked_before = scene.session.question

    def to_repeat(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """What "say that again" will say: this turn's words, unless they were themselves a repetition."""
        return self.scene.session.last if self.repeating else said

    def step(self) -> Step:
        """The turn's replies."""
        if self.incoming.choice is not None:
            return self._pressed()
        understood = self._understand()
        if understood.id_number and handover.under_way(self.scene):
            return handover.refuse_number(self.scene.emit(ForgetMessage()))
        if understood.id_number:
            return stand(self.scene.now(shown=None).emit(ForgetMessage()), self.scene.say("talk.id_number"))
        if handover.under_way(self.scene) and understood.command not in handover.KEPT:
            return self._to_human(understood)
        if understood.intent == small_talk.DISTRESS:
            # Whatever was asked, and whatever it could be an answer to.
            return small_talk.distress(self.scene.now(shown=None))
        command = COMMANDS.get(understood.command or "")
        if command and understood.choice is None:
            self.repeating = understood.command == "repeat"
            return command(self.scene if understood.command in SAY_AGAIN else self.scene.now(shown=None))
        if understood.choice is None and (step := self._follow_up(understood)):
            return step
        self.scene = self.scene.now(shown=None, question=None)
        step = (
            self._programme(understood)
            or self._menu_choice(understood)
            or self._own_record(understood)
            or self._form_answer(understood)
        )
        if step:
            return step
        understood = self._corrected(understood)
        told = form_of(self.scene).reading_of(self.scene, understood)
        scene = eligibility.keep(self.scene, told)
        return self._intent(scene, understood, told) or self._dialog_named() or self._question(scene, understood, told)

    def _follow_up(self, understood: Understood) -> Step | None:
        """A short question about what was just told; a word that names a dialog means that where nothing was."""
        if self.scene.session.shown is None and (step := self._dialog_named()):
            return step
        return follow_up.answer(self.scene, understood.intent or "")

    def _to_human(self, understood: Understood) -> Step:
        """A message to the caseworkers, or the end of it; what is kept of the person is theirs at any moment."""
        if understood.command in handover.LEAVING:
            return stand_briefly(*handover.leave(self.scene))
        scene, replies = self._own_record(understood) or handover.take(self.scene, self.incoming.text)
        if understood.intent == small_talk.DISTRESS:
            # A caseworker may not read it at once.
            scene, more = small_talk.distress(scene)
            replies = [*replies, *more]
        return scene, replies

    def _understand(self) -> Understood:
        scene = self.scene
        in_form = self._in_form()
        return scene.materials.understanding.understand(
            self.incoming.text,
            asked=scene.session.asked if in_form else None,
            options=self._options(),
            many=reading.several(scene),
            settled=scene.settled,
            today=scene.today,
        )

    def _corrected(self, understood: Understood) -> Understood:
        """A message that only corrects a number, read as an answer to the question before ("no, three years")."""
        _, *rest = load_contacts().clauses(self.incoming.text) or [""]
        if not (self.scene.session.trail and rest) or understood.facts or understood.yes is not False:
            return understood
        fact = self.scene.session.trail[-1]
        understanding, today = self.scene.materials.understanding, self.scene.today
        value = understanding.understand("\n".join(rest), asked=fact, today=today).facts.get(fact)
        return msgspec.structs.replace(understood, facts={fact: value}) if type(value) is int else understood

    def _in_form(self) -> bool:
        return self.scene.question is not None

    def _after_result(self) -> bool:
        return bool(self.scene.session.results) and self.scene.session.asked is None

    def _options(self) -> Sequence[Option]:
        """What may now be chosen by number or by words."""
        if self._in_form():
            return reading.options(self.scene)
        if self._after_result():
            return told_options(self.scene, self.scene.materials.catalogue.programmes)
        return menu.options(self.scene) if self.scene.session.asked == menu.MENU else ()

    def _pressed(self) -> Step:
        """A button: one of the present question's, or an old one, which changes nothing."""
        scene = self.scene
        value = self.incoming.choice
        if not self._stands(self.incoming.fact):
            return stand(scene, scene.say("talk.old_button"))
        if self._after_result() and value in scene.session.results:
            return self._programme(Understood(choice=str(value))) or stand(scene, scene.say("talk.old_button"))
        if scene.session.asked == menu.MENU and value in {choice.value for choice in menu.choices(scene)}:
            return self._chosen(str(value))
        if self._in_form():
            offered = {key(choice.value) for choice in choices(scene, str(scene.session.asked))}
            values = value if isinstance(value, tuple) else (value,)
            keys = tuple(key(item) for item in values if item is not None)
            if keys and set(keys) <= offered:
                choice = keys if reading.several(scene) else keys[0]
                step = form_of(scene).take_answer(scene, Incoming(), Understood(choice=choice))
                if step:
                    return step
            options = scene.form[str(scene.session.asked)].options
            if put_together(scene) and keys and set(keys) <= {key(option.value) for option in options}:
                # A level whose category is not known yet.
                return eligibility.not_an_answer(scene)
        return stand(scene, scene.say("talk.old_button"))

    def _stands(self, fact: str | None) -> bool:
        """Whether a button's question, where the channel knows it, is the present one."""
        question = self.scene.question
        return fact in (None, self.scene.session.asked, question.known_as if question else None)

    def _programme(self, understood: Understood) -> Step | None:
        """A programme of the last result, by its number or name: that one, whole."""
        if self._after_result() and isinstance(understood.choice, str):
            return eligibility.expand(self.scene, understood.choice)
        return None

    def _menu_choice(self, understood: Understood) -> Step | None:
        scene = self.scene
        if scene.session.asked == menu.MENU and isinstance(understood.choice, str):
            return self._chosen(understood.choice)
        return None

    def _chosen(self, dialog: str) -> Step:
        """A dialog of the menu."""
        return registration.start(self.scene) if dialog == REGISTRATION else eligibility.start(self.scene, dialog)

    def _own_record(self, understood: Understood) -> Step | None:
        """What is kept of the person is theirs at any moment, in the middle of a form too."""
        act = OWN_RECORDS.get(understood.intent or "")
        return act(self.scene, self.incoming.text) if act and understood.choice is None else None

    def _form_answer(self, understood: Understood) -> Step | None:
        scene = self.scene
        if not self._in_form():
            return None
        answers = understood.choice is not None or understood.dont_know or understood.yes is False
        if understood.intent == "question" and not answers:
            return None
        return form_of(scene).take_answer(scene, self.incoming, understood)

    def _intent(self, scene: Scene, understood: Understood, told: Mapping[str, Any]) -> Step | None:
        """A dialog that is asked for, or small talk; `scene` has the facts `told` already."""
        if understood.intent in (small_talk.REGISTER, small_talk.FIND_WORK):
            before = [scene.say("talk.find_work")] if understood.intent == small_talk.FIND_WORK else []
            return registration.start(scene, [*before, *said_back(self.scene, told)], self.incoming.text)
        dialog = small_talk.DIALOGS.get(understood.intent or "")
        if dialog == "apply" and scene.session.facts.get(APPLICANT) in EMPLOYERS:
            dialog = eligibility.EMPLOYER
        if dialog:
            return eligibility.start(scene, dialog, said_back(self.scene, told))
        return small_talk.reply(scene, understood.intent, said_back(self.scene, told))

    def _question(self, scene: Scene, understood: Understood, told: Mapping[str, Any]) -> Step:
        """A question to the texts; failing that, facts told, or something not understood."""
        asks = understood.intent in ASKING and not (understood.intent == WISH and self._in_form())
        again = self.asked_before if REGION in told and not asks and not self._in_form() else None
        if told and not (asks or again):
            return self._told(scene, said_back(self.scene, told))
        region = scene.session.facts.get(REGION)
        text = (again or self.incoming.text)[: LONGEST_QUESTION + 1]
        place = str(region) if region else None
        programmes = scene.materials.catalogue.programmes
        knowledge, steps = scene.materials.knowledge, not (self._in_form() or self.after_answer)
        found = answer(knowledge, text, place, scene.today, scene.wording, programmes, steps=steps)
        outcome, passages = found.found.outcome, found.found.passages
        sure = bool(passages) and passages[0].score >= SURE and outcome == "answered"
        if outcome == "empty" or not (again or self._asks(understood, sure)):
            return self._not_understood(scene, understood)
        if outcome in NOT_ANSWERED:
            scene = scene.emit(unanswered(scene, outcome, text))
        scene = scene.now(shown=passages[0].clause.id if outcome == "answered" else None)
        if not self._in_form():
            more = [scene.say("question.register")] if outcome in WORTH_A_TALK else []
            scene = scene.now(question=text if outcome == "answered" and _names_nobody(text) else None)
            before = said_back(self.scene, told) if again else []
            return scene, [Reply(text="\n".join([*before, found.reply, *more]), passages=passages)]
        reply = Reply(text=found.reply, passages=passages)
        scene, standing = stand(scene, scene.say("talk.carry_on"))
        return scene, [reply, *standing]

    def _asks(self, understood: Understood, sure: bool) -> bool:
        """Whether a message that nothing else came of is a question: in a form, and when short, it must be surer."""
        if understood.intent in ASKING:
            return True
        text = self.incoming.text.strip()
        if understood.dont_know or understood.yes is not None or understood.command or not HAN.search(text):
            return False
        long = len(text) >= SHORTEST_QUESTION
        return long and sure if self._in_form() else long or sure

    def _told(self, scene: Scene, said: Sequence[str]) -> Step:
        """Facts told unasked: the dialog under way goes on with them, a result is made anew."""
        if self._in_form() or (scene.dialog and self._after_result()):
            return self._unless_the_same(said, *form_of(scene).go_on(scene, said))
        return menu.remind(scene, *said) if scene.session.asked == menu.MENU else menu.show(scene, *said)

    def _unless_the_same(self, said: Sequence[str], scene: Scene, replies: Sequence[Reply]) -> Step:
        """What follows from facts told; a result that was just told is not told again."""
        result = replies[1:] if said else replies
        verdicts = next((reply.verdicts for reply in result if reply.verdicts), None)
        explained, last = load_terms().explained, scene.session.last
        if verdicts is None or not self._after_result() or any(explained(reply.text) not in last for reply in result):
            return scene, replies
        self.repeating = True
        text = "\n".join([*said, scene.say("results.same"), scene.say("results.more")])
        return scene, [Reply(text=text, verdicts=verdicts)]

    def _not_understood(self, scene: Scene, understood: Understood) -> Step:
        if self._in_form():
            return form_of(scene).not_an_answer(scene)
        if understood.dont_know or understood.yes is not None or understood.command:
            return stand_briefly(scene)
        key = "talk.not_understood" if WORDS.search(self.incoming.text) else "talk.no_words"
        return stand_briefly(scene, scene.say(key))

    def _dialog_named(self) -> Step | None:
        """The dialog whose very name is the message, in a form that it does not answer or after a result."""
        said = normalise(self.incoming.text).strip()
        named = next((option.value for option in menu.options(self.scene) if said in option.also), None)
        return self._chosen(named) if named and (self._in_form() or self._after_result()) else None
