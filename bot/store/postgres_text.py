"""Text as PostgreSQL keeps it: the character NUL, which it cannot keep, is written with an escape."""

from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.string import StrDumperUnknown

NUL = "\x00"
ESCAPE = "\ufdd0"
"""A code point that Unicode keeps free for uses within a program."""


def escaped(text: str) -> str:
    """`text` without NUL."""
    if NUL in text or ESCAPE in text:
        return text.replace(ESCAPE, f"{ESCAPE}0").replace(NUL, f"{ESCAPE}1")
    return text


def unescaped(text: str) -> str:
    """The text that `escaped` was given."""
    if ESCAPE in text:
        return text.replace(f"{ESCAPE}1", NUL).replace(f"{ESCAPE}0", ESCAPE)
    return text


class _Dumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(escaped(obj))


class _Loader(Loader):
    def load(self, data: Buffer) -> str:
        return unescaped(bytes(data).decode())


def escape_nul(adapters: AdaptersMap) -> None:
    """Let a connection keep every text."""
    adapters.register_dumper(str, _Dumper)
    adapters.register_loader("text", _Loader)
