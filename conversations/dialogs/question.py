"""A question to the texts, answered with a quotation that can be checked, or with an honest "not in these texts"."""

import datetime
from collections.abc import Iterator, Sequence

import msgspec

from conversations.dialogs import units
from conversations.periods import periods
from conversations.terms import load_terms
from conversations.wording import Wording
from knowledge.models import Clause, Document
from knowledge.programmes.models import Programme
from knowledge.search import LONGEST_QUESTION, Found, Knowledge, Passage

ALSO_SHARE = 0.6
"""How well, measured by the first passage, one of another document must match to be quoted beside it."""
GOVERNMENT_HOTLINE = 12345
SHARED_HOTLINE = 12385
"""Some provinces answer it through 12345."""


class Answer(msgspec.Struct, frozen=True):
    """What was found, and what a person reads."""

    found: Found
    reply: str


def answer(
    knowledge: Knowledge,
    question: str,
    region: str | None,
    day: datetime.date,
    say: Wording,
    programmes: Sequence[Programme] = (),
    *,
    steps: bool = True,
    whole: bool = False,
) -> Answer:
    """Answer `question` for somebody in `region` on `day`.

    In easy-read form the answer begins with what the clause comes to, in the words of its one of `programmes`. `steps`:
    it ends with what can be done next. `whole`: nobody can ask for the rest, so that nothing is shortened.
    """
    found = knowledge.search(question, region)
    writer = _Writer(knowledge, found, day, say, programmes, question=question, steps=steps, whole=whole)
    return Answer(found, load_terms().explained("\n".join(writer.lines())))


def clause_again(
    knowledge: Knowledge, clause: Clause, day: datetime.date, say: Wording, programmes: Sequence[Programme]
) -> str:
    """A clause that was an answer, told again, without what can be done next."""
    found = Found(outcome="answered", passages=(Passage(clause, 1.0),))
    writer = _Writer(knowledge, found, day, say, programmes, steps=False)
    return load_terms().explained("\n".join(writer.lines()))


class _Writer:
    """Writes the reply to one question."""

    def __init__(
        self,
        knowledge: Knowledge,
        found: Found,
        day: datetime.date,
        say: Wording,
        programmes: Sequence[Programme],
        *,
        steps: bool,
        question: str = "",
        whole: bool = False,
    ) -> None:
        self.question = question
        self.knowledge = knowledge
        self.found = found
        self.day = day
        self.say = say
        self.programmes = programmes
        self.with_steps = steps
        self.whole = whole

    def lines(self) -> Iterator[str]:
        if self.found.cut:
            yield self.say("question.question_cut", count=str(LONGEST_QUESTION))
        yield from {
            "answered": self._answered,
            "detail_not_stated": self._detail_not_stated,
            "not_held": self._not_held,
            "elsewhere": self._elsewhere,
            "fact_not_stated": self._fact_not_stated,
            "nothing": self._nothing,
            "empty": self._empty,
        }[self.found.outcome]()

    def _answered(self) -> Iterator[str]:
        first = self.found.passages[0]
        document = self._document(first)
        yield from self._in_short(first.clause)
        yield self._stands_in(first.clause, document)
        yield self._quotation(first.clause, document)
        if self.found.detail:
            yield self.say(f"question.not_stated_{self.found.detail.id}")
        if first.clause.responsible and not self.say.easy:
            yield units.told(first.clause.responsible, self.say, self.question, whole=self.whole)
        yield from periods([document.card], self.day, self.say)
        if not self.say.easy:
            yield from self._also(first)
        yield from self._steps()

    def _in_short(self, clause: Clause) -> Iterator[str]:
        """For who wants it simple: what the clause comes to."""
        if self.say.easy:
            for programme in self.programmes:
                entry = programme.entry
                if programme.document == clause.document and any(q in clause.text for q in entry.quotations):
                    yield self.say("question.in_short", benefit=entry.benefit)
                    if entry.amount is not None:
                        yield self.say("question.amount", amount=str(entry.amount))
                    return

    def _stands_in(self, clause: Clause, document: Document) -> str:
        label = document.card.short_title if self.say.easy else _cited(document)
        if not clause.path:
            return self.say("question.stands_in", label=label)
        return self.say(
            "question.stands_in_at", label=label, path="，".join(part.rstrip("。？") for part in clause.path)
        )

    def _quotation(self, clause: Clause, document: Document) -> str:
        text = clause.text
        for misprint in document.card.misprints:
            text = text.replace(misprint.printed, misprint.means)
        return self.say("question.quotation", text=text)

    def _also(self, first: Passage) -> Iterator[str]:
        """For a person whose place is known: what another document of that place says of the same matter."""
        if not self.found.places:
            return
        for passage in self.found.passages[1:]:
            if passage.clause.document != first.clause.document and passage.score >= ALSO_SHARE * first.score:
                document = self._document(passage)
                yield self.say("question.also", label=_cited(document))
                yield self._quotation(passage.clause, document)
                return

    def _steps(self) -> Iterator[str]:
        """What can be done next. Without numbers: a number means a choice of the menu."""
        if not self.with_steps:
            return
        yield self.say("question.steps")
        if not self.found.places:
            yield self.say("question.step_tell_place")
        yield self.say("question.step_ask_on")
        yield self.say("question.step_call")

    def _detail_not_stated(self) -> Iterator[str]:
        assert self.found.detail
        first = self.found.passages[0]
        document = self._document(first)
        yield self.say(f"question.not_stated_{self.found.detail.id}")
        yield self.say("question.nearest", label=_cited(document))
        yield self._quotation(first.clause, document)
        yield from periods([document.card], self.day, self.say)
        yield from self._steps()

    def _fact_not_stated(self) -> Iterator[str]:
        yield self.say("question.fact_not_stated")
        yield from self._hotlines(GOVERNMENT_HOTLINE)

    def _not_held(self) -> Iterator[str]:
        topic = self.found.topic
        assert topic
        if topic.far:
            yield self.say("question.far")
            yield self.say("question.example")
            return
        yield self.say("question.not_held", topic=topic.topic)
        if topic.ask:
            yield self.say("question.ask_there", ask=topic.ask)
        yield from self._hotlines(*topic.hotline)

    def _elsewhere(self) -> Iterator[str]:
        gazetteer = self.knowledge.snapshot.gazetteer
        yield self.say("question.elsewhere", place="、".join(map(gazetteer.full_name, self.found.places)))
        held = dict.fromkeys(document.card.region for document in self.knowledge.snapshot.documents)
        yield self.say("question.held", places="、".join(map(gazetteer.full_name, held)))
        yield from self._hotlines(GOVERNMENT_HOTLINE)

    def _nothing(self) -> Iterator[str]:
        yield self.say("question.nothing")
        yield self.say("question.try_again")
        yield from self._hotlines(GOVERNMENT_HOTLINE, SHARED_HOTLINE)

    def _empty(self) -> Iterator[str]:
        yield self.say("question.empty")
        yield self.say("question.example")

    def _hotlines(self, *numbers: int) -> Iterator[str]:
        """Each number on a line of its own, its digits apart so that they are read one by one."""
        if numbers:
            yield self.say("question.hotlines")
        for number in numbers:
            yield " ".join(str(number))
            if number == SHARED_HOTLINE:
                yield self.say("question.hotline_shared")

    def _document(self, passage: Passage) -> Document:
        return self.knowledge.documents[passage.clause.document]


def _cited(document: Document) -> str:
    """How a document is named to a person: 天水方案（天政办发〔2022〕78号）."""
    number = document.card.number or document.card.describes
    return f"{document.card.short_title}（{number}）" if number else document.card.short_title
