"""A file that is there whole or not at all: written in a private folder beside it, then renamed.

The folder is on the same disk, so the renaming is one step, and nothing of a person is left in a shared folder for
temporary files. The file is for its owner only.
"""

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bot.desk.permissions import Refused

PRIVATE_FILE = 0o600
ENDING = (signal.SIGTERM, signal.SIGHUP)
"""What a process manager, or a terminal that is closed, sends; it would end Python without cleaning up."""


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
        with (
            _ended_in_order(),
            tempfile.TemporaryDirectory(dir=file.parent, prefix=".zhuye-", ignore_cleanup_errors=True) as folder,
        ):
            draft = Path(folder) / file.name
            yield draft
            draft.chmod(PRIVATE_FILE)
            with draft.open("rb+") as stream:
                os.fsync(stream.fileno())
            draft.replace(file)
    except OSError as error:
        raise _not_written(file, error) from error


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """While it lasts, being told to end removes what was begun, which names people in clear, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


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
