"""What a store does for a turn. All of a turn is kept in one transaction, or nothing of it."""

import datetime
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec


class StaleSession(Exception):
    """Another turn of the same person was kept since the session was loaded: load it again."""


class StoreError(Exception):
    """The place where it is kept cannot be used; the message names the folder, says why, and what to do."""

    def __init__(self, folder: Path, why: object) -> None:
        super().__init__(
            f"{folder}: nothing can be kept there ({why}); make it writable and make room on its disk, "
            "or set ZHUYE_DATA_DIR to another folder"
        )


class KeptSession(msgspec.Struct, frozen=True):
    """A person's session as kept: the version counts its turns from 1; 0 and None are nobody known yet."""

    data: bytes | None
    version: int


class Store(Protocol):
    """A store of sessions and of the replies given. A user is named by their channel.

    Any of its methods raises StoreError where the place cannot be read or written; nothing is changed then.
    """

    def replies(self, user: str, message_id: str) -> bytes | None:
        """What was kept for a message that was handled before; None for a new one."""
        ...

    def session(self, user: str) -> KeptSession:
        """The person's session."""
        ...

    def keep_turn(
        self, user: str, message_id: str, session: KeptSession, replies: bytes, at: datetime.datetime
    ) -> None:
        """Keep the session after a turn (its version one more than when loaded) and the replies to the message.

        Raises:
            StaleSession: the session kept is not the one that was loaded, or the message was handled since; nothing
                is changed.

        """
        ...

    def alone(self, user: str) -> AbstractContextManager[None]:
        """While it lasts, nobody else keeps a turn of this person: for a turn that others keep coming before."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
