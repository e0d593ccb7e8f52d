"""`zhuye migrate-store`: a store moved to another database."""

import contextlib
from pathlib import Path

import click
import msgspec

from bot.commands.output import print_json
from bot.settings import DATABASE, Settings, database_address, load_settings


@click.command("migrate-store")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(source: str, target: str, as_json: bool) -> None:
    """Move all that is kept FROM one place TO an empty one, while nothing uses either.

    A place is a data folder, or ZHUYE_DATABASE_URL for the database of this setting, or an address (postgresql://…).
    It is verified row by row. Cut short, the same command goes on where it was.
    """
    from bot.store.moving import move
    from bot.store.store import open_database

    settings = load_settings()
    old, new = (_place(settings, name, value) for name, value in (("FROM", source), ("TO", target)))
    with contextlib.closing(open_database(old)) as one, contextlib.closing(open_database(new)) as other:
        rows = move(one, other)
    if as_json:
        print_json({"rows": rows})
        return
    print(f"moved and verified: {', '.join(f'{table} {number}' for table, number in rows.items())}")
    print("the keys were not moved: what is sealed opens with the same key file or ZHUYE_DATA_KEYS as before")


def _place(settings: Settings, name: str, value: str) -> Settings:
    """The settings of a place, as it is told on the command line."""
    if value == DATABASE:
        address = database_address(DATABASE, settings.database_url or "")
    elif "://" in value:
        address = database_address(name, value)
    else:
        return msgspec.structs.replace(settings, data_dir=Path(value), database_url=None)
    return msgspec.structs.replace(settings, database_url=address)
