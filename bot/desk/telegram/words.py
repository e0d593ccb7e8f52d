"""What the bot says, and the commands that it knows."""

import functools
import re
import unicodedata
from collections.abc import Mapping

import msgspec

from bot.desk.wording import load_words
from conversations.wording import Wording

COMMAND = re.compile(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command: its description in the menu, and the words that do the same."""

    about: str
    words: tuple[str, ...]


class Words(msgspec.Struct, frozen=True):
    """The sentences, and the commands by name."""

    say: Wording
    commands: Mapping[str, Command]

    def command(self, text: str) -> tuple[str, str] | None:
        """The command that `text` is, by its name or by its words, and what follows; None if it is none."""
        text = unicodedata.normalize("NFKC", text).strip()
        if match := COMMAND.fullmatch(text):
            name, rest = match[1], (match[2] or "").strip()
            return (name, rest) if name in self.commands else None
        first, _, rest = text.partition(" ")
        found = next((name for name, command in self.commands.items() if first in command.words), None)
        return (found, rest.strip()) if found else None


@functools.cache
def load_telegram_words() -> Words:
    """The packaged words.

    Raises:
        BadKnowledge: a file does not have its form.

    """
    return Words(Wording(load_words("telegram", dict[str, str])), load_words("telegram_commands", dict[str, Command]))
