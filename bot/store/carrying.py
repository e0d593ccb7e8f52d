"""What a backup that is put back must not undo: it goes over from the store that is there into the one that comes."""

from collections.abc import Collection, Mapping, Sequence

from bot.store.base import Database, Row
from bot.store.schema import held

ACCESS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "caseworkers": ("name", ("role", "region", "active")),
    "credentials": ("name", ("password",)),
    "api_tokens": ("name", ("token",)),
    "desk_links": ("caseworker", ("account",)),
}
"""What lets caseworkers in: the column with the account's name, and those that tell one access from another."""


def carry_over(present: Database, candidate: Database) -> Sequence[str]:
    """Let `candidate` go on from where `present`, another state of the same store, is.

    Returns the names of the accounts whose access is another in `candidate`, and stays as it is in `present`.

    Raises:
        StoreError: one of them cannot be used.

    """
    with candidate.writing():
        candidate.execute("DELETE FROM desk_sessions")
        if not held(present):
            return ()
        # A number that people have seen, or a program has read up to, is not given to something else.
        candidate.count_on(present.counters())
        return _carry_access(present, candidate)


def _carry_access(present: Database, candidate: Database) -> Sequence[str]:
    """Nobody gets in again who was shut out since, nor with a password or token that was replaced."""
    now, then = ({table: _rows(database, table) for table in ACCESS} for database in (present, candidate))
    names = {row["name"] for row in now["caseworkers"]}
    others: set[str] = set()
    for table, (key, telling) in ACCESS.items():
        is_, was = (_told(rows[table], key, telling) for rows in (now, then))
        others |= {name for name in names if is_.get(name) != was.get(name)}
        for name in names:
            candidate.execute(f"DELETE FROM {table} WHERE {key} = ?", (name,))
    linked = {row["account"] for row in now["desk_links"]}
    for account in linked:
        candidate.execute("DELETE FROM desk_links WHERE account = ?", (account,))
    for table, (key, _) in ACCESS.items():
        candidate.put(table, [row for row in now[table] if row[key] in names])
    _drop_letters(candidate, {row["account"] for row in then["desk_links"] if row["caseworker"] in names} - linked)
    return sorted(others)


def _rows(database: Database, table: str) -> Sequence[Row]:
    return database.query(f"SELECT * FROM {table}") if table in database.tables() else ()


def _told(rows: Sequence[Row], key: str, telling: Sequence[str]) -> Mapping[str, Sequence[object]]:
    return {row[key]: [row[column] for column in telling] for row in rows}


def _drop_letters(candidate: Database, accounts: Collection[str]) -> None:
    """Nothing is sent to who was parted from the desk since."""
    for account in accounts:
        candidate.execute("DELETE FROM outbox WHERE sender = ?", (account,))
