"""What the people of a run lived through, one line of JSON each: so a run of any length takes little memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.faults.scripts import Line


class ToldTurn(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A turn as the page shows it."""

    position: int
    you: str
    bot: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What was answered to a message (its number) from a page that shows the turns up to the position `after`."""

    message: int
    after: int
    turns: tuple[ToldTurn, ...]


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """A message as it was sent; `due` and `answered` are seconds of the run, None if no answer ever came."""

    nonce: str
    line: Line
    due: float
    answered: float | None
    tries: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened to one person. `result` are programmes with verdicts, as the result's page shows them."""

    number: int
    script: str
    phone: str
    mark: str
    about: tuple[str, str] | None = None
    token: str = ""
    sent: Sequence[Sent] = ()
    answers: Sequence[Answer] = ()
    result: dict[str, str] | None = None
    problems: Sequence[str] = ()


def append(file: Path, story: Story) -> None:
    """Keep one more."""
    with file.open("ab") as stream:
        stream.write(msgspec.json.encode(story) + b"\n")


def load(file: Path) -> Iterator[Story]:
    """One after the other."""
    decoder = msgspec.json.Decoder(Story)
    with file.open("rb") as stream:
        yield from map(decoder.decode, stream)
