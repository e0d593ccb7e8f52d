"""`zhuye check`: what a household could apply for."""

import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

import click

from bot.commands.batch import RefusedError, json_object, run_batch
from bot.commands.output import REFUSED, fail, print_json
from bot.json_forms import verdict_json
from bot.settings import load_settings
from conversations.wording import Wording, load_wording
from knowledge.eligibility import OPEN, SUBJECT, CriterionVerdict, Verdict, judge
from knowledge.facts.models import fact_name
from knowledge.facts.validation import FactsError, read_facts
from knowledge.programmes.catalogue import Catalogue, load_catalogue

FACTS_EXAMPLE = '{"region": "620500", "applicant": "self", "cert": true}'
LINE_EXAMPLE = '{"id": "h1", "facts": {"region": "620500", "applicant": "self", "cert": true}}'
AS_OF = "as_of"
LISTED = {"meets": ("A", "B", "C"), "unknown": ("A",), "lacks": ("A",)}
"""The tiers that a person is told of, by verdict."""


@click.command("check")
@click.option(
    "--facts", "file", type=click.File(encoding="utf-8", errors="replace"), help="One JSON object of facts; - is stdin."
)
@click.option("--batch", type=click.File(encoding="utf-8", errors="replace"), help='Lines {"id", "facts"}; - is stdin.')
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def command(file: TextIO | None, batch: TextIO | None, as_json: bool) -> None:
    """Say which programmes a household could apply for, with the criteria and their quotations."""
    if (file is None) == (batch is None):
        raise click.UsageError("Give --facts FILE, or --batch FILE.")
    checker = Checker(load_catalogue(), load_settings().today)

    def work(line: str) -> None:
        row = json_object(line, "bad_line", LINE_EXAMPLE)
        if not isinstance(row.get("facts"), dict):
            raise RefusedError("bad_line", f'no object under "facts"; write it like {LINE_EXAMPLE}')
        identifier = str(row.get("id", ""))
        checker.show(identifier, row["facts"], as_json=as_json)

    if batch is not None:
        sys.exit(0 if run_batch(batch, work, as_json=as_json) else REFUSED)
    assert file is not None
    try:
        checker.show("", json_object(file.read(), "bad_facts", FACTS_EXAMPLE), as_json=as_json)
    except RefusedError as error:
        fail(error.code, str(error), as_json=as_json)
        sys.exit(REFUSED)


class Checker:
    """Judges households by one catalogue on one day."""

    def __init__(self, catalogue: Catalogue, today: datetime.date) -> None:
        self.catalogue = catalogue
        self.today = today

    def show(self, identifier: str, given: Mapping[str, Any], *, as_json: bool) -> None:
        """Print the verdicts on the household of `given`.

        Raises:
            RefusedError: a fact is not one, or its value is not one of those allowed.

        """
        try:
            facts = read_facts(given, self.catalogue.vocabulary, self.catalogue.is_place)
        except FactsError as error:
            raise RefusedError("bad_facts", str(error)) from error
        verdicts = judge(facts, self.catalogue.programmes, self.catalogue.vocabulary)
        day = datetime.date.fromisoformat(str(facts[AS_OF])) if AS_OF in facts else self.today
        if as_json:
            here = str(facts.get("region", ""))
            rows = [verdict_json(self.catalogue, verdict, here, day) for verdict in verdicts]
            print_json({"id": identifier, "programmes": rows})
        else:
            lines = Summary(self.catalogue, load_wording(), day).lines(verdicts)
            print("\n".join([*([identifier] if identifier else []), *lines]))


class Summary:
    """Tells a person the verdicts: what may be applied for, what is to be found out, what does not fit and why."""

    def __init__(self, catalogue: Catalogue, say: Wording, day: datetime.date) -> None:
        self.catalogue = catalogue
        self.say = say
        self.day = day

    def lines(self, verdicts: Sequence[Verdict]) -> Iterator[str]:
        """The sentences, one a line; for people, so without background and without what is only listed."""
        meant = (verdict for verdict in verdicts if not any(_for_others(criterion) for criterion in verdict.criteria))
        listed = [verdict for verdict in meant if verdict.programme.entry.tier in LISTED[verdict.verdict]]
        told = False
        for word, kinds in (
            ("meets", ("benefit", "service")),
            ("meets", ("duty", "ban")),
            ("unknown", ("benefit", "service")),
            ("lacks", ("benefit", "service")),
        ):
            group = [v for v in listed if v.verdict == word and v.programme.entry.kind in kinds]
            group.sort(key=_urgency)
            if group:
                told = True
                yield self.say(f"check.{word}_{kinds[0]}", count=str(len(group)))
                for number, verdict in enumerate(group, 1):
                    yield from self._programme(number, verdict)
        yield self.say("check.closing" if told else "check.nothing")
        yield from self._periods(listed)

    def _programme(self, number: int, verdict: Verdict) -> Iterator[str]:
        entry = verdict.programme.entry
        yield self.say("check.programme", number=str(number), name=entry.name, benefit=entry.benefit)
        if verdict.verdict == "meets":
            yield self.say("check.quotation", text=entry.quotations[0])
            if entry.amount is not None:
                yield self.say("check.amount", amount=str(entry.amount))
            yield self.say(f"check.binding_{entry.binding}")
        for criterion in verdict.criteria:
            if criterion.verdict != "meets" and criterion.verdict == verdict.verdict:
                yield self._obstacle(criterion)
        if verdict.missing:
            yield self.say("check.missing", facts="、".join(map(self._label, verdict.missing)))
        if verdict.verdict != "lacks" and entry.responsible:
            yield self.say("check.units", units="、".join(entry.responsible))
        if verdict.verdict != "lacks" and not self._in_force(verdict):
            yield self.say("check.not_in_force")

    def _obstacle(self, criterion: CriterionVerdict) -> str:
        if criterion.fact == OPEN:
            return self.say("check.criterion_open", text=criterion.quotation)
        return self.say(
            f"check.criterion_{criterion.verdict}", fact=self._label(criterion.fact), text=criterion.quotation
        )

    def _label(self, fact: str) -> str:
        return self.catalogue.vocabulary.facts[fact_name(fact)].label

    def _in_force(self, verdict: Verdict) -> bool:
        programme = verdict.programme
        return programme.in_force(self.catalogue.cards[programme.document], self.day)

    def _periods(self, verdicts: Sequence[Verdict]) -> Iterator[str]:
        """Once for each document: that its period is over (or has not begun), and what came after it."""
        for document in dict.fromkeys(verdict.programme.document for verdict in verdicts):
            card = self.catalogue.cards[document]
            if self.day > card.in_force_to:
                yield self.say("check.lapsed", label=card.label, day=self.say.day(card.in_force_to), since=card.since)
            elif self.day < card.in_force_from:
                yield self.say("check.not_yet", label=card.label, day=self.say.day(card.in_force_from))


def _urgency(verdict: Verdict) -> tuple[str, bool]:
    """What is worth a guided dialog first, and of that what the household's own city says before its province."""
    return verdict.programme.entry.tier, verdict.programme.regions[0].endswith("0000")


def _for_others(criterion: CriterionVerdict) -> bool:
    return criterion.fact == SUBJECT and criterion.verdict == "lacks"
