"""The knowledge, kept built in the data folder: made at first use, made again when any of its files changes.

Two processes that start at once may both build it; each writes a file of its own and renames it into place, so a
reader only ever sees a whole one. A folder that cannot be written costs the building each time, nothing else.
"""

import logging
import os
import tempfile
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
    file = cache / f"knowledge-{fingerprint()[:16]}.msgpack"
    snapshot = _read(file)
    if snapshot is None:
        snapshot = build_snapshot(load_ingredients())
        _write(file, encode(snapshot))
    return Knowledge(snapshot)


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
