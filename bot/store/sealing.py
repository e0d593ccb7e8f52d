"""Sealing of personal data with keys that are not in the database.

What is sealed is encrypted and authenticated (Fernet of `cryptography`; several keys, newest first, so that a key can
be replaced while everything goes on). What must be found again without being readable — who sent a message, a phone
number — is kept as a keyed hash, whose key is random, made once, and itself kept sealed.
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

FILE = "keys"
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
HASH_BYTES = 16
ROOT = 0
"""The user id that may write everywhere."""


class BadKeys(Exception):
    """The keys cannot open what is stored; the message names the setting or file, and what to do."""


class Unopened(BadKeys):
    """The keys are those of the store, but do not open this."""


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
        self._seen: tuple[int, ...] = ()
        self._fernet: MultiFernet | None = None
        self.proof: Callable[[], bytes] | None = None
        """Something sealed that other keys must open before they are taken up, once there is something."""
        self.within: Callable[[], bool] = lambda: True
        """Whether what is sealed now is kept in a transaction that has begun with these keys."""
        self.load()

    @property
    def exist(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def load(self) -> bool:
        """Read the keys again; whether they are others now.

        Raises:
            BadKeys: they cannot be used; those of before are kept.

        """
        seen = self._state()
        keys = self.given or self._from_file()
        others = keys != self._read
        if others:
            self._fernet = self._proved(keys)
            self._read = keys
        self._seen = seen
        return others

    def _proved(self, keys: Sequence[str]) -> MultiFernet | None:
        if not keys and not self.proof:
            return None
        if not keys:
            raise self._no_key()
        try:
            fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise BadKeys(
                f"{self.place}: one of the keys is not of the form of a key (44 characters, as `zhuye keys new` "
                "prints one); put the right one in its place"
            ) from error
        try:
            if self.proof:
                fernet.decrypt(self.proof())
        except InvalidToken as error:
            raise BadKeys(self._unopened()) from error
        return fernet

    def _from_file(self) -> tuple[str, ...]:
        try:
            return tuple(self.file.read_text("ascii", errors="replace").split())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise BadKeys(f"{self.place}: {error.strerror}; let the user that runs zhuye read it") from error

    def _state(self) -> tuple[int, ...]:
        """What changes when the key file does."""
        if self.given:
            return ()
        try:
            found = self.file.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def add(self) -> str:
        """Put a new key before those of the file; what is sealed from now on is sealed with it.

        Raises:
            BadKeys: the keys are given by ZHUYE_DATA_KEYS, which only the operator can change.

        """
        if self.given:
            raise BadKeys(f"{self.place}: put a new key (`zhuye keys new`) before the others, separated by a comma")
        self.load()
        key = new_key()
        self._write((key, *self._read))
        return key

    def drop_before(self, key: str) -> None:
        """Drop the keys of the file that are older than `key`."""
        self.load()
        self._write(self._read[: self._read.index(key) + 1])

    def _write(self, keys: Sequence[str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        place = self.file.resolve()  # where it is a link, the link stays
        beside = place.with_name(f"{place.name}.new")
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
            if os.geteuid() == ROOT:
                # Done for the user that runs the service, who must be able to read it.
                owner = (place if place.exists() else place.parent).stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(place)
        # What is sealed with a new key may not outlive it, should the machine fail now.
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.load()

    def seal(self, data: bytes) -> bytes:
        """`data`, to be opened with these keys only. Call it in the transaction in which it is kept.

        Raises:
            BadKeys: there is no key.

        """
        assert self.within()
        return self._present().encrypt(data)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed, with any of the keys.

        Raises:
            BadKeys: the keys cannot be used.
            Unopened: none of the keys opens it.

        """
        with self._opening():
            try:
                return self._present().decrypt(sealed)
            except InvalidToken:
                if not self.refresh():
                    raise
                return self._present().decrypt(sealed)

    def reseal(self, sealed: bytes) -> bytes:
        """The same, sealed with the newest key.

        Raises:
            BadKeys: the keys cannot be used.
            Unopened: none of the keys opens it.

        """
        with self._opening():
            return self._present().rotate(sealed)

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        try:
            yield
        except InvalidToken as error:
            raise Unopened(self._unopened()) from error

    def refresh(self) -> bool:
        """Take the keys up as they are now; whether they are others. Call it when a transaction that writes begins.

        What another process has put first by then is used, so that it can drop the older ones once it has sealed
        everything anew.

        Raises:
            BadKeys: they cannot be used; those of before are kept.

        """
        return self._state() != self._seen and self.load()

    def _present(self) -> MultiFernet:
        if self._fernet is None:
            raise self._no_key()
        return self._fernet

    def _unopened(self) -> str:
        return (
            f"{self.place}: none of these keys opens what is stored; put the key back with which it was sealed (it is "
            "kept apart from the backups), after the newer ones"
        )

    def _no_key(self) -> BadKeys:
        return BadKeys(
            f"{self.place}: there is no key, but something is stored that one is needed for; put the key file back, "
            "or set ZHUYE_DATA_KEYS"
        )


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
