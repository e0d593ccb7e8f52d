"""`zhuye keys`: the keys that personal data is sealed with."""

import click
import msgspec

from bot.commands.output import print_json
from bot.settings import load_settings


@click.group("keys")
def command() -> None:
    """Make a key, or replace the one in use."""


@command.command("new")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(as_json: bool) -> None:
    """Print a new key, for ZHUYE_DATA_KEYS. Nothing is changed."""
    from bot.store.sealing import new_key

    key = new_key()
    if as_json:
        print_json({"key": key})
    else:
        print(key)


@command.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate(as_json: bool) -> None:
    """Seal everything anew with a new key, while the bot goes on, and drop the old one.

    Backups from before need the old key.
    """
    from bot.store import rotation
    from bot.store.store import open_existing

    settings = load_settings()
    with open_existing(settings) as store:
        rotated = rotation.rotate(store)
        place = store.keys.place
    if as_json:
        print_json(msgspec.to_builtins(rotated))
        return
    print(f"sealed anew: {rotated.resealed}")
    if rotated.unopened:
        print(f"damaged, opened by no key, left as they are: {rotated.unopened}")
    if settings.data_keys:
        print(f"{place}: keep the first key, take the others out")
    else:
        print(f"{place}: the new key has taken the place of the old one")
    print("backups from before need the old key; run `zhuye backup` now")
