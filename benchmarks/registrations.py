"""A nation's registrations, made up: spread over all places, months and steps, each with its events.

Their sealed parts are taken from a few thousand, since sealing a million one by one would only make the wait longer:
what is measured is reading.
"""

import datetime
import random
from collections.abc import Iterator, Sequence

from benchmarks.turns import AT
from bot.store.base import Row
from bot.store.registrations import PERSON, check_digit
from bot.store.rows import COLUMNS, Rows, utc
from bot.store.schema import hasher
from bot.store.store import Store
from conversations.registrations import CONTACTS, NEEDS, Registration
from knowledge.snapshot import load_gazetteer

DIFFERENT = 2_000
BATCH = 20_000
STATUSES = ("registered", "verified", "assessed", "served", "employed", "closed", "withdrawn")
RARE = 199
"""Every so manieth is of another category than the common two."""
CLAIMED, WORKERS = 3, 3_000
"""Every so manieth is followed up, by one of so many caseworkers; every third of those on a day that is set."""
YEAR = datetime.timedelta(days=365)
DAY = datetime.timedelta(days=1)


def fill(store: Store, number: int) -> None:
    """Put so many made-up registrations in, with what happened to them, as they come."""
    for registrations, events in made_up(store, number):
        with store.writing():
            store.database.put("registrations", registrations)
            store.database.put("registration_events", events)


def made_up(store: Store, number: int) -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
    """The rows of registrations and of their events, some at once."""
    with store.writing():
        values = sealed_values(store)
    chance = random.Random(number)
    receipts = chance.sample(range(10**8), number)
    for first in range(0, number, BATCH):
        registrations: list[Row] = []
        events: list[Row] = []
        for position in range(first, min(first + BATCH, number)):
            digits = f"{receipts[position]:08d}"
            receipt = digits + check_digit(digits)
            said = values[position] if position < len(values) else _somebody_else(chance.choice(values), receipt)
            at = AT - YEAR + YEAR * (position / number)
            registrations.append(_registration(position + 1, receipt, chance, at, said))
            events += _events(registrations[-1], len(events) + 1 + 2 * first)
        yield registrations, events


def sealed_values(store: Store) -> Sequence[Row]:
    """What some people said, as columns, all different; every thirtieth is of one county."""
    rows = Rows(store.keys, hasher(store.database, store.keys))
    chance = random.Random(1)
    counties = [code for code in load_gazetteer().names if code[4:] != "00"]
    made = []
    for number in range(DIFFERENT):
        category = "精神" if number % RARE == 0 else "视力" if number % 5 == 0 else "肢体"
        said = Registration(
            call_name=f"王{number}",
            phone=f"1380000{number:04d}",
            region="620503" if number % 30 == 0 else chance.choice(counties),
            disability=(category,),
            levels={category: 1},
            area="rural",
            age=chance.randrange(16, 70),
            needs=tuple(chance.sample(NEEDS, 2)),
            needs_words="想找一个离家近的活",
            contacts=(chance.choice(CONTACTS),),
            programmes=("TS-31",),
        )
        made.append(dict(zip(COLUMNS.split(", "), rows.values(said), strict=True)))
    return made


def _somebody_else(values: Row, unlike: str) -> Row:
    """The same, under a telephone number and a name that nobody else has."""
    return {**values, "phone_hash": f"phone {unlike}", "name_hash": f"name {unlike}"}


def _registration(id_: int, receipt: str, chance: random.Random, at: datetime.datetime, said: Row) -> Row:
    status, when = chance.choice(STATUSES), utc(at)
    claimed = id_ % CLAIMED == 0
    due = (at + 90 * DAY).date().isoformat() if claimed and id_ % (3 * CLAIMED) == 0 else None
    return {
        "id": id_,
        "receipt": receipt,
        "sender": receipt,
        "channel": "web",
        "status": status,
        "reached": status if status in STATUSES[:5] else "registered",
        "reached_at": when,
        "created": when,
        "updated": when,
        "contacted": utc(at + DAY) if status != "registered" else None,
        "claimed_by": f"w{id_ // CLAIMED % WORKERS}" if claimed else None,
        "due": due,
        **said,
    }


def _events(registration: Row, first: int) -> Iterator[Row]:
    """That it was sent, and the step that it has come to."""
    common = {"registration": registration["id"], "at": registration["created"]}
    sent = {**common, "actor": PERSON, "kind": "registered", "status": "registered", "sealed": registration["sealed"]}
    yield {"id": first, **sent}
    if registration["status"] != "registered":
        step = {**common, "actor": "w1", "kind": "status", "status": registration["status"], "sealed": None}
        yield {"id": first + 1, **step}
