"""The disk of a run is full when it is told to be, with the system's own error."""

import errno
import os
from collections.abc import Iterator

import pytest

from tests.faults.disk import Disk


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.remove()
    assert not made.folder.exists()


def test_nothing_more_goes_on_a_full_disk(disk: Disk) -> None:
    if not disk.mounted:
        assert os.geteuid() != 0, "root may mount it"
        return
    file = disk.folder / "file"
    file.write_bytes(b"before")
    with disk.full(), pytest.raises(OSError) as raised, file.open("ab", buffering=0) as stream:
        for _ in range(1000):
            stream.write(bytes(4096))
    assert raised.value.errno == errno.ENOSPC
    file.write_bytes(b"after" * 100_000)
