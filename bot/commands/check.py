"""`zhuye check`: what a household could apply for."""

import datetime
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import click

from bot.commands.batch import RefusedError, json_object, run_batch
from bot.commands.output import REFUSED, fail, print_json
from bot.json_forms import verdict_json
from bot.settings import load_settings
from conversations.dialogs.programmes import Telling
from conversations.dialogs.verdicts import in_full
from conversations.terms import load_terms
from conversations.whom import whom
from conversations.wording import load_wording
from knowledge.eligibility import judge
from knowledge.facts.derivation import derive
from knowledge.facts.validation import FactsError, read_facts
from knowledge.programmes.catalogue import Catalogue, load_catalogue

FACTS_EXAMPLE = '{"region": "620500", "applicant": "self", "cert": true}'
LINE_EXAMPLE = '{"id": "h1", "facts": {"region": "620500", "applicant": "self", "cert": true}}'
AS_OF = "as_of"


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
            say, known = load_wording(), derive(facts, self.catalogue.vocabulary).facts
            telling = Telling(say=say, catalogue=self.catalogue, facts=known, who=whom(known, say), day=day)
            told = load_terms().explained("\n".join(in_full(telling, verdicts)))
            print("\n".join([*([identifier] if identifier else []), told]))
