"""What the desk bot must remember: what it waits for, what it has said on a day, and who tries codes."""

import datetime

from bot.store.base import Database
from bot.store.rows import utc
from bot.store.sealing import Keyring


class DeskChats:
    """The desk bot's memory in a database. Users and chats are named by keyed hashes."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def say_once(self, caseworker: str, kind: str, day: datetime.date) -> bool:
        """Whether something of this kind is not said to the caseworker on that day yet; from now on it is."""
        return bool(
            self._database.execute(
                "INSERT INTO desk_days (caseworker, kind, day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (caseworker, kind, day.isoformat()),
            )
        )

    def greet_once(self, chat: str, day: datetime.date) -> bool:
        """Whether a chat of strangers was not answered yet on that day; from now on it is."""
        return bool(
            self._database.execute(
                "INSERT INTO desk_chats (account, greeted, tries) VALUES (?, ?, 0) "
                "ON CONFLICT (account) DO UPDATE SET greeted = excluded.greeted "
                "WHERE desk_chats.greeted IS NULL OR desk_chats.greeted <> excluded.greeted",
                (chat, day.isoformat()),
            )
        )

    def try_code(self, user: str, at: datetime.datetime, within: datetime.timedelta) -> int:
        """Count a try of a user; how many there were in a row without `within` between the first and this one."""
        (row,) = self._database.query(
            "INSERT INTO desk_chats (account, tries, tried) VALUES (?, 1, ?) ON CONFLICT (account) DO UPDATE SET "
            "tries = CASE WHEN desk_chats.tried >= ? THEN desk_chats.tries + 1 ELSE 1 END, "
            "tried = CASE WHEN desk_chats.tried >= ? THEN desk_chats.tried ELSE excluded.tried END RETURNING tries",
            (user, utc(at), utc(at - within), utc(at - within)),
        )
        return int(row["tries"])

    def wait_for(self, user: str, pending: bytes | None) -> None:
        """Keep what the user's next message is wanted for; None: nothing."""
        with self._database.writing():
            self._database.execute(
                "INSERT INTO desk_chats (account, sealed, tries) VALUES (?, ?, 0) "
                "ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed",
                (user, self._keys.seal(pending) if pending is not None else None),
            )

    def waiting_for(self, user: str) -> bytes | None:
        """What the user's next message is wanted for."""
        rows = self._database.query("SELECT sealed FROM desk_chats WHERE account = ? AND sealed IS NOT NULL", (user,))
        return self._keys.unseal(rows[0]["sealed"]) if rows else None

    def forget_before(self, day: datetime.date) -> None:
        """Let go of the days before one."""
        self._database.execute("DELETE FROM desk_days WHERE day < ?", (day.isoformat(),))
