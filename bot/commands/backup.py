"""`zhuye backup`: a verified copy of all that is kept, for every night."""

import datetime

import click
import msgspec

from bot.commands.output import print_json
from bot.settings import load_settings


@click.command("backup")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Remove what has been kept long enough, then write a verified backup, while the bot goes on."""
    from bot.channels.web.forgetting import forget_expired
    from bot.store.backup import back_up
    from bot.store.retention import expire
    from bot.store.store import open_existing

    settings = load_settings()
    now = datetime.datetime.now(datetime.UTC)
    with open_existing(settings) as store:
        forget_expired(store, now)
        expired = expire(store, now)
        backup = back_up(store, settings.data_dir, now)
    if as_json:
        print_json({"file": str(backup.file), "rows": backup.rows, "expired": msgspec.to_builtins(expired)})
        return
    print(f"written and verified: {backup.file}")
    print("rows: " + ", ".join(f"{table} {rows}" for table, rows in backup.rows.items()))
    print("expired: " + ", ".join(f"{kind} {rows}" for kind, rows in msgspec.to_builtins(expired).items()))
    for file in backup.removed:
        print(f"too old, removed: {file}")
    print("keep the key file apart from it: without the key it cannot be opened, with it anybody can read it")
