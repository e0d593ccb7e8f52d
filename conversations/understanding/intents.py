"""Commands that steer the talk, and what a message is about."""

from collections.abc import Iterable

from conversations.understanding.models import CommandRule, IntentRule
from conversations.understanding.patterns import Patterns

LONGEST_COMMAND = 24
"""Characters: what is longer tells something else too."""


class Intents:
    """Reads the command and the intent of plain text."""

    def __init__(self, commands: Iterable[CommandRule], intents: Iterable[IntentRule], patterns: Patterns) -> None:
        self._commands = [
            (rule.command, patterns.compile(f"^{{filler}}{{0,4}}(?:{rule.when}){{filler}}{{0,4}}$"))
            for rule in commands
        ]
        self._intents = [
            (rule.intent, patterns.compile(rule.when), patterns.compile(rule.unless) if rule.unless else None)
            for rule in intents
        ]

    def command(self, text: str) -> str | None:
        """The command that the whole of `text` is."""
        if len(text) > LONGEST_COMMAND:
            return None
        joined = text.replace("\n", "").rstrip("?") or text
        return next((command for command, pattern in self._commands if pattern.fullmatch(joined)), None)

    def intent(self, text: str) -> str | None:
        """The first intent that fits."""
        for intent, when, unless in self._intents:
            if when.search(text) and not (unless and unless.search(text)):
                return intent
        return None
