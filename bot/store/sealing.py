"""Sealing of personal data with keys that are not in the database.

What is sealed is encrypted and authenticated (Fernet of `cryptography`; several keys, newest first, so that a key can
be replaced while everything goes on). What must be found again without being readable — who sent a message, a phone
number — is kept as a keyed hash, whose key is random, made once, and itself kept sealed.
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

FILE = "keys"
PRIVATE = 0o600
HASH_BYTES = 16


class BadKeys(Exception):
    """The keys cannot open what is stored; the message names the setting or file, and what to do."""


class Keyring:
    """The keys of `given` (ZHUYE_DATA_KEYS, newest first), or of the key file in `folder`.

    Raises:
        BadKeys: a key does not have its form.

    """

    def __init__(self, folder: Path, given: Sequence[str] = ()) -> None:
        self.file = folder / FILE
        self.given = tuple(given)
        self.place = "ZHUYE_DATA_KEYS" if given else str(self.file)
        self._read: tuple[str, ...] = ()
        self._fernet: MultiFernet | None = None
        self.load()

    @property
    def exist(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def load(self) -> bool:
        """Read the keys again; whether they are others now."""
        keys = self.given
        if not keys:
            with contextlib.suppress(FileNotFoundError):
                keys = tuple(self.file.read_text("ascii", errors="replace").split())
        if keys == self._read:
            return False
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError as error:
            raise BadKeys(f"{self.place}: {error}; a key is made with `zhuye keys new`") from error
        self._read = keys
        return True

    def add(self) -> None:
        """Put a new key before those of the file; what is sealed from now on is sealed with it.

        Raises:
            BadKeys: the keys are given by ZHUYE_DATA_KEYS, which only the operator can change.

        """
        if self.given:
            raise BadKeys(f"{self.place}: put a new key (`zhuye keys new`) before the others, separated by a comma")
        self._write((new_key(), *self._read))

    def drop_old(self) -> None:
        """Keep only the newest key of the file."""
        self._write(self._read[:1])

    def _write(self, keys: Sequence[str]) -> None:
        beside = self.file.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.file)
        self.load()

    def seal(self, data: bytes) -> bytes:
        """`data`, to be opened with these keys only."""
        return self._keys().encrypt(data)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed, with any of the keys; another process may have added one since.

        Raises:
            BadKeys: none of the keys opens it.

        """
        try:
            return self._keys().decrypt(sealed)
        except InvalidToken:
            if self.load():
                return self.unseal(sealed)
        raise BadKeys(
            f"{self.place}: none of these keys opens what is stored; put the key back with which it was sealed "
            "(it is kept apart from the backups), after the newer ones"
        )

    def reseal(self, sealed: bytes) -> bytes:
        """The same, sealed with the newest key."""
        return self._keys().rotate(sealed)

    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            raise BadKeys(
                f"{self.place}: there is no key, but something is stored that one is needed for; put the key file "
                "back, or set ZHUYE_DATA_KEYS"
            )
        return self._fernet


class Hasher:
    """Keyed hashes: the same text gives the same hash, which tells nothing of the text."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hash(self, purpose: str, text: str) -> str:
        """The hash of `text` for one purpose, as 32 hexadecimal digits."""
        digest = hmac.digest(self._secret, f"{purpose}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return digest[:HASH_BYTES].hex()


def new_key() -> str:
    """A new key, as text."""
    return Fernet.generate_key().decode("ascii")
