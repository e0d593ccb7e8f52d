"""`zhuye chat`: a conversation in the terminal, or for a program."""

import sys

import click

from bot.commands.output import REFUSED
from bot.settings import load_settings
from bot.snapshots import load_knowledge


@click.command("chat")
@click.option("--json", "as_json", is_flag=True, help="For a program: JSON lines in and out, many users at once.")
def command(as_json: bool) -> None:
    """Talk in the terminal."""
    from bot.channels import json_lines, terminal
    from bot.service import Service
    from bot.store.store import open_store
    from conversations.materials import build_materials

    settings = load_settings()
    with open_store(settings) as store:
        materials = build_materials(load_knowledge(settings.cache_dir))
        service = Service(materials, store, settings.now)
        if not as_json:
            terminal.converse(service)
        elif not json_lines.serve(service):
            sys.exit(REFUSED)
