"""Where files that name people in clear are written before they are sent."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PRIVATE_FOLDER = 0o700


class Drafts:
    """Private folders, one for each file, in a `folder` that all processes of a machine share.

    At the start those that nobody writes any more are removed, as what a crash left there is personal. A lock tells
    which are: the number of a process may be another's by now, and counts anew in each container.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with contextlib.suppress(OSError), _locked(folder):
            for other in folder.iterdir():
                with contextlib.suppress(OSError), _locked(other, fcntl.LOCK_NB):
                    shutil.rmtree(other, ignore_errors=True)

    @contextlib.contextmanager
    def file(self) -> Iterator[Path]:
        """A file's place in a folder that is gone afterwards; whoever has it open can still read it.

        Raises:
            OSError: it cannot be made.

        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with contextlib.ExitStack() as kept:
            with _locked(self._folder):
                own = Path(kept.enter_context(tempfile.TemporaryDirectory(dir=self._folder)))
                kept.enter_context(_locked(own))
            yield own / "file"


@contextlib.contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    """While it lasts no other has the folder's lock.

    Raises:
        OSError: there is no such folder, or with LOCK_NB: another has it.

    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(handle)
