"""The knowledge, kept built in the data folder: made at first use, made again when any of its files changes.

Of several processes that need it at once one builds it, and the others wait for that. A file is written beside and
renamed into place, so a reader only ever sees a whole one. A folder that cannot be written costs the building each
time, nothing else.
"""

import contextlib
import fcntl
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from knowledge.codec import Damaged, decode, encode
from knowledge.search import Knowledge
from knowledge.snapshot import Snapshot, build_snapshot, fingerprint, load_ingredients

log = logging.getLogger(__name__)

PRIVATE_FOLDER = 0o700


def load_knowledge(cache: Path) -> Knowledge:
    """The packaged knowledge, from `cache` if it is there and current.

    Raises:
        BadKnowledge: a file of the knowledge cannot be used.

    """
    wanted = fingerprint()
    file = cache / f"knowledge-{wanted[:16]}.msgpack"
    return Knowledge(_read(file) or _built(file, wanted))


def _built(file: Path, wanted: str) -> Snapshot:
    with _alone(file.parent):
        if file.exists() and (snapshot := _read(file)):
            return snapshot  # another process has built it meanwhile
        snapshot = build_snapshot(load_ingredients())
        if fingerprint() == wanted:  # otherwise it may be half of what was and half of what is
            _write(file, encode(snapshot))
        return snapshot


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While it lasts no other process builds into `folder`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield  # nothing can be kept there, so nobody is in the way
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(file: Path) -> Snapshot | None:
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, Damaged) as error:
        log.warning("%s cannot be used and is made again: %s", file, error)
        return None


def _write(file: Path, data: bytes) -> None:
    """Write `data` whole or not at all, and remove what it replaces."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix="knowledge-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink()
            raise
        for old in file.parent.glob("knowledge-*.msgpack"):
            if old != file:
                old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the built knowledge cannot be kept in %s (%s); answers come slower", file.parent, error)
