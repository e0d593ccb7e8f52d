"""Sessions, and the replies to each message that was handled."""

import datetime

from bot.store.base import Database, KeptSession, StaleSession
from bot.store.erasures import TALK, keep_erasure
from bot.store.rows import utc
from bot.store.sealing import Keyring, Unopened


class Turns:
    """The turns in a database. A sender is named by a keyed hash."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def replies(self, sender: str, message_id: str) -> bytes | None:
        """What was kept for a message that was handled before; None for a new one."""
        rows = self._database.query(
            "SELECT sealed FROM turns WHERE sender = ? AND message_id = ?", (sender, message_id)
        )
        return self._keys.unseal(rows[0]["sealed"]) if rows else None

    def session(self, sender: str) -> KeptSession:
        """The person's session; a damaged one has no content."""
        rows = self._database.query("SELECT version, sealed FROM sessions WHERE sender = ?", (sender,))
        if not rows:
            return KeptSession(None, 0)
        try:
            data = self._keys.unseal(rows[0]["sealed"])
        except Unopened:
            # The keys are proved before they are used: it is this row that cannot be read.
            data = b""
        return KeptSession(data, rows[0]["version"])

    def keep(self, sender: str, message_id: str, session: KeptSession, replies: bytes, at: datetime.datetime) -> None:
        """Keep the session after a turn (its version one more than when loaded) and the replies to the message.

        Raises:
            StaleSession: the session kept is not the one that was loaded, or the message was handled since.

        """
        assert session.data is not None
        when = utc(at)
        with self._database.alone(sender):
            sealed = self._keys.seal(session.data)
            if session.version == 1:
                changed = self._database.execute(
                    "INSERT INTO sessions (sender, version, sealed, at) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING",
                    (sender, sealed, when),
                )
            else:
                changed = self._database.execute(
                    "UPDATE sessions SET version = ?, sealed = ?, at = ? WHERE sender = ? AND version = ?",
                    (session.version, sealed, when, sender, session.version - 1),
                )
            # Another process may have handled the message between the look-up and the loading of the session.
            changed += changed and self._handled(sender, message_id, replies, when)
            if changed != 2:
                raise StaleSession(sender)

    def mark(self, sender: str, message_id: str, at: datetime.datetime) -> bool:
        """Keep that a message was answered that is no turn; False if it was before."""
        with self._database.writing():
            return self._handled(sender, message_id, b"[]", utc(at)) == 1

    def _handled(self, sender: str, message_id: str, replies: bytes, when: str) -> int:
        return self._database.execute(
            "INSERT INTO turns (sender, message_id, sealed, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (sender, message_id, self._keys.seal(replies), when),
        )

    def forget(self, sender: str, session: bytes, replies: bytes) -> None:
        """Nothing of what was said stays; messages that come again are answered with `replies`, the last ones."""
        keys = self._keys
        with self._database.writing():
            self._database.execute("UPDATE sessions SET sealed = ? WHERE sender = ?", (keys.seal(session), sender))
            self._database.execute("UPDATE turns SET sealed = ? WHERE sender = ?", (keys.seal(replies), sender))

    def drop(self, sender: str) -> None:
        """Nothing of the talk stays, not even that there was one."""
        with self._database.writing():
            for table in ("turns", "sessions"):
                self._database.execute(f"DELETE FROM {table} WHERE sender = ?", (sender,))

    def end(self, sender: str, at: datetime.datetime) -> None:
        """As `drop`, for somebody who wants it so: no backup brings the talk back."""
        with self._database.writing():
            self.drop(sender)
            keep_erasure(self._database, TALK, sender, utc(at))
