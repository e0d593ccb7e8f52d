"""`zhuye serve`: all channels that are configured, until it is told to stop."""

import asyncio
import sys

import click

from bot.commands.output import REFUSED, fail
from bot.logs import begin
from bot.settings import load_settings


@click.command("serve")
def command() -> None:
    """Run everything that is configured: the web page and desk, and the Telegram bots where they have a token."""
    from bot.channels.configured import configured
    from bot.serving import ChannelError, serve

    settings = load_settings()

    def ready(address: str) -> None:
        click.echo(f"The chat page: {address}")
        click.echo(f"The caseworkers' desk: {address}desk/")
        if settings.public_url:
            click.echo(f"From elsewhere: {settings.public_url}/")
        click.echo("Ctrl+C ends it.")

    begin(settings.log_level, sys.stderr)
    try:
        with configured(settings) as channels:
            serving = serve(channels, settings.host, settings.port, asyncio.Event(), settings.proxies, ready)
            well = asyncio.run(serving)
    except ChannelError as error:
        fail("ChannelError", str(error), as_json=False)
        well = False
    if not well:
        sys.exit(REFUSED)
