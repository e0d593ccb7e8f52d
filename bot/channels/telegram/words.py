"""What the bot itself says on Telegram, and what its commands and links stand for."""

import functools
from importlib.resources import files

import msgspec

from knowledge.corpus.folders import load_yaml


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command of the bot's menu; `says` is the sentence that it stands for."""

    command: str
    description: str
    says: str


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers to what is no turn of the talk."""

    voice: str
    photo: str
    document: str
    sticker: str
    location: str
    contact: str
    edited: str
    other: str
    flood: str
    failed: str
    group_hello: str
    group_private: str


class Buttons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What buttons say that are not choices of a question."""

    programme: str
    back: str
    phone: str


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file wording.yaml. `links` are the sentences that deep links stand for, by their parameter."""

    name: str
    short_description: str
    description: str
    commands: tuple[Command, ...]
    links: dict[str, str]
    private_commands: tuple[str, ...]
    notices: Notices
    buttons: Buttons

    def says(self, command: str, parameter: str) -> str | None:
        """The sentence that a command stands for, with what is written after it; None for an unknown one."""
        if parameter in self.links and command == "start":
            return self.links[parameter]
        return next((known.says for known in self.commands if known.command == command), None)


@functools.cache
def load_words() -> Words:
    """The packaged wording.

    Raises:
        BadKnowledge: it does not have its form.

    """
    return load_yaml(files(__package__) / "wording.yaml", "channels/telegram/wording.yaml", Words)
