"""A file of JSON lines, worked off one line after the other."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from bot.commands.output import print_json


class RefusedError(ValueError):
    """What is asked for cannot be done; `code` tells programs why, the message tells people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def run_batch(lines: Iterable[str], work: Callable[[str], None], *, as_json: bool) -> bool:
    """`work` off each line that is not blank; whether all went well.

    A line that is refused is named by its number, in JSON as `{"line", "error": {"code", "message"}}`, and the rest
    is still worked off.
    """
    well = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            work(line)
        except RefusedError as error:
            well = False
            message = f"line {number}: {error}"
            print(message, file=sys.stderr)
            if as_json:
                print_json({"line": number, "error": {"code": error.code, "message": message}})
    return well


def json_object(text: str, code: str, example: str) -> dict[str, Any]:
    """The JSON object in `text`.

    Raises:
        RefusedError: it is something else; `example` shows what it should be.

    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(code, f"not JSON ({error}); write it like {example}") from error
    if not isinstance(value, dict):
        raise RefusedError(code, f"no JSON object; write it like {example}")
    return value
