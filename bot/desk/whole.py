"""A file that is there whole or not at all: written in a private folder beside it, then renamed.

The folder is on the same disk, so the renaming is one step, and nothing of a person is left in a shared folder for
temporary files. The file is for its owner only.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.desk.permissions import Refused

PRIVATE_FILE = 0o600


class CannotWrite(Refused):
    """A file cannot be written. Nothing new is there under its name."""


@contextlib.contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Where to write what shall be `file`: renamed to it when the block ends well, else removed.

    What is written beside it in the same folder is removed too. An older `file` is replaced.

    Raises:
        CannotWrite: `file` is a folder, its folder is not there or not writable, or there is no room.

    """
    if file.is_dir():
        raise CannotWrite("is_folder", file=str(file), example=str(file / f"leads{file.suffix}"))
    if not file.parent.is_dir():
        raise CannotWrite("no_folder", folder=str(file.parent))
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".zhuye-", ignore_cleanup_errors=True) as folder:
            draft = Path(folder) / file.name
            yield draft
            draft.chmod(PRIVATE_FILE)
            with draft.open("rb+") as stream:
                os.fsync(stream.fileno())
            draft.replace(file)
    except OSError as error:
        raise _not_written(file, error) from error


def writable_folder(folder: Path) -> None:
    """Make `folder` if it is not there.

    Raises:
        CannotWrite: it cannot be made.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error


def _not_written(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite("not_written", file=str(path), folder=str(path.parent), why=error.strerror or str(error))
