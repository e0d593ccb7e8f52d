"""Secrets that all processes of a store share: made by the first that needs them, and kept sealed."""

from collections.abc import Callable

from bot.store.store import Store


def shared_secret(store: Store, name: str, make: Callable[[], bytes]) -> bytes:
    """The secret of that name; what `make` makes becomes it where there is none yet.

    Raises:
        BadKeys: the keys do not open it.
        StoreError: it cannot be read or kept; nothing was changed.

    """
    with store.alone(name):
        rows = store.database.query("SELECT sealed FROM secrets WHERE name = ?", (name,))
        if rows:
            return store.keys.unseal(rows[0]["sealed"])
        made = make()
        sealed = store.keys.seal(made)
        store.database.execute("INSERT INTO secrets (name, sealed) VALUES (?, ?)", (name, sealed))
        return made
