"""The tables, each made from the ones before by a named migration. Applied ones are never changed."""

import datetime
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.store.base import Database, NewerSchema, Row, Unfinished
from bot.store.sealing import Hasher, Keyring

SEALED: Mapping[str, tuple[str, ...]] = {
    "sessions": ("sender",),
    "turns": ("sender", "message_id"),
    "transcripts": ("sender", "position"),
    "registrations": ("id",),
    "registration_events": ("id",),
    "access_log": ("id",),
    "outbox": ("id",),
    "recipients": ("sender",),
    "desk_links": ("account",),
    "desk_chats": ("account",),
    "handover_messages": ("id",),
    "credentials": ("name",),
    "desk_sessions": ("token",),
    "secrets": ("name",),
}
"""The tables with something sealed, in the column of that name, and their keys; the proof of the keys comes last."""
Migration = Callable[[Database, Keyring], None]
SECRET_BYTES = 32
MOVING = "moving"
"""A table that is there while a store is being moved to this database."""
LOOKUP = "lookup"
"""The secret of the keyed hashes."""
CHAIN = "chain"
"""The secret of the access log's chain."""
HEAD = "access log head"
"""Where the access log's chain ends: there from the start, so that its absence tells of tampering."""
PASSING = ("migrations", "additive", "secrets", "leases")
"""The tables that say nothing about anybody: a store that has rows in no others is empty."""


def migrate(database: Database, keys: Keyring) -> None:
    """Bring the database to the present schema, in one transaction; the first time a key is made for it.

    Raises:
        BadKeys: the keys do not open what is stored.
        NewerSchema: a newer version has worked on it.
        Unfinished: a store is on its way to it.
        StoreError: it cannot be written.

    """
    with database.alone("migrations"):
        if MOVING in database.tables():
            raise Unfinished(database.place)
        done = applied(database)
        keys.load()  # another process may have made them while this one waited
        if names := breaking(database):
            raise NewerSchema(database.place, names)
        if not keys.exist and "secrets" not in done:
            keys.add()
        for name, change in MIGRATIONS:
            if name not in done:
                change(database, keys)
                now = datetime.datetime.now(datetime.UTC).isoformat()
                database.execute("INSERT INTO migrations VALUES (?, ?)", (name, now))
                if name in ADDITIVE:
                    database.execute("INSERT INTO additive VALUES (?)", (name,))


def unknown(database: Database) -> set[str]:
    """The names of the migrations that a newer version has applied."""
    return applied(database) - {name for name, _ in MIGRATIONS}


def check_known(database: Database) -> None:
    """See that nothing is there that this version does not know, for what must not leave anything out.

    Raises:
        NewerSchema: something is.

    """
    if names := unknown(database):
        raise NewerSchema(database.place, names)


def breaking(database: Database) -> set[str]:
    """Those of the unknown ones beside which this version cannot go on."""
    if "additive" not in database.tables():
        return unknown(database)
    return unknown(database) - {row["name"] for row in database.query("SELECT name FROM additive")}


def applied(database: Database) -> set[str]:
    """The names of the migrations that were applied."""
    if "migrations" not in database.tables():
        database.create_table("migrations", {"name": str, "at": str}, key="name", required=["at"])
    return {row["name"] for row in database.query("SELECT name FROM migrations")}


def hasher(database: Database, keys: Keyring, name: str = LOOKUP) -> Hasher:
    """The keyed hashes of this database.

    Raises:
        BadKeys: the keys do not open their secret.

    """
    return Hasher(keys.unseal(sealed_secret(database, name)))


def sealed_secret(database: Database, name: str = LOOKUP) -> bytes:
    """A secret as it is kept. With any of them the keys are proved to be those of this database."""
    (row,) = database.query("SELECT sealed FROM secrets WHERE name = ?", (name,))
    return bytes(row["sealed"])


def sealed_rows(database: Database, table: str, batch: int) -> Iterator[Sequence[Row]]:
    """The keys and `sealed` of all rows of one of SEALED that have something sealed, so many at once."""
    key = SEALED[table]
    return rows_in_order(database, table, (*key, "sealed"), key, batch, "sealed IS NOT NULL")


def rows_in_order(
    database: Database,
    table: str,
    columns: Sequence[str],
    key: Sequence[str],
    batch: int,
    condition: str = "1 = 1",
    values: Sequence[object] = (),
    after: Sequence[object] = (),
) -> Iterator[Sequence[Row]]:
    """The `columns` of a table's rows on a condition (with its parameters' values), so many at once.

    They come in the order of the table's `key`, from after one.
    """
    names, last = ", ".join(key), tuple(after)
    while True:
        later = f"({names}) > ({', '.join('?' * len(key))})" if last else "1 = 1"
        rows = database.query(
            f"SELECT {', '.join(columns)} FROM {table} WHERE {condition} AND {later} ORDER BY {names} LIMIT ?",
            (*values, *last, batch),
        )
        if rows:
            yield rows
        if len(rows) < batch:
            return
        last = tuple(rows[-1][column] for column in key)


