"""One programme in words: in a line of a result, and whole. What is told needs no session."""

import datetime
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from conversations.wording import Wording
from knowledge.eligibility import OPEN, REGION, CriterionVerdict, Verdict
from knowledge.facts.logic import value_of
from knowledge.facts.models import Facts, fact_name
from knowledge.models import Card
from knowledge.programmes.catalogue import Catalogue
from knowledge.programmes.models import Programme

PLACE_OF_NAME = "·"


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What telling verdicts takes: the sentences, the programmes' documents, the household, and the day.

    `facts` are what was said and what follows from it, `own_words` the lines in which a person said some of them.
    """

    say: Wording
    catalogue: Catalogue
    facts: Facts
    who: str
    day: datetime.date
    own_words: Mapping[str, str] = {}

    def card(self, verdict: Verdict) -> Card:
        """The card of the document that the verdict's programme is from."""
        return self.catalogue.cards[verdict.programme.document]

    def label(self, fact: str) -> str:
        """What a fact, or "level:X", is called."""
        facts = self.catalogue.vocabulary.facts
        name = fact_name(fact)
        return facts[name].label if name in facts else ""

    def labels(self, facts: Sequence[str]) -> str:
        """What `facts` are called, each once."""
        return "、".join(dict.fromkeys(map(self.label, facts)))


def item(telling: Telling, number: int, verdict: Verdict) -> str:
    """A programme as a line of a result: its number, name and benefit, and what is open or stands in the way."""
    say, entry = telling.say, verdict.programme.entry
    brief = verdict.verdict == "lacks" or say.easy
    alone = verdict.verdict == "unknown" and REGION not in telling.facts
    parts = [say("results.item", number=str(number), programme=_named(telling, verdict, brief=brief, alone=alone))]
    if verdict.verdict != "lacks" and entry.amount is not None:
        parts.append(say("results.amount", amount=str(entry.amount)))
    if verdict.verdict == "lacks":
        parts += _why_not(telling, verdict)
    if verdict.verdict == "unknown":
        parts += _what_is_open(telling, verdict)
    return "".join(parts)


def _named(telling: Telling, verdict: Verdict, *, brief: bool = False, alone: bool = False) -> str:
    """A programme by place (`alone`: it was said before) and name, and what it gives, unless the name says that too."""
    name, place = name_of(verdict.programme)
    benefit = verdict.programme.entry.benefit
    named = telling.say("results.named_alone" if alone else "results.named", name=name, place=place)
    return named if brief or benefit == name else named + telling.say("results.benefit", benefit=benefit)


def _why_not(telling: Telling, verdict: Verdict) -> Iterator[str]:
    """What stands in the way, in the person's own words where they said it."""
    facts = [fact_name(c.fact) for c in verdict.criteria if c.verdict == "lacks"]
    said = [telling.own_words[fact] for fact in dict.fromkeys(facts) if fact in telling.own_words]
    if said:
        yield telling.say("results.fails_said", said="、".join(said))
    else:
        yield telling.say("results.fails", facts=telling.labels(facts))


def _what_is_open(telling: Telling, verdict: Verdict) -> Iterator[str]:
    undecided = [c for c in verdict.criteria if c.verdict == "unknown"]
    if REGION in telling.facts and any(c.fact == REGION for c in undecided):
        yield telling.say("results.elsewhere")
    facts = [c.fact for c in undecided if c.fact not in (OPEN, REGION)]
    known = [fact for fact in facts if value_of(fact, telling.facts) is not None]
    wanted = [fact for fact in facts if fact not in known]
    if wanted:
        yield telling.say("results.needs", facts=telling.labels(wanted))
    if known:
        yield telling.say("results.not_written", facts=telling.labels(known))
    if facts:
        return
    if verdict.programme.entry.binding == "conditional":
        yield telling.say("results.local")
    elif any(c.fact == OPEN for c in undecided):
        yield telling.say("results.open")


def whole(telling: Telling, verdict: Verdict) -> Iterator[str]:
    """One programme whole, a line each: quotation, source, units, and each condition with what the text says of it."""
    yield _named(telling, verdict)
    yield from grounds(telling, verdict)


def grounds(telling: Telling, verdict: Verdict) -> Iterator[str]:
    """What a programme's text says, and how the household stands to it."""
    say, entry = telling.say, verdict.programme.entry
    yield say("results.detail_source", label=telling.card(verdict).label)
    for quotation in entry.quotations:
        yield say("results.detail_quote", text=quotation)
    if entry.amount is not None:
        yield say("results.detail_amount", amount=str(entry.amount))
    elif entry.kind == "benefit" and entry.amount_in_words is None:
        yield say("results.detail_no_amount")
    yield from _conditions(telling, verdict)
    if entry.responsible and not say.easy:
        yield say("question.units", units="、".join(entry.responsible))


def _conditions(telling: Telling, verdict: Verdict) -> Iterator[str]:
    """How the household stands to each condition, and the words of the text for it, where they were not read just now.

    Those that stand alike by the same words are one line.
    """
    read = {"", *verdict.programme.entry.quotations}
    alike: dict[tuple[str, str], list[str]] = {}
    for criterion in verdict.criteria:
        quotation = "" if telling.say.easy else criterion.quotation
        alike.setdefault((_standing(telling, criterion), quotation), []).append(criterion.fact)
    for (standing, quotation), facts in alike.items():
        line = telling.say(f"results.criterion_{standing}", facts=telling.labels(facts))
        yield line if quotation in read else line + telling.say("results.detail_quote", text=quotation)


def _standing(telling: Telling, criterion: CriterionVerdict) -> str:
    if criterion.fact == OPEN:
        return "open"
    known = criterion.fact != REGION and value_of(criterion.fact, telling.facts) is not None
    return "unwritten" if criterion.verdict == "unknown" and known else criterion.verdict


def name_of(programme: Programme) -> tuple[str, str]:
    """A programme's name, and the place that it is named after."""
    place, _, name = programme.entry.name.partition(PLACE_OF_NAME)
    return name, place
