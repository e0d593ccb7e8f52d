"""`zhuye ask`: a question, without a conversation."""

import datetime
import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import click

from bot.commands.output import REFUSED, fail, print_json
from bot.settings import load_settings
from bot.snapshots import load_knowledge
from conversations.dialogs.question import Answer, answer
from conversations.wording import load_wording
from knowledge.search import Knowledge


class UnknownPlace(ValueError):
    """A region that is no place of GB/T 2260."""


class BadLine(ValueError):
    """A line of a batch that is no question."""


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
    if batch is not None:
        sys.exit(0 if answer_batch(asker, batch, as_json) else REFUSED)
    try:
        answered = asker.ask(question or "", region)
    except UnknownPlace as error:
        fail("unknown_region", str(error), as_json=as_json)
        sys.exit(REFUSED)
    print_json(asker.as_json("", answered)) if as_json else print(answered.reply)


class Asker:
    """Asks one knowledge on one day."""

    def __init__(self, knowledge: Knowledge, day: datetime.date) -> None:
        self.knowledge = knowledge
        self.day = day
        self.say = load_wording()

    def ask(self, question: str, region: str | None) -> Answer:
        """Answer `question`.

        Raises:
            UnknownPlace: `region` is no place.

        """
        if region is not None and not self.knowledge.snapshot.gazetteer.exists(region):
            raise UnknownPlace(f'"{region}" is no GB/T 2260 code; write one of six digits, for example 620500 (天水市)')
        return answer(self.knowledge, question, region, self.day, self.say)

    def as_json(self, identifier: str, answered: Answer) -> dict[str, Any]:
        """The JSON form of an answer, as the contract has it."""
        passages = []
        for passage in answered.found.passages:
            document = self.knowledge.documents[passage.clause.document]
            clause = passage.clause
            passages.append(
                {
                    "document": document.card.label,
                    "source": document.source,
                    "region": document.card.region,
                    "path": list(clause.path),
                    "text": clause.text,
                    "start": clause.start,
                    "end": clause.end,
                    "responsible": list(clause.responsible),
                    "in_force": document.card.in_force(self.day),
                    "score": passage.score,
                }
            )
        return {
            "id": identifier,
            "answered": answered.found.outcome == "answered",
            "passages": passages,
            "reply": answered.reply,
        }


def answer_batch(asker: Asker, lines: Iterable[str], as_json: bool) -> bool:
    """Answer line after line; a broken line is named by its number and the rest still answered. Whether all were."""
    well = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            identifier, question, region = parse_line(line)
            answered = asker.ask(question, region)
        except (BadLine, UnknownPlace) as error:
            well = False
            message = f"line {number}: {error}"
            print(message, file=sys.stderr)
            if as_json:
                code = "unknown_region" if isinstance(error, UnknownPlace) else "bad_line"
                print_json({"line": number, "error": {"code": code, "message": message}})
            continue
        if as_json:
            print_json(asker.as_json(identifier, answered))
        else:
            print(f"{identifier}\n{answered.reply}\n")
    return well


def parse_line(line: str) -> tuple[str, str, str | None]:
    """Identifier, question and region of a line of a batch.

    Raises:
        BadLine: it is not `{"id", "q", "region"}`.

    """
    example = '{"id": "q1", "q": "开店有补贴吗", "region": null}'
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadLine(f"not JSON ({error}); write it like {example}") from error
    if not isinstance(row, dict) or not isinstance(row.get("q"), str):
        raise BadLine(f'no text under "q"; write it like {example}')
    region = row.get("region")
    if region is not None and not isinstance(region, str):
        raise BadLine(f'"region" is neither text nor null; write it like {example}')
    return str(row.get("id", "")), row["q"], region or None