def counts(database: Database) -> Mapping[str, int]:
    """How many rows each table has."""
    return {
        table: int(database.query(f"SELECT count(*) AS n FROM {table}")[0]["n"]) for table in sorted(database.tables())
    }


def held(database: Database) -> bool:
    """Whether anything is kept yet."""
    return any(rows for table, rows in counts(database).items() if table not in PASSING)


def _secrets(database: Database, keys: Keyring) -> None:
    database.create_table("secrets", {"name": str, "sealed": bytes}, key="name", required=["sealed"])
    for name in (LOOKUP, CHAIN):
        sealed = keys.seal(secrets.token_bytes(SECRET_BYTES))
        database.execute("INSERT INTO secrets (name, sealed) VALUES (?, ?)", (name, sealed))


def _turns(database: Database, keys: Keyring) -> None:
    """People are named by a keyed hash, and what is said is sealed.

    Without an index by time: it would cost every turn two pages, and only the daily upkeep looks for what is old.
    """
    database.create_table(
        "sessions",
        {"sender": str, "version": int, "sealed": bytes, "at": str},
        key="sender",
        required=["version", "sealed", "at"],
    )
    database.create_table(
        "turns",
        {"sender": str, "message_id": str, "sealed": bytes, "at": str},
        key=("sender", "message_id"),
        required=["sealed", "at"],
    )


def _registrations(database: Database, keys: Keyring) -> None:
    text = dict.fromkeys(
        (
            *("receipt", "sender", "channel", "status", "province", "city", "county", "region", "area", "age_band"),
            *("categories", "needs", "programmes", "phone_hash", "name_hash", "created", "updated", "expires"),
            *("claimed_by", "claimed", "contacted", "due", "linked", "reached", "reached_at"),
        ),
        str,
    )
    columns = {"id": int, **text, "level": int, "sealed": bytes}
    database.create_table(
        "registrations", columns, key="id", required=["receipt", "sender", "status", "region", "sealed", "created"]
    )
    database.create_index("registrations", ["receipt"], unique=True)
    for place in ([], ["province"], ["city"], ["county"]):
        database.create_index("registrations", [*place, "created", "id"])
        database.create_index("registrations", [*place, "status", "created", "id"])
    for index in (["sender"], ["phone_hash", "region"], ["name_hash"], ["claimed_by", "due"], ["linked"], ["expires"]):
        database.create_index("registrations", index)
    database.create_table(
        "registration_events",
        {"id": int, "registration": int, "at": str, "actor": str, "kind": str, "status": str, "sealed": bytes},
        key="id",
        required=["registration", "at", "actor", "kind"],
    )
    database.create_index("registration_events", ["registration", "id"])
    database.create_table(
        "erasures", {"receipt": str, "sender": str, "at": str}, key=("receipt", "sender"), required=["at"]
    )
    database.create_index("erasures", ["at"])


def _ledgers(database: Database, keys: Keyring) -> None:
    database.create_table(
        "consents",
        {"id": int, "sender": str, "consent": str, "text_version": str, "given": int, "at": str, "channel": str},
        key="id",
        required=["sender", "consent", "text_version", "given", "at", "channel"],
    )
    database.create_index("consents", ["sender", "id"])
    database.create_table(
        "unanswered",
        {"id": int, "day": str, "region": str, "outcome": str, "words": str},
        key="id",
        required=["day", "outcome", "words"],
    )
    database.create_index("unanswered", ["day"])


def _staff(database: Database, keys: Keyring) -> None:
    database.create_table(
        "caseworkers",
        {"name": str, "role": str, "region": str, "active": int, "added": str, "code_hash": str, "code_until": str},
        key="name",
        required=["role", "region", "active", "added"],
    )
    database.create_table(
        "access_log",
        {"id": int, "at": str, "caseworker": str, "operation": str, "subject": str, "sealed": bytes, "mac": str},
        key="id",
        required=["at", "caseworker", "operation", "subject", "mac"],
    )
    database.create_index("access_log", ["subject"])
    database.execute("INSERT INTO secrets (name, sealed) VALUES (?, ?)", (HEAD, keys.seal(b"")))


def _outbox(database: Database, keys: Keyring) -> None:
    times = dict.fromkeys(("owed", "due", "leased"), float)
    database.create_table(
        "outbox",
        {"id": int, "channel": str, "sender": str, **times, "attempts": int, "sealed": bytes},
        key="id",
        required=["channel", "sender", *times, "attempts", "sealed"],
    )
    database.create_index("outbox", ["channel", "sender", "id"])


def _recipients(database: Database, keys: Keyring) -> None:
    database.create_table(
        "recipients",
        {"sender": str, "channel": str, "sealed": bytes, "notices": int, "blocked": int},
        key="sender",
        required=["channel", "sealed", "notices", "blocked"],
    )


