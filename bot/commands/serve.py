"""`zhuye serve`: all channels that are configured, until it is told to stop."""

import asyncio
import sys
from collections.abc import Callable

import click

from bot.commands.output import REFUSED, fail
from bot.logs import begin
from bot.settings import Settings, load_settings


@click.command("serve")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="In so many identical processes.")
def command(workers: int) -> None:
    """Run everything that is configured: the web page and desk, and the Telegram bots where they have a token."""
    from bot.serving import ChannelError

    settings = load_settings()

    def ready(address: str) -> None:
        click.echo(f"The chat page: {address}")
        click.echo(f"The caseworkers' desk: {address}desk/")
        if settings.public_url:
            click.echo(f"From elsewhere: {settings.public_url}/")
        click.echo("Ctrl+C ends it.")

    begin(settings.log_level, sys.stderr)
    try:
        if workers > 1:
            from bot.supervisor import supervise

            well = supervise(settings, workers, ready)
        else:
            well = alone(settings, ready)
    except ChannelError as error:
        fail("ChannelError", str(error), as_json=False)
        well = False
    if not well:
        sys.exit(REFUSED)


def alone(settings: Settings, ready: Callable[[str], object]) -> bool:
    """Run all channels in this process; whether all could run.

    Raises:
        ChannelError: nothing can listen there.
        BadKeys, BadKnowledge, StoreError: the store or the knowledge cannot be used.

    """
    from bot.channels.configured import configured
    from bot.serving import listen, serve

    with configured(settings) as channels:
        listening = listen(settings.host, settings.port)
        return asyncio.run(serve(channels, listening, asyncio.Event(), settings.proxies, ready))
