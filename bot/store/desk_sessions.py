"""Sessions of the desk's pages: whoever holds a session's token is the caseworker, until it is over.

Tokens are random and are kept as keyed hashes only. The limits are those of OWASP ASVS 5.0, 7.3.
"""

import datetime
import hmac
import secrets
from typing import Literal

import msgspec

from bot.desk.models import Caseworker
from bot.store.base import Database
from bot.store.rows import utc
from bot.store.sealing import Hasher, Keyring

IDLE = datetime.timedelta(minutes=30)
"""How long a session lives without being used."""
LONGEST = datetime.timedelta(hours=12)
"""How long a session lives at most."""
TOKEN_BYTES = 32
Stage = Literal["code", "setup", "in"]
"""What a session waits for: the second factor; a new password and second factor; or nothing, its owner is in."""


class DeskSession(msgspec.Struct, frozen=True):
    """A session: whose, how far the login is, the wrong codes so far, and what was prepared meanwhile."""

    who: Caseworker
    stage: Stage
    tries: int
    prepared: bytes | None


class DeskSessions:
    """The sessions in a database."""

    def __init__(self, database: Database, keys: Keyring, hasher: Hasher) -> None:
        self._database = database
        self._keys = keys
        self._hasher = hasher

    def csrf(self, token: str) -> str:
        """What the forms of a session's pages must bring back."""
        return self._hasher.hash("desk csrf", token)

    def device(self, name: str) -> str:
        """A new name for a browser in which the account has been in: random, and signed for the account."""
        chance = secrets.token_hex(TOKEN_BYTES)
        return chance + self._signed(chance, name)

    def knows_device(self, name: str, device: str) -> bool:
        """Whether the account has been in there."""
        chance, signed = device[: 2 * TOKEN_BYTES], device[2 * TOKEN_BYTES :]
        return hmac.compare_digest(self._signed(chance, name).encode(), signed.encode("utf-8", "replace"))

    def begin(self, name: str, stage: Stage, now: datetime.datetime) -> str:
        """The token of a new session."""
        token = secrets.token_hex(TOKEN_BYTES)
        self._database.execute(
            "INSERT INTO desk_sessions (token, name, stage, tries, made, seen) VALUES (?, ?, ?, 0, ?, ?)",
            (self._name(token), name, stage, utc(now), utc(now)),
        )
        return token

    def get(self, token: str, now: datetime.datetime, *, touch: bool = True) -> DeskSession | None:
        """The session of a token, used now (unless it is only looked at); None where there is none, or no longer.

        Whose account is disabled has none.
        """
        rows = self._database.query(
            "SELECT s.stage, s.tries, s.made, s.seen, s.sealed, c.name, c.role, c.region, c.active "
            "FROM desk_sessions s JOIN caseworkers c ON c.name = s.name WHERE s.token = ?",
            (self._name(token),),
        )
        if not rows:
            return None
        (row,) = rows
        if not row["active"] or row["seen"] < utc(now - IDLE) or row["made"] < utc(now - LONGEST):
            self.end(token)
            return None
        if touch:
            self._database.execute("UPDATE desk_sessions SET seen = ? WHERE token = ?", (utc(now), self._name(token)))
        who = Caseworker(row["name"], row["role"], row["region"])
        prepared = self._keys.unseal(row["sealed"]) if row["sealed"] else None
        return DeskSession(who, row["stage"], row["tries"], prepared)

    def prepare(self, token: str, prepared: bytes) -> None:
        """Remember something for the session, sealed."""
        with self._database.writing():
            self._database.execute(
                "UPDATE desk_sessions SET sealed = ? WHERE token = ?", (self._keys.seal(prepared), self._name(token))
            )

    def tried(self, token: str) -> None:
        """Another wrong code."""
        self._database.execute("UPDATE desk_sessions SET tries = tries + 1 WHERE token = ?", (self._name(token),))

    def end(self, token: str) -> None:
        """The token opens nothing any more."""
        self._database.execute("DELETE FROM desk_sessions WHERE token = ?", (self._name(token),))

    def end_all(self, name: str) -> None:
        """None of an account's tokens opens anything any more."""
        self._database.execute("DELETE FROM desk_sessions WHERE name = ?", (name,))

    def expire(self, now: datetime.datetime) -> int:
        """Remove those that are over; how many."""
        limits = (utc(now - IDLE), utc(now - LONGEST))
        return self._database.execute("DELETE FROM desk_sessions WHERE seen < ? OR made < ?", limits)

    def _signed(self, chance: str, name: str) -> str:
        return self._hasher.hash("desk device", f"{chance} {name}")

    def _name(self, token: str) -> str:
        return self._hasher.hash("desk session", token)
