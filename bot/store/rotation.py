"""A new key for all that is sealed, while everything goes on."""

import time

import msgspec
from tqdm import tqdm

from bot.store.schema import SEALED, check_known, sealed_rows
from bot.store.sealing import Unopened
from bot.store.store import Store

BATCH = 200
PAUSE_SECONDS = 0.02
"""Between two batches, so that turns come in between."""


class Rotated(msgspec.Struct, frozen=True):
    """How many values were sealed anew, and how many no key opened (damaged before; they stay as they are)."""

    resealed: int
    unopened: int


def rotate(store: Store) -> Rotated:
    """Put a new key first in the key file, seal everything anew with it, then drop the keys before it.

    Other processes take the new key up by themselves. With keys given by ZHUYE_DATA_KEYS everything is sealed with the
    first of them, which the operator has put there before; the others can then be taken out.

    Raises:
        BadKeys: there is only one given key.
        NewerSchema: there may be something sealed that only a newer version knows.
        StoreError: it cannot be written; what was sealed anew is, and the older keys are kept.

    """
    check_known(store.database)
    keys = store.keys
    added = None
    if len(keys.given) < 2:
        # Whatever was sealed without it is kept by then.
        with store.database.exclusive():
            added = keys.add()
    resealed = unopened = 0
    for table in tqdm(SEALED, "sealing anew", disable=None):
        done, left = _reseal(store, table)
        resealed, unopened = resealed + done, unopened + left
    if added:
        with store.database.exclusive():
            keys.drop_before(added)
    return Rotated(resealed, unopened)


def _reseal(store: Store, table: str) -> tuple[int, int]:
    key = SEALED[table]
    same = " AND ".join(f"{column} = ?" for column in (*key, "sealed"))
    statement = f"UPDATE {table} SET sealed = ? WHERE {same}"
    done = left = 0
    batches = sealed_rows(store.database, table, BATCH)
    while True:
        with store.writing():
            # What others write from now on is sealed with the new key already, and stays as they wrote it.
            rows = next(batches, ())
            for row in rows:
                try:
                    sealed = store.keys.reseal(row["sealed"])
                except Unopened:
                    left += 1
                    continue
                done += store.database.execute(statement, (sealed, *(row[column] for column in (*key, "sealed"))))
        if len(rows) < BATCH:
            return done, left
        time.sleep(PAUSE_SECONDS)
