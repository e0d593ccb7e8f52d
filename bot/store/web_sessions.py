"""Sessions of the chat page: whoever holds a session's token continues its talk.

Tokens and codes are random and are kept as keyed hashes only. A session that was ended stays known as such until it
would have expired, so that its token opens nothing any more.
"""

import datetime

from bot.store.base import Database
from bot.store.rows import utc
from bot.store.sealing import Hasher

IDLE = datetime.timedelta(days=30)
"""How long a session lives without a word."""
LONGEST = datetime.timedelta(days=180)
"""How long a session lives at most."""
CODE_LIFE = datetime.timedelta(minutes=10)
SEEN_EVERY = datetime.timedelta(hours=1)
"""How exactly it is known when a session was last used: not each turn is one more write."""


class SessionOver(Exception):
    """The token's session was ended, or has expired."""


class WebSessions:
    """The sessions in a database. `person` is what the service knows them by."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    def csrf(self, token: str) -> str:
        """What the forms of a session's pages must bring back."""
        return self._hasher.hash("web csrf", token)

    def message_id(self, token: str, nonce: str, content: str) -> str:
        """Names a message by the form it was sent with and what it says, without telling either.

        So a form that is sent twice is one message, and one that the back button brought again and that says
        something else is another.
        """
        return self._hasher.hash("web message", f"{token}:{nonce}:{content}")

    def person(self, token: str, now: datetime.datetime, *, touch: bool = True) -> str | None:
        """Whose talk a token continues; None for one that has not spoken yet. `touch`: they use it now.

        Raises:
            SessionOver: it was ended or has expired.

        """
        rows = self._database.query(
            "SELECT person, made, seen, ended FROM web_sessions WHERE token = ?", (self._name(token),)
        )
        if not rows:
            return None
        (row,) = rows
        if row["ended"] or row["seen"] < utc(now - IDLE) or row["made"] < utc(now - LONGEST):
            raise SessionOver
        if touch and row["seen"] < utc(now - SEEN_EVERY):
            self._database.execute("UPDATE web_sessions SET seen = ? WHERE token = ?", (utc(now), self._name(token)))
        return str(row["person"])

    def begin(self, token: str, now: datetime.datetime, person: str | None = None) -> str:
        """The person of a token; a new one's session begins, as that of `person` or somebody new.

        Raises:
            SessionOver: it was ended or has expired.

        """
        known = self.person(token, now)
        if known:
            return known
        name, person = self._name(token), person or self._somebody(token)
        self._database.execute(
            "INSERT INTO web_sessions (token, person, made, seen, ended) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
            (name, person, utc(now), utc(now)),
        )
        return person

    def known_as(self, token: str) -> str:
        """The person of a token, whether or not its session has begun, or is over."""
        rows = self._database.query("SELECT person FROM web_sessions WHERE token = ?", (self._name(token),))
        return str(rows[0]["person"]) if rows else self._somebody(token)

    def end(self, token: str) -> None:
        """The token opens nothing any more."""
        self._database.execute("UPDATE web_sessions SET ended = 1, code = NULL WHERE token = ?", (self._name(token),))

    def give_code(self, token: str, code: str, now: datetime.datetime) -> None:
        """`code` takes the session over, once, while it is young."""
        self._database.execute(
            "UPDATE web_sessions SET code = ?, code_until = ? WHERE token = ? AND ended = 0",
            (self._hasher.hash("web code", code), utc(now + CODE_LIFE), self._name(token)),
        )

    def gave(self, token: str, code: str, now: datetime.datetime) -> bool:
        """Whether `code` still takes over the session of this token."""
        rows = self._database.query(
            "SELECT 1 FROM web_sessions WHERE token = ? AND code = ? AND code_until >= ? AND ended = 0",
            (self._name(token), self._hasher.hash("web code", code), utc(now)),
        )
        return bool(rows)

    def take_over(self, code: str, token: str, now: datetime.datetime) -> str | None:
        """The person whose session `code` names, which goes on with the new `token` only; None for a wrong code."""
        hashed = self._hasher.hash("web code", code)
        with self._database.writing():
            rows = self._database.query(
                "UPDATE web_sessions SET ended = 1, code = NULL WHERE code = ? AND code_until >= ? AND ended = 0 "
                "RETURNING person",
                (hashed, utc(now)),
            )
            return self.begin(token, now, rows[0]["person"]) if rows else None

    def expired(self, now: datetime.datetime) -> list[str]:
        """The persons none of whose sessions can be continued, known no more from now on."""
        with self._database.writing():
            old = "seen < ? OR made < ?"
            limits = (utc(now - IDLE), utc(now - LONGEST))
            rows = self._database.query(f"DELETE FROM web_sessions WHERE {old} RETURNING person", limits)
            left = {row["person"] for row in self._database.query("SELECT DISTINCT person FROM web_sessions")}
        return sorted({str(row["person"]) for row in rows} - left)

    def _somebody(self, token: str) -> str:
        return self._hasher.hash("web user", token)

    def _name(self, token: str) -> str:
        return self._hasher.hash("web session", token)
