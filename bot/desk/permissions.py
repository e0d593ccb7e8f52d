"""Who may do what on the desk: each operation by role, and every record by its place."""

from collections.abc import Mapping
from typing import Literal

from bot.desk.models import Caseworker, Role
from knowledge.places.gazetteer import contains

Operation = Literal[
    "list", "show", "stats", "questions",
    "reveal", "claim", "release", "note", "status", "due", "link", "transfer", "export", "answer",
    "staff", "access_log",
]  # fmt: skip
READING: tuple[Operation, ...] = ("list", "show", "stats", "questions")
WORKING: tuple[Operation, ...] = (
    "reveal", "claim", "release", "note", "status", "due", "link", "transfer", "export", "answer",
)  # fmt: skip
MANAGING: tuple[Operation, ...] = ("staff", "access_log")
ALLOWED: Mapping[Role, frozenset[Operation]] = {
    "viewer": frozenset(READING),
    "worker": frozenset((*READING, *WORKING)),
    "admin": frozenset((*READING, *WORKING, *MANAGING)),
}

NATION = "000000"
"""The place of whoever is responsible for all."""


class Refused(Exception):
    """Something that a caseworker may not do, or that cannot be done; `code` names the sentence that says why."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def require(who: Caseworker, operation: Operation) -> None:
    """Go on only if the account is active and its role may do this.

    Raises:
        Refused: "disabled" or "role".

    """
    if not who.active:
        raise Refused("disabled", name=who.name)
    if operation not in ALLOWED[who.role]:
        raise Refused("role", name=who.name)


def covers(who: Caseworker, region: str) -> bool:
    """Whether a place (GB/T 2260) is the caseworker's, or in it."""
    return who.region == NATION or contains(who.region, region)
