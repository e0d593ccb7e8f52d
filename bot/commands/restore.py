"""`zhuye restore`: a backup put back."""

import datetime
from pathlib import Path

import click

from bot.commands.output import print_json
from bot.settings import load_settings


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path, as_json: bool) -> None:
    """Put the backup FILE back, while the bot goes on. What was deleted since it was made stays deleted.

    Accounts that are known now keep their passwords, tokens, links and roles; who was shut out stays out.
    """
    from bot.store.restore import restore

    settings = load_settings()
    now = datetime.datetime.now(datetime.UTC)
    restored = restore(settings, file, now)
    before = str(restored.before) if restored.before else None
    if as_json:
        print_json(
            {"rows": restored.rows, "before": before, "erased_again": restored.erased, "access": restored.access}
        )
        return
    print(f"restored and verified: {file}")
    print("rows: " + ", ".join(f"{table} {rows}" for table, rows in restored.rows.items()))
    print(f"deleted since and deleted again: {restored.erased}")
    if restored.access:
        print(f"let in as before, and not as in the backup: {', '.join(restored.access)}")
    if before:
        print(f"what was there before: {before}")
