"""`zhuye chat`: questions and answers in the terminal."""

import click

from bot.settings import load_settings
from bot.snapshots import load_knowledge


@click.command("chat")
def command() -> None:
    """Talk in the terminal."""
    from bot.channels.terminal import converse

    settings = load_settings()
    converse(load_knowledge(settings.cache_dir), settings)
