"""One programme in words: in a line of a result, and whole; and that its document's period is over."""

from collections.abc import Iterator, Sequence

from conversations.forms.telling import tell
from conversations.messages import Reply
from conversations.scene import Scene
from knowledge.eligibility import OPEN, REGION, CriterionVerdict, Verdict
from knowledge.facts.logic import value_of
from knowledge.facts.models import fact_name
from knowledge.models import Card
from knowledge.programmes.models import Programme

MOST_PERIODS = 2
"""Documents whose periods are told one by one; of more it is said together that they are over."""
PLACE_OF_NAME = "·"


def item(scene: Scene, number: int, verdict: Verdict) -> str:
    """A programme as a line of a result: its number, name and benefit, and what is open or stands in the way."""
    entry = verdict.programme.entry
    name, place = name_of(verdict.programme)
    values = {"number": str(number), "name": name, "place": place}
    if verdict.verdict == "lacks" or entry.benefit == name:
        parts = [scene.say("results.item_name", **values)]
    else:
        parts = [scene.say("results.item", **values, benefit=entry.benefit)]
    if verdict.verdict != "lacks" and entry.amount is not None:
        parts.append(scene.say("results.amount", amount=str(entry.amount)))
    if verdict.verdict == "lacks":
        parts += _why_not(scene, verdict)
    if verdict.verdict == "unknown":
        parts += _what_is_open(scene, verdict)
    return "".join(parts)


def _why_not(scene: Scene, verdict: Verdict) -> Iterator[str]:
    """What stands in the way, in the person's own words where they said it."""
    facts = [fact_name(c.fact) for c in verdict.criteria if c.verdict == "lacks"]
    own = {fact: scene.session.facts[fact] for fact in facts if fact in scene.session.facts}
    said = tell(scene, own)
    if said:
        yield scene.say("results.fails_said", said="、".join(said))
    else:
        yield scene.say("results.fails", facts="、".join(dict.fromkeys(_label(scene, fact) for fact in facts)))


def _what_is_open(scene: Scene, verdict: Verdict) -> Iterator[str]:
    undecided = [c for c in verdict.criteria if c.verdict == "unknown"]
    if any(c.fact == REGION for c in undecided):
        yield scene.say("results.elsewhere")
    facts = [c.fact for c in undecided if c.fact not in (OPEN, REGION)]
    known = [fact for fact in facts if value_of(fact, scene.facts) is not None]
    wanted = dict.fromkeys(_label(scene, fact) for fact in facts if fact not in known)
    if wanted:
        yield scene.say("results.needs", facts="、".join(wanted))
    if known:
        yield scene.say("results.not_written", facts="、".join(dict.fromkeys(_label(scene, fact) for fact in known)))
    if facts:
        return
    if verdict.programme.entry.binding == "conditional":
        yield scene.say("results.local")
    elif any(c.fact == OPEN for c in undecided):
        yield scene.say("results.open")


def detail(scene: Scene, verdict: Verdict) -> Reply:
    """One programme whole: quotation, source, units, and each condition with what the text says of it."""
    entry, card = verdict.programme.entry, _card(scene, verdict)
    name, place = name_of(verdict.programme)
    lines = [scene.say("results.detail", name=name, place=place, benefit=entry.benefit)]
    lines.append(scene.say("results.detail_source", label=card.label))
    lines += [scene.say("results.detail_quote", text=quotation) for quotation in entry.quotations]
    if entry.amount is not None:
        lines.append(scene.say("results.detail_amount", amount=str(entry.amount)))
    elif entry.kind == "benefit" and entry.amount_in_words is None:
        lines.append(scene.say("results.detail_no_amount"))
    lines += _conditions(scene, verdict.criteria)
    if entry.responsible:
        lines.append(scene.say("results.detail_units", units="、".join(entry.responsible)))
    lines += periods(scene, [verdict])
    return Reply(text="\n".join(lines), verdicts=(verdict,))


def _conditions(scene: Scene, criteria: Sequence[CriterionVerdict]) -> Iterator[str]:
    """How the person stands to each condition; those that stand alike by the same words of the text in one line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for criterion in criteria:
        alike.setdefault((_standing(scene, criterion), criterion.quotation), []).append(_label(scene, criterion.fact))
    for (standing, quotation), labels in alike.items():
        facts = "、".join(dict.fromkeys(labels))
        yield scene.say(f"results.criterion_{standing}", facts=facts, text=quotation)


def _standing(scene: Scene, criterion: CriterionVerdict) -> str:
    if criterion.fact == OPEN:
        return "open"
    known = criterion.fact != REGION and value_of(criterion.fact, scene.facts) is not None
    return "unwritten" if criterion.verdict == "unknown" and known else criterion.verdict


def periods(scene: Scene, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """For each document, once: that its period is over, and what came after it; and that nothing is a promise."""
    over = _lapsed(scene, verdicts)
    if len(over) > MOST_PERIODS:
        yield from over_in_short(scene, verdicts)
    else:
        for card in over:
            day = card.in_force_to
            spoken = scene.materials.say.day(day)
            yield scene.say("results.lapsed", label=card.short_title, day=spoken, since=card.since)
    if over:
        yield scene.say("results.lapsed_ask")
    if any(verdict.verdict != "lacks" for verdict in verdicts):
        yield scene.say("results.promise")


def over_in_short(scene: Scene, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """That the documents' periods are over, in one line."""
    over = _lapsed(scene, verdicts)
    if over:
        yield scene.say("results.lapsed_all", labels="、".join(card.short_title for card in over))


def _lapsed(scene: Scene, verdicts: Sequence[Verdict]) -> Sequence[Card]:
    """The documents whose periods are over."""
    cards = dict.fromkeys(_card(scene, verdict) for verdict in verdicts)
    return [card for card in cards if scene.today > card.in_force_to]


def name_of(programme: Programme) -> tuple[str, str]:
    """A programme's name, and the place that it is named after."""
    place, _, name = programme.entry.name.partition(PLACE_OF_NAME)
    return name, place


def _label(scene: Scene, fact: str) -> str:
    facts = scene.materials.catalogue.vocabulary.facts
    name = fact_name(fact)
    return facts[name].label if name in facts else ""


def _card(scene: Scene, verdict: Verdict) -> Card:
    return scene.materials.catalogue.cards[verdict.programme.document]
