"""What a backup that is put back must not undo: it goes over from the store that is there into the one that comes."""

from collections.abc import Collection, Mapping, Sequence

from bot.store.base import Database, Row
from bot.store.copying import batches
from bot.store.erasures import TALK, erasures, keep_erasure
from bot.store.handovers import close_where, forget_where
from bot.store.registrations import erase_where
from bot.store.schema import held

ACCESS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "caseworkers": ("name", ("role", "region", "active")),
    "credentials": ("name", ("password",)),
    "api_tokens": ("name", ("token",)),
    "desk_links": ("caseworker", ("account",)),
}
"""What lets caseworkers in: the column with the account's name, and those that tell one access from another."""


def erase_again(candidate: Database, erased: Sequence[Row]) -> int:
    """Delete in `candidate` what was deleted after it was made; how many deletions there were.

    Raises:
        StoreError: it cannot be written.

    """
    known = {(row["receipt"], row["sender"]): row["at"] for row in erasures(candidate)}
    unknown = [row for row in erased if known.get((row["receipt"], row["sender"]), "") < row["at"]]
    with candidate.writing():
        for row in unknown:
            receipt, sender, at = row["receipt"], row["sender"], row["at"]
            if receipt == TALK:
                # Nobody can go on with it, so nothing of it is younger.
                _drop(candidate, sender, ("sessions", "turns", "recipients", "transcripts"))
                close_where(candidate, "sender = ?", (sender,), at)
            elif sender:
                for table in ("sessions", "turns", "consents"):
                    candidate.execute(f"DELETE FROM {table} WHERE sender = ? AND at < ?", (sender, at))
                _drop(candidate, sender, ("outbox", "recipients", "transcripts"))
                forget_where(candidate, "sender = ?", (sender,))
            else:
                erase_where(candidate, "receipt = ?", (receipt,), at)
            keep_erasure(candidate, receipt, sender, at)
    return len(unknown)


def _drop(candidate: Database, sender: str, tables: Sequence[str]) -> None:
    for table in tables:
        candidate.execute(f"DELETE FROM {table} WHERE sender = ?", (sender,))


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
        _carry_web_sessions(present, candidate)
        return _carry_access(present, candidate)


def _carry_web_sessions(present: Database, candidate: Database) -> None:
    """Each token of the chat page opens what it opens now: nothing, where its session was ended or is not known."""
    candidate.execute("UPDATE web_sessions SET ended = 1, code = NULL")
    if "web_sessions" in present.tables():
        for rows in batches(present, "web_sessions"):
            for row in rows:
                candidate.execute("DELETE FROM web_sessions WHERE token = ?", (row["token"],))
            candidate.put("web_sessions", rows)


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
        _drop(candidate, account, ("outbox",))
