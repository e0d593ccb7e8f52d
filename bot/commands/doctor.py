"""`zhuye doctor`: is it healthy, and what to do where it is not."""

import datetime
import sys

import click
import msgspec

from bot.commands.output import REFUSED, print_json
from bot.settings import load_settings


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a finding.")
def command(as_json: bool) -> None:
    """Look at versions, permissions, disk, schema, integrity, keys, access log, counts and backups."""
    from bot.store.doctor import examine

    findings = examine(load_settings(), datetime.datetime.now(datetime.UTC))
    for finding in findings:
        if as_json:
            print_json(msgspec.to_builtins(finding))
        else:
            print(f"{finding.level:8} {finding.check}: {finding.found}")
            if finding.advice:
                print(f"{'':8} {finding.advice}")
    if any(finding.level == "fault" for finding in findings):
        sys.exit(REFUSED)
