"""`zhuye knowledge`: what the bot knows, and whether it is in order. For those who add and check texts."""

import sys
from typing import TextIO

import click
import msgspec

from bot.commands.output import REFUSED, fail, print_json
from bot.settings import load_settings
from bot.snapshots import load_knowledge
from knowledge.account import account_for
from knowledge.check import check_knowledge
from knowledge.corpus.folders import load_folders, packaged
from knowledge.evaluate import Question, by_group, run


@click.group("knowledge")
def command() -> None:
    """Report on, check, show and evaluate the policy texts."""


@command.command("report")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a document.")
def report(as_json: bool) -> None:
    """Account for every character of every source."""
    for folder in load_folders(packaged("corpus")):
        account = account_for(folder.document)
        if as_json:
            print_json(msgspec.to_builtins(account))
            continue
        print(f"{account.document}: {account.characters} characters, {account.clauses} clauses")
        for kind, count in account.kept.items():
            print(f"  {count:6} in clauses of kind {kind}")
        for reason, count in account.dropped.items():
            print(f"  {count:6} dropped: {reason}")
        print(f"  {account.unaccounted:6} unaccounted for")
        for note in account.notes:
            print(f"  note: {note}")


@command.command("check")
def check() -> None:
    """Name every problem of the knowledge's files, with file, line and what to do."""
    problems = check_knowledge()
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} to mend", file=sys.stderr)
        sys.exit(REFUSED)
    print("all in order")


@command.command("show")
@click.argument("clause_id", metavar="CLAUSE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(clause_id: str, as_json: bool) -> None:
    """Show the clause of an id such as 001-54, and how people ask about it."""
    knowledge = load_knowledge(load_settings().cache_dir)
    clause = knowledge.clauses.get(clause_id)
    if clause is None:
        fail("unknown_clause", f'there is no clause "{clause_id}"; an id looks like 001-54', as_json=as_json)
        sys.exit(REFUSED)
    questions = knowledge.snapshot.asked.get(clause_id, ())
    if as_json:
        print_json({**msgspec.to_builtins(clause), "questions": list(questions)})
        return
    print(f"{clause.id} ({clause.kind}) in {clause.document}, characters {clause.start} to {clause.end}")
    for line in (*clause.path, clause.text, "、".join(clause.responsible)):
        print(f"  {line}")
    for question in questions:
        print(f"  - {question}")


@command.command("eval")
@click.argument("files", nargs=-1, required=True, type=click.File(encoding="utf-8"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a group.")
@click.option("--misses", is_flag=True, help="Also name each question that the first passage does not answer.")
def evaluate(files: tuple[TextIO, ...], as_json: bool, misses: bool) -> None:
    """Measure the answers to the questions in FILES (JSON lines with "q", "region", "gold", "doc", "style")."""
    decoder = msgspec.json.Decoder(Question)
    questions = []
    for file in files:
        for number, line in enumerate(file, 1):
            try:
                questions.append(decoder.decode(line))
            except msgspec.DecodeError as error:
                raise click.UsageError(f"{file.name}, line {number}: {error}") from error
    outcomes = run(load_knowledge(load_settings().cache_dir), questions)
    for name, shares in by_group(outcomes).items():
        row = {key: round(value, 3) for key, value in msgspec.structs.asdict(shares).items()}
        print_json({"group": name, **row}) if as_json else print(
            f"{name:24} {row['count']:4}  hit@1 {row['hit_1']:.3f}  hit@3 {row['hit_3']:.3f}"
            f"  MRR {row['mrr']:.3f}  refused {row['refused']:.3f}"
        )
    for outcome in outcomes if misses else ():
        if outcome.question.gold and outcome.rank != 1:
            print(f"{outcome.question.id} rank {outcome.rank}: {outcome.question.q}", file=sys.stderr)
