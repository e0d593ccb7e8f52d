"""How caseworkers prove who they are: the hash of a password, and the secret of a second factor, which is sealed."""

import msgspec

from bot.store.base import Database
from bot.store.sealing import Keyring


class Credential(msgspec.Struct, frozen=True):
    """An account's password (Argon2, in its own format) and its TOTP secret (base32)."""

    password: str
    totp: str


class Credentials:
    """The credentials in a database."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self._database = database
        self._keys = keys

    def get(self, name: str) -> Credential | None:
        """Those of an account; None where it has not been set up."""
        rows = self._database.query("SELECT password, sealed FROM credentials WHERE name = ?", (name,))
        return Credential(rows[0]["password"], self._keys.unseal(rows[0]["sealed"]).decode()) if rows else None

    def keep(self, name: str, credential: Credential, step: int) -> None:
        """Keep new ones; `step` is that of the TOTP code that proved them."""
        with self._database.writing():
            self._database.execute(
                "INSERT INTO credentials (name, password, sealed, step) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET password = excluded.password, sealed = excluded.sealed, "
                "step = excluded.step",
                (name, credential.password, self._keys.seal(credential.totp.encode()), step),
            )

    def rehash(self, name: str, before: str, after: str) -> None:
        """Keep the same password as it is hashed now."""
        self._database.execute(
            "UPDATE credentials SET password = ? WHERE name = ? AND password = ?", (after, name, before)
        )

    def use(self, name: str, step: int) -> bool:
        """Take a TOTP code's time step as used; False where it, or a later one, was used before (RFC 6238, 5.2)."""
        return bool(
            self._database.execute("UPDATE credentials SET step = ? WHERE name = ? AND step < ?", (step, name, step))
        )

    def drop(self, name: str) -> None:
        """Nothing lets anybody in under that name any more."""
        self._database.execute("DELETE FROM credentials WHERE name = ?", (name,))
