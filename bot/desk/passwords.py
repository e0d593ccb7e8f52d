"""Passwords of the desk: which are good enough, and how they are kept (Argon2id, RFC 9106)."""

import functools
import itertools
import unicodedata
from importlib.resources import files

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from knowledge.corpus.folders import load_yaml

SHORTEST, LONGEST = 12, 200
LEAST_OWN = 4
"""Characters that must not be part of something everybody thinks of."""
SHORTEST_RUN = 3
LEET = str.maketrans("@4310$57!", "aaeiosstl")


class CommonParts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of common_passwords.yaml."""

    parts: tuple[str, ...]


@functools.cache
def common_parts() -> frozenset[str]:
    """What common passwords are put together from.

    Raises:
        BadKnowledge: the file does not have its form.

    """
    return frozenset(
        load_yaml(files("bot.desk") / "common_passwords.yaml", "desk/common_passwords.yaml", CommonParts).parts
    )


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a new password of the account `name`: "short", "long", "common" or None (ASVS 5.0, 6.2)."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    parts = common_parts() | {part for part in (_folded(name), *_folded(name).replace("-", " ").split()) if part}
    return "common" if _own(_folded(password), parts) < LEAST_OWN else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _own(text: str, parts: frozenset[str]) -> int:
    """How few characters are left when common parts, repetitions and sequences are taken away."""
    length = len(text)
    if any(text == text[:size] * (length // size) for size in range(1, length // 2 + 1)):
        return 0
    longest = max(len(part) for part in parts)
    letters = text.translate(LEET)
    least = [0]
    for end in range(1, length + 1):
        best = least[end - 1] + 1
        for start in range(max(0, end - longest), end - 1):
            if text[start:end] in parts or letters[start:end] in parts:
                best = min(best, least[start])
        for start in range(end - SHORTEST_RUN, -1, -1):
            if not _is_run(text[start:end]):
                break
            best = min(best, least[start])
        least.append(best)
    return least[-1]


def _is_run(text: str) -> bool:
    """Whether each character follows the one before by the same small step: aaa, 123, cba."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


class Passwords:
    """Hashes and verifies. An unknown account takes as long as a known one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("")

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        return self._hasher.hash(_normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password that was kept; None is an account that is not known."""
        try:
            return self._hasher.verify(kept or self._nobodys, _normal(password)) and kept is not None
        except (VerifyMismatchError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Whether it would be hashed otherwise today."""
        return self._hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """The same characters however a keyboard puts them together (RFC 8265); no longer than is worth hashing."""
    return unicodedata.normalize("NFC", password)[: LONGEST + 1]
