"""What holds of every command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def zhuye(data: Path, *arguments: str | bytes, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**os.environ, "ZHUYE_DATA_DIR": str(data)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("arguments", [("ask", b"\xff\xfe"), ("leads", "note", "123456782", b"\xd6\xd0"), (b"\xff",)])
def test_what_is_no_text_is_wrong_usage(tmp_path: Path, arguments: tuple[str | bytes, ...]) -> None:
    result = zhuye(tmp_path, *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert "is not text in UTF-8" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_is_full_is_named(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = zhuye(tmp_path, "keys", "new", "--json", stdout=full.fileno())
    assert result.returncode != 0
    assert "No space left" in result.stderr and "Traceback" not in result.stderr
