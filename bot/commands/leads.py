"""`zhuye leads`: the registrations, for caseworkers."""

import datetime
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from bot.commands.desk import at_desk
from bot.commands.output import REFUSED, print_json
from bot.commands.parameters import day
from bot.commands.parameters import receipt as typed_receipt
from bot.desk.charts import Form
from bot.desk.charts import charts as drawn
from bot.desk.listing import listing
from bot.desk.models import Filter
from bot.desk.telling import event_json, lead_json
from bot.desk.whole import whole, writable_folder
from conversations.registrations import NEEDS, Status

PAGE = 50
YEAR = datetime.timedelta(days=365)
receipt_ = click.argument("receipt", metavar="ID", type=typed_receipt)
as_ = click.option("--as", "name", metavar="NAME", help="Whose account is used (default: the operator).")
json_ = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")
FILTERS = (
    click.option("--region", metavar="CODE", help="GB/T 2260, as 620500: this place and those in it."),
    click.option("--status", type=click.Choice(get_args(Status))),
    click.option("--since", type=day, help="Sent on this day (China) or later."),
    click.option("--until", type=day, help="Sent on this day (China) or before."),
    click.option("--programme", metavar="ID", help="A programme that they could apply for, as TS-31."),
    click.option("--need", type=click.Choice(NEEDS)),
    click.option("--category", help="A category of disability, in Chinese."),
    click.option("--claimed-by", metavar="NAME"),
    click.option("--unclaimed", is_flag=True, help="Followed up by nobody."),
    click.option("--due-by", type=day, help="To be followed up on this day or before."),
    click.option("--query", metavar="TEXT", help="A receipt, a phone number or a name, each whole."),
    click.option("--open", is_flag=True, help="Neither closed nor withdrawn."),
)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the filters' options, which it gets as one `wanted`."""

    @functools.wraps(command)
    def with_filter(**options: Any) -> None:
        given = {name: options.pop(name) for name in Filter.__struct_fields__}
        for name in ("since", "until", "due_by"):
            given[name] = given[name] and given[name].isoformat()
        command(wanted=Filter(**given), **options)

    for option in reversed(FILTERS):
        with_filter = option(with_filter)
    return with_filter


@click.group("leads")
def command() -> None:
    """Registrations: list, show, work on, export and count them. Lists are masked."""


@command.command("list")
@filtered
@click.option("--limit", type=click.IntRange(1, 1000), default=PAGE, show_default=True)
@click.option("--before", metavar="ID", type=typed_receipt, help="Those after this one, for the next page.")
@as_
@json_
def list_(wanted: Filter, limit: int, before: str | None, name: str | None, as_json: bool) -> None:
    """List registrations, newest first."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.check(at.who, wanted, before)
        found = at.desk.page(at.who, wanted, limit, before)
        for lead in found:
            if as_json:
                print_json(lead_json(lead))
            else:
                click.echo(at.telling.line(lead))
        if not as_json and not found:
            click.echo(at.telling.say("none"))
        if not as_json and len(found) == limit:
            click.echo(at.telling.say("more", receipt=found[-1].receipt))


@command.command("show")
@receipt_
@click.option("--reveal", "reason", metavar="REASON", help="In clear, for a reason, which is recorded.")
@as_
@json_
def show(receipt: str, reason: str | None, name: str | None, as_json: bool) -> None:
    """Show one registration and what happened to it."""
    with at_desk(name, as_json=as_json) as at:
        lead, events = at.desk.show(at.who, receipt)
        if reason is not None:
            lead = at.desk.reveal(at.who, receipt, reason)
        linked = [other.receipt for other in at.desk.linked(at.who, receipt)]
        if as_json:
            print_json({**lead_json(lead), "linked_with": linked, "events": [event_json(event) for event in events]})
            return
        for line in at.telling.card(lead):
            click.echo(line)
        if linked:
            click.echo(at.telling.say("linked", value=at.telling.names.joined(linked)))
        for event in events:
            click.echo(at.telling.event(event))


@command.command("claim")
@receipt_
@as_
@json_
def claim(receipt: str, name: str | None, as_json: bool) -> None:
    """Be the one who follows ID up."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.claim(at.who, receipt)
        _say(at.telling.say("claimed", receipt=receipt), {"id": receipt, "claimed_by": at.who.name}, as_json=as_json)


@command.command("release")
@receipt_
@as_
@json_
def release(receipt: str, name: str | None, as_json: bool) -> None:
    """Let ID go, so that others can claim it."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.release(at.who, receipt)
        _say(at.telling.say("released", receipt=receipt), {"id": receipt, "claimed_by": None}, as_json=as_json)


@command.command("note")
@receipt_
@click.argument("text")
@as_
@json_
def note(receipt: str, text: str, name: str | None, as_json: bool) -> None:
    """Write down what was done about ID."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.note(at.who, receipt, text)
        _say(at.telling.say("noted"), {"id": receipt, "noted": True}, as_json=as_json)


@command.command("status")
@receipt_
@click.argument("status", type=click.Choice(get_args(Status)))
@as_
@json_
def status(receipt: str, status: Status, name: str | None, as_json: bool) -> None:
    """Move ID to STATUS; a closed one is opened again with "registered"."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.set_status(at.who, receipt, status)
        words = at.telling.names.terms.status[status]
        told = at.telling.say("status_changed", receipt=receipt, status=words)
        _say(told, {"id": receipt, "status": status}, as_json=as_json)


@command.command("due")
@receipt_
@click.argument("on", metavar="DATE", type=day)
@as_
@json_
def due(receipt: str, on: datetime.date, name: str | None, as_json: bool) -> None:
    """Say when ID is to be followed up next."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.set_due(at.who, receipt, on)
        told = at.telling.say("due_set", receipt=receipt, day=on.isoformat())
        _say(told, {"id": receipt, "due": on.isoformat()}, as_json=as_json)


