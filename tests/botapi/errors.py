"""What Telegram refuses, in its own words."""

from typing import Any


class Refused(Exception):
    """A call that is refused: the HTTP status, the description, and response parameters as `retry_after`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad(reason: str) -> Refused:
    """400: the call itself is wrong."""
    return Refused(400, f"Bad Request: {reason}")


def blocked() -> Refused:
    """403: the person does not want to hear from the bot."""
    return Refused(403, "Forbidden: bot was blocked by the user")


def too_many(retry_after: int) -> Refused:
    """429: the bot must wait for `retry_after` seconds."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def broken() -> Refused:
    """500: Telegram itself has failed; the call did nothing."""
    return Refused(500, "Internal Server Error")


def unauthorized() -> Refused:
    """401: nobody has that token."""
    return Refused(401, "Unauthorized")


def conflict(reason: str) -> Refused:
    """409: updates are fetched in two ways at once."""
    return Refused(409, f"Conflict: {reason}")
