"""A disk that can be full: a file system in memory whose size is set to what it holds, so that writing gives ENOSPC.

Only root can mount it; limits of a process (RLIMIT_FSIZE) give another error, EFBIG, and another path through the code.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

SIZE = "6g"
"""More than a run comes to; it takes memory only as it is used."""

TRIES = 200


class Disk:
    """A folder on a file system of its own where that can be mounted; `mounted` tells."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zhuye-faults-"))
        options = f"size={SIZE},mode=1777"
        self.mounted = os.geteuid() == 0 and _ran("mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder)

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """While it lasts, there is no room on it."""
        assert self.mounted
        # It cannot be made smaller than what it holds, which may have become more since it was looked at.
        assert any(_ran("mount", "-o", f"remount,size={self._kilobytes()}k", self.folder) for _ in range(TRIES))
        try:
            yield
        finally:
            assert _ran("mount", "-o", f"remount,size={SIZE}", self.folder)

    def _kilobytes(self) -> int:
        held = os.statvfs(self.folder)
        return (held.f_blocks - held.f_bfree) * held.f_frsize // 1024

    def remove(self) -> None:
        """Throw it away."""
        if self.mounted:
            assert _ran("umount", "-l", self.folder)
        shutil.rmtree(self.folder)


def _ran(*command: object) -> bool:
    return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