@command.command("transfer")
@receipt_
@click.argument("region", metavar="CODE")
@click.option("--reason", default="")
@as_
@json_
def transfer(receipt: str, region: str, reason: str, name: str | None, as_json: bool) -> None:
    """Hand ID to the caseworkers of another place."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.transfer(at.who, receipt, region, reason)
        told = at.telling.say("transferred", receipt=receipt, place=at.telling.names.place(region))
        _say(told, {"id": receipt, "region": region}, as_json=as_json)


@command.command("link")
@receipt_
@click.argument("other", metavar="OTHER", type=typed_receipt)
@as_
@json_
def link(receipt: str, other: str, name: str | None, as_json: bool) -> None:
    """Say that ID and OTHER concern one person; both are kept."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.link(at.who, receipt, other)
        told = at.telling.say("linked_done", receipt=receipt, other=other)
        _say(told, {"id": receipt, "linked_with": other}, as_json=as_json)


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@filtered
@as_
@json_
def export(file: Path, wanted: Filter, name: str | None, as_json: bool) -> None:
    """Write registrations with names and phone numbers in clear to FILE (.xlsx, .csv or .jsonl); it is recorded."""
    from bot.desk.export import export as write

    with at_desk(name, as_json=as_json) as at:
        at.desk.check(at.who, wanted)
        total = at.desk.count(at.who, wanted)
        count = write(at.desk.export(at.who, wanted), file, at.telling.names, progress=sys.stderr.isatty(), total=total)
        _say(
            at.telling.say("exported", count=str(count), file=str(file)),
            {"file": str(file), "count": count},
            as_json=as_json,
        )


@command.command("stats")
@filtered
@click.option("--charts", type=click.Path(path_type=Path, file_okay=False), help="Also draw them into this folder.")
@click.option("--form", type=click.Choice(["svg", "png"]), default="svg", show_default=True, help="Of the charts.")
@as_
@json_
def stats(wanted: Filter, charts: Path | None, form: Form, name: str | None, as_json: bool) -> None:
    """Count registrations: by place, month, need …, along the 四个一, and against the yearly targets."""
    with at_desk(name, as_json=as_json) as at:
        at.desk.check(at.who, wanted)
        statistics = at.desk.statistics(at.who, wanted)
        pictures = drawn(statistics, at.telling.names)
        if charts:
            writable_folder(charts)
            for picture in pictures:
                with whole(charts / f"{picture.key}.{form}") as draft:
                    draft.write_bytes(picture.draw(form))
        if as_json:
            print_json(msgspec.to_builtins(statistics))
            return
        for text in listing(statistics, pictures):
            click.echo(text)
        if charts:
            click.echo(at.telling.say("charts_written", folder=str(charts)))


@command.command("report")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--year", type=click.IntRange(2022, 2100), help="Default: this year.")
@click.option("--region", metavar="CODE", help="GB/T 2260; default: the caseworker's place.")
@as_
@json_
def report(file: Path, year: int | None, region: str | None, name: str | None, as_json: bool) -> None:
    """Write the yearly report that the texts ask of each place to FILE (.docx). It names nobody."""
    from bot.desk.yearly import yearly

    with at_desk(name, as_json=as_json) as at:
        yearly(at.desk, at.who, year or at.today.year, region, file, at.telling.names)
        _say(at.telling.say("report_written", file=str(file)), {"file": str(file)}, as_json=as_json)


@command.command("questions")
@click.option("--since", type=day, help="Asked on this day or later (default: a year back).")
@as_
@json_
def questions(since: datetime.date | None, name: str | None, as_json: bool) -> None:
    """List the questions that no text answers, most often asked first."""
    with at_desk(name, as_json=as_json) as at:
        found = at.desk.questions(at.who, since or at.today - YEAR)
        names, say = at.telling.names, at.telling.say
        for row in found:
            if as_json:
                print_json(row)
            else:
                place = names.place(row["region"]) if row["region"] else names.terms.not_said
                click.echo(
                    say("question_line", times=str(row["times"]), place=place, words=row["words"], last=row["last"])
                )
        if not found and not as_json:
            click.echo(say("question_none"))


@command.command("log")
@click.option("--subject", metavar="ID", help="What was done to this registration, place or account only.")
@click.option("--verify", is_flag=True, help="Only say whether the log is as it was written.")
@as_
@json_
def log(subject: str | None, verify: bool, name: str | None, as_json: bool) -> None:
    """Show who looked at or changed what; --verify shows whether somebody tampered with it."""
    with at_desk(name, as_json=as_json) as at:
        entries = at.accounts.access_log(at.who, subject)
        if verify:
            found = at.store.access_log.first_fault()
            fault = str(found) if found else None
            told = at.telling.say("log_fault", fault=fault) if fault else at.telling.say("log_whole")
            _say(told, {"whole": fault is None, "fault": fault}, as_json=as_json)
            if fault:
                sys.exit(REFUSED)
            return
        for entry in entries:
            _say(at.telling.entry(entry), msgspec.to_builtins(entry), as_json=as_json)


def _say(told: str, plain: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(plain)
    else:
        click.echo(told)
