"""That something was deleted: kept, so that no backup that is put back brings it back."""

from collections.abc import Sequence

from bot.store.base import Database, Row

ALL = ""
"""In the place of a receipt: all that was known of the sender."""
TALK = "talk"
"""In the place of a receipt: the sender's talk, but not what they registered and agreed to."""


def keep_erasure(database: Database, what: str, sender: str, when: str) -> None:
    """Keep that a registration (its receipt, of no sender), ALL or the TALK of a sender was deleted, the last time."""
    database.execute(
        "INSERT INTO erasures (receipt, sender, at) VALUES (?, ?, ?) "
        "ON CONFLICT (receipt, sender) DO UPDATE SET at = excluded.at",
        (what, sender, when),
    )


def erasures(database: Database) -> Sequence[Row]:
    """All that was deleted, in the order of time."""
    if "erasures" not in database.tables():
        return []
    return database.query("SELECT receipt, sender, at FROM erasures ORDER BY at, receipt, sender")
