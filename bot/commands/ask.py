"""`zhuye ask`: a question, without a conversation."""

import datetime
import sys
from typing import Any, TextIO

import click

from bot.commands.batch import RefusedError, json_object, run_batch
from bot.commands.output import REFUSED, fail, print_json
from bot.json_forms import passage_json
from bot.settings import load_settings
from bot.snapshots import load_knowledge
from conversations.dialogs.question import Answer, answer
from conversations.wording import load_wording
from knowledge.search import Knowledge

LINE_EXAMPLE = '{"id": "q1", "q": "开店有补贴吗", "region": null}'


@click.command("ask")
@click.argument("question", required=False)
@click.option("--region", metavar="CODE", help="Where the person is: a GB/T 2260 code such as 620500.")
@click.option(
    "--batch", type=click.File(encoding="utf-8", errors="replace"), help='Lines {"id", "q", "region"}; - is stdin.'
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def command(question: str | None, region: str | None, batch: TextIO | None, as_json: bool) -> None:
    """Answer QUESTION from the policy texts, with the clause, its source and whether it is in force."""
    if (question is None) == (batch is None):
        raise click.UsageError("Give one QUESTION, or --batch FILE.")
    settings = load_settings()
    asker = Asker(load_knowledge(settings.cache_dir), settings.today)

    def work(line: str) -> None:
        identifier, typed, place = parse_line(line)
        asker.show(identifier, typed, place, as_json=as_json)

    if batch is not None:
        sys.exit(0 if run_batch(batch, work, as_json=as_json) else REFUSED)
    try:
        asker.show("", question or "", region, as_json=as_json)
    except RefusedError as error:
        fail(error.code, str(error), as_json=as_json)
        sys.exit(REFUSED)


class Asker:
    """Asks one knowledge on one day."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day
        self.say = load_wording()

    def show(self, identifier: str, question: str, region: str | None, *, as_json: bool) -> None:
        """Print the answer to `question`.

        Raises:
            RefusedError: `region` is no place.

        """
        if region is not None and not self.knowledge.snapshot.gazetteer.exists(region):
            message = f'"{region}" is no GB/T 2260 code; write one of six digits, for example 620500 (天水市)'
            raise RefusedError("unknown_region", message)
        answered = answer(self.knowledge, question, region, self.day, self.say, whole=True)
        if as_json:
            print_json(self.as_json(identifier, answered))
        else:
            print("\n".join([*([identifier] if identifier else []), answered.reply]))

    def as_json(self, identifier: str, answered: Answer) -> dict[str, Any]:
        """The JSON form of an answer, as the contract has it."""
        passages = [passage_json(self.knowledge, passage, self.day) for passage in answered.found.passages]
        return {
            "id": identifier,
            "answered": answered.found.outcome == "answered",
            "passages": passages,
            "reply": answered.reply,
        }


def parse_line(line: str) -> tuple[str, str, str | None]:
    """Identifier, question and region of a line of a batch.

    Raises:
        RefusedError: it is not `{"id", "q", "region"}`.

    """
    row = json_object(line, "bad_line", LINE_EXAMPLE)
    if not isinstance(row.get("q"), str):
        raise RefusedError("bad_line", f'no text under "q"; write it like {LINE_EXAMPLE}')
    region = row.get("region")
    if region is not None and not isinstance(region, str):
        raise RefusedError("bad_line", f'"region" is neither text nor null; write it like {LINE_EXAMPLE}')
    return str(row.get("id", "")), row["q"], region or None