def _web(database: Database, keys: Keyring) -> None:
    """What the chat page shows again, and who may see it; tokens, codes and people are keyed hashes."""
    database.create_table(
        "transcripts",
        {"sender": str, "position": int, "message_id": str, "sealed": bytes},
        key=("sender", "position"),
        required=["message_id", "sealed"],
    )
    times = dict.fromkeys(("made", "seen"), str)
    database.create_table(
        "web_sessions",
        {"token": str, "person": str, **times, "ended": int, "code": str, "code_until": str},
        key="token",
        required=["person", *times, "ended"],
    )
    for column in ("code", "seen", "person"):
        database.create_index("web_sessions", [column])


def _desk_telegram(database: Database, keys: Keyring) -> None:
    """Which Telegram user is which caseworker, and what the desk bot must remember; users are keyed hashes."""
    database.create_table(
        "desk_links",
        {"account": str, "caseworker": str, "sealed": bytes, "at": str, "blocked": int},
        key="account",
        required=["caseworker", "sealed", "at", "blocked"],
    )
    database.create_index("desk_links", ["caseworker"], unique=True)
    database.create_table(
        "desk_chats",
        {"account": str, "sealed": bytes, "greeted": str, "tries": int, "tried": str},
        key="account",
        required=["tries"],
    )
    database.create_table("desk_days", {"caseworker": str, "kind": str, "day": str}, key=("caseworker", "kind", "day"))
    database.create_index("desk_days", ["day"])


def _handovers(database: Database, keys: Keyring) -> None:
    """Conversations of a person, named by a keyed hash, with the caseworkers of a place."""
    database.create_table(
        "handovers",
        {"id": int, "sender": str, "region": str, "state": str, "at": str, "caseworker": str},
        key="id",
        required=["sender", "region", "state", "at"],
    )
    database.create_index("handovers", ["sender", "state"])
    database.create_index("handovers", ["state", "id"])
    database.create_table(
        "handover_messages",
        {"id": int, "handover": int, "at": str, "actor": str, "sealed": bytes},
        key="id",
        required=["handover", "at", "actor", "sealed"],
    )
    database.create_index("handover_messages", ["handover", "id"])


def _desk_web(database: Database, keys: Keyring) -> None:
    """How caseworkers and other offices' programs prove who they are; tokens are keyed hashes."""
    database.create_table(
        "credentials",
        {"name": str, "password": str, "sealed": bytes, "step": int},
        key="name",
        required=["password", "sealed", "step"],
    )
    times = dict.fromkeys(("made", "seen"), str)
    database.create_table(
        "desk_sessions",
        {"token": str, "name": str, "stage": str, "tries": int, **times, "sealed": bytes},
        key="token",
        required=["name", "stage", "tries", *times],
    )
    database.create_table("api_tokens", {"name": str, "token": str, "made": str}, key="name", required=["token"])
    for table, column in (("desk_sessions", "name"), ("desk_sessions", "seen"), ("registration_events", "at")):
        database.create_index(table, [column])
    database.create_index("api_tokens", ["token"], unique=True)
    database.create_index("registrations", ["due", "id"])


def _several_processes(database: Database, keys: Keyring) -> None:
    """Which process does what, and which of these migrations older versions need not know."""
    database.create_table("leases", {"name": str, "holder": str, "beat": int}, key="name", required=["holder", "beat"])
    database.create_table("additive", {"name": str}, key="name")


def _lasting_letters(database: Database, keys: Keyring) -> None:
    """Which messages are sent however many come after them."""
    database.execute("ALTER TABLE outbox ADD COLUMN lasting INTEGER NOT NULL DEFAULT 0")


def _lists(database: Database, keys: Keyring) -> None:
    """What a place is to follow up, by day. Few have one: the others cost these indexes nothing."""
    for place in ("province", "city", "county"):
        database.execute(
            f"CREATE INDEX idx_registrations_{place}_due_id ON registrations ({place}, due, id) WHERE due IS NOT NULL"
        )


def _jobs(database: Database, keys: Keyring) -> None:
    """Who came to work where and when, with all that is counted of them."""
    database.execute(
        "CREATE INDEX idx_registrations_employed ON registrations (region, reached_at, linked) "
        "WHERE reached = 'employed'"
    )


MIGRATIONS: tuple[tuple[str, Migration], ...] = (
    ("secrets", _secrets),
    ("turns", _turns),
    ("registrations", _registrations),
    ("ledgers", _ledgers),
    ("staff", _staff),
    ("outbox", _outbox),
    ("recipients", _recipients),
    ("web", _web),
    ("desk telegram", _desk_telegram),
    ("handovers", _handovers),
    ("desk web", _desk_web),
    ("several processes", _several_processes),
    ("lasting letters", _lasting_letters),
    ("lists", _lists),
    ("jobs", _jobs),
)
ADDITIVE = {"several processes", "lasting letters", "lists", "jobs"}
"""The migrations beside which older versions go on, and may be started: the store itself keeps their names, since those
versions do not know them. Such a migration only adds: tables, indexes, columns that may be empty. Nothing that was
there gets another meaning, and nothing of a person stands only in what was added, as an older version would not delete
it. What must know everything (a backup, a new key, a move) asks `check_known`."""
