"""The command `zhuye`. Each command imports what it needs when it runs, so that a quick one stays quick."""

import sys
from typing import ClassVar, NoReturn

import click

from bot.commands.output import REFUSED, WRONG_USAGE, fail


class Commands(click.Group):
    """The commands, each in a module of its own that is imported when it is called."""

    modules: ClassVar = {
        "ask": "ask",
        "check": "check",
        "chat": "chat",
        "serve": "serve",
        "leads": "leads",
        "staff": "staff",
        "knowledge": "knowledge",
        "backup": "backup",
        "restore": "restore",
        "migrate-store": "migrate_store",
        "doctor": "doctor",
        "keys": "keys",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of help."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        module = self.modules.get(cmd_name)
        if module is None:
            return None
        command = __import__(f"bot.commands.{module}", fromlist=["command"]).command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhuye")
def cli() -> None:
    """助业: what the disability-employment policies offer, in plain Chinese, with its sources."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    from bot.settings import BadSetting
    from bot.store.base import BadBackup, StoreError
    from bot.store.sealing import BadKeys
    from knowledge.corpus.folders import BadKnowledge

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    if garbled := next((argument for argument in sys.argv[1:] if _surrogates(argument)), None):
        print(f"{garbled!a} is not text in UTF-8; set LANG=C.UTF-8 and type it again", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    try:
        cli.main(prog_name="zhuye")
    except (BadSetting, BadKnowledge, BadKeys, StoreError, BadBackup) as error:
        fail(type(error).__name__, str(error), as_json="--json" in sys.argv)
        sys.exit(REFUSED)
    except OSError as error:
        # Perhaps it is stdout that is full or gone, so this is said elsewhere.
        print(f"{error.filename or 'the output'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(REFUSED)
    sys.exit(0)


def _surrogates(argument: str) -> bool:
    """Whether an argument has bytes that the locale could not decode."""
    return any("\ud800" <= char <= "\udfff" for char in argument)
