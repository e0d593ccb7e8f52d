"""What all commands print alike: JSON lines, and refusals."""

import json
import sys
from typing import Any

REFUSED = 1
"""The exit code for refused or not found."""
WRONG_USAGE = 2
"""The exit code for wrong usage, as click has it."""


def print_json(value: Any) -> None:
    """One JSON value as one line, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def fail(code: str, message: str, *, as_json: bool) -> None:
    """Say that a command is refused, and why: `{"error": …}` for programs, a sentence for people."""
    if as_json:
        print_json({"error": {"code": code, "message": message}})
    else:
        print(message, file=sys.stderr)
