"""What is typed on the command line, as values."""

import datetime

import click

from bot.store.filters import compact


def day(text: str) -> datetime.date:
    """The day that `text` names (ISO 8601).

    Raises:
        click.BadParameter: it names none.

    """
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError as error:
        raise click.BadParameter(f'"{text}" is not a date; write it like 2026-11-22') from error


def receipt(text: str) -> str:
    """A registration's number, also in threes as its sender hears it."""
    return compact(text)
