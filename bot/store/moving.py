"""A store moved to another database: into an empty one, verified row by row, and resumed where it was cut short.

While it is under way the target has a table that says how far it is; nobody can open it as a store until it is whole.
"""

from collections.abc import Mapping

import msgspec
from tqdm import tqdm

from bot.store.base import Database, StoreError
from bot.store.copying import batches, digest, key_of, lay_out
from bot.store.schema import MIGRATIONS, MOVING, applied, counts, held, sealed_secret

IDENTITY = ""
"""Under this name stands which store is moved."""


class CannotMove(StoreError):
    """The store was not moved; the message says why, and what to do."""

    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)


def move(source: Database, target: Database) -> Mapping[str, int]:
    """Copy all of the store `source`, which nobody writes meanwhile, to `target`; the rows of each table.

    Raises:
        CannotMove: there is no store of this version in `source`, or something else in `target`, or what was copied
            is not what is in `source`. Only what was copied to `target` is changed; the same can be done again.
        StoreError: one of them cannot be used; the same can be done again, and goes on from there.

    """
    _check(source)
    identity = sealed_secret(source).hex()
    with target.alone(MOVING):
        if MOVING not in target.tables():
            _begin(target, identity)
    done = _done(target)
    if done.get(IDENTITY) != identity:
        raise CannotMove(f"{target.place}: another store is on its way to it; empty it, or go on with that one")
    rows = counts(source)
    with tqdm(total=sum(rows.values()), desc="moving", unit=" rows", disable=None) as bar:
        for table in rows:
            _copy(source, target, table, done.get(table), bar)
    with tqdm(rows, desc="verifying", disable=None) as tables:
        for table in tables:
            _verify(source, target, table)
    with target.writing():
        target.count_on(source.counters())
        target.execute(f"DROP TABLE {MOVING}")
    return rows


def _check(source: Database) -> None:
    found = applied(source) if {"migrations", "secrets"} <= set(source.tables()) else set()
    if MOVING in source.tables() or found != {name for name, _ in MIGRATIONS}:
        raise CannotMove(
            f"{source.place}: there is no whole store of this version; start this version on it once "
            "(`zhuye backup` does), then move it"
        )


def _begin(target: Database, identity: str) -> None:
    if held(target):
        raise CannotMove(f"{target.place}: something is kept there already; move into an empty one")
    lay_out(target)
    target.create_table(MOVING, {"name": str, "last": str}, key="name", required=["last"])
    _say(target, IDENTITY, identity)


def _done(target: Database) -> dict[str, str]:
    return {row["name"]: row["last"] for row in target.query(f"SELECT name, last FROM {MOVING}")}


def _say(target: Database, name: str, last: str) -> None:
    target.execute(
        f"INSERT INTO {MOVING} (name, last) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last",
        (name, last),
    )


def _copy(source: Database, target: Database, table: str, last: str | None, bar: "tqdm[None]") -> None:
    """Copy the rows of a table after the key that was copied last; with each batch goes how far it is."""
    key = key_of(source, table)
    if last is not None:
        bar.update(int(target.query(f"SELECT count(*) AS n FROM {table}")[0]["n"]))
    for rows in batches(source, table, msgspec.json.decode(last) if last is not None else ()):
        with target.writing():
            target.put(table, rows)
            _say(target, table, msgspec.json.encode([rows[-1][column] for column in key]).decode())
        bar.update(len(rows))


def _verify(source: Database, target: Database, table: str) -> None:
    """Compare a table with its copy; one that is not alike is copied anew the next time."""
    there, here = digest(source, table), digest(target, table)
    if there == here:
        return
    with target.writing():
        target.execute(f"DELETE FROM {table}")
        target.execute(f"DELETE FROM {MOVING} WHERE name = ?", (table,))
    raise CannotMove(
        f"{target.place}: of {table}, {here[0]} rows are not as the {there[0]} of {source.place}: something was "
        "written while it was moved; stop all that uses either, then do the same again"
    )
