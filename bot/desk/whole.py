"""A file that is there whole or not at all: written in a private folder beside it, then renamed.

The folder is on the same disk, so the renaming is one step, and nothing of a person is left in a shared folder for
temporary files. The file is for its owner only.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PRIVATE_FILE = 0o600


class CannotWrite(Exception):
    """A file cannot be written; the message names it, says why, and what to do. Nothing is there under its name."""

    def __init__(self, file: Path, why: object, advice: str) -> None:
        super().__init__(f"{file}: {why}; {advice}")


@contextlib.contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write what shall be `file`: renamed to it when the block ends well, else removed.

    What is written beside it in the same folder is removed too. An older `file` is replaced.

    Raises:
        CannotWrite: `file` is a folder, its folder is not there or not writable, or there is no room.

    """
    if file.is_dir():
        raise CannotWrite(file, "that is a folder", f"name a file in it, for example {file / f'leads{file.suffix}'}")
    if not file.parent.is_dir():
        raise CannotWrite(file, "its folder is not there", f"make {file.parent} first, or name another folder")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".zhuye-", ignore_cleanup_errors=True) as folder:
            draft = Path(folder) / file.name
            yield draft
            draft.chmod(PRIVATE_FILE)
            with draft.open("rb+") as stream:
                os.fsync(stream.fileno())
            draft.replace(file)
    except OSError as error:
        advice = f"make room on its disk and {file.parent} writable, or name a file elsewhere"
        raise CannotWrite(file, f"it could not be written ({error.strerror or error})", advice) from error
