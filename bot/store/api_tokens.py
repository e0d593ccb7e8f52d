"""The tokens with which other programs use the API: one an account, kept as a keyed hash only."""

import datetime
import secrets

from bot.desk.models import Caseworker
from bot.store.base import Database
from bot.store.rows import utc
from bot.store.sealing import Hasher

TOKEN_BYTES = 32


class ApiTokens:
    """The tokens in a database."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    def new(self, name: str, at: datetime.datetime) -> str:
        """A token for an account; the one before is worthless then."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._database.execute(
            "INSERT INTO api_tokens (name, token, made) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET token = excluded.token, made = excluded.made",
            (name, self._hash(token), utc(at)),
        )
        return token

    def revoke(self, name: str) -> bool:
        """Make an account's token worthless; whether it had one."""
        return bool(self._database.execute("DELETE FROM api_tokens WHERE name = ?", (name,)))

    def owner(self, token: str) -> Caseworker | None:
        """The active account that a token is of."""
        rows = self._database.query(
            "SELECT c.name, c.role, c.region FROM api_tokens t JOIN caseworkers c ON c.name = t.name "
            "WHERE t.token = ? AND c.active = 1",
            (self._hash(token),),
        )
        return Caseworker(rows[0]["name"], rows[0]["role"], rows[0]["region"]) if rows else None

    def _hash(self, token: str) -> str:
        return self._hasher.hash("api token", token)
