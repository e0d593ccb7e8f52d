"""Registrations as the caseworkers' desk finds and changes them. Who may do what is not decided here."""

import datetime
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bot.desk.cases import COLUMNS as COUNTED
from bot.desk.cases import STEPS, Case, Job, case_of
from bot.desk.models import Changes, Counted, Filter, Lead, LeadEvent, Order, Part, Place, Pulled
from bot.store.base import Database, Row
from bot.store.filters import at_work, parts, where
from bot.store.registrations import KEPT_AFTER_END, LOCK
from bot.store.rows import Rows, place_columns, utc
from bot.store.sealing import Keyring
from conversations.registrations import Registration, Status

ENDED: tuple[Status, ...] = ("closed", "withdrawn")
COLUMNS = "id, receipt, status, created, updated, channel, claimed_by, contacted, due, linked, region, sealed"
BATCH = 500
ORDERS: Mapping[Order, tuple[str, str, str]] = {
    "newest": ("created DESC, id DESC", "1 = 1", "(created, id) < (?, ?)"),
    "oldest": ("created, id", "1 = 1", "(created, id) > (?, ?)"),
    "due": ("due, id", "due IS NOT NULL", "due IS NOT NULL AND (due, id) > (?, ?)"),
}
"""How each order sorts, which leads it holds, and which of them come after one's place."""
NEWEST = ORDERS["newest"][0]
PLACE = "created, due, id"
CLOCKS = datetime.timedelta(hours=1)
FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
LOOKED = 10_000
"""How many leads are looked through, one by one, for a part of a list and to count it."""
LOOKED_AT = "id, status, claimed_by, due, categories, needs, programmes"
"""What leads that are looked through are told apart by."""


class Leads:
    """The registrations in a database, for the desk. Every change is an event, in one transaction with it."""

    def __init__(self, database: Database, keys: Keyring, rows: Rows) -> None:
        self._database = database
        self._keys = keys
        self._rows = rows

    def page(self, wanted: Filter, limit: int, before: str | None = None, order: Order = "newest") -> Sequence[Lead]:
        """Up to `limit` leads in order; those that come after the receipt `before`."""
        by, held, after = ORDERS[order]
        if before is None:
            found = self._rows_of(wanted, limit, held, order=by)
        else:
            # First its place: PostgreSQL finds nothing by an index after one that is looked up in the same query.
            found = [
                row
                for place in self._database.query(f"SELECT {PLACE} FROM registrations WHERE receipt = ?", (before,))
                for row in self._rows_of(wanted, limit, after, *_in_order(place, order), order=by)
            ]
        return [self._rows.lead(row) for row in found]

    def pull(self, wanted: Filter, limit: int, after: Place | None = None) -> Pulled:
        """Up to `limit` leads, newest first; those that come after a place."""
        further = (ORDERS["newest"][2], after.created, after.id) if after else ()
        found = self._rows_of(wanted, limit + 1, *further)
        page = found[:limit]
        last = Place(page[-1]["created"], page[-1]["id"]) if len(found) > limit else None
        return Pulled([self._rows.lead(row) for row in page], last)

    def part(self, wanted: Filter, limit: int, before: str | None = None, order: Order = "newest") -> Part:
        """Up to `limit` leads as `page` finds them, in bounded time: with fewer there may still be more to look at."""
        by, further, after = ORDERS[order]
        place: tuple[object, ...] = ()
        if before is not None:
            found = self._database.query(f"SELECT {PLACE} FROM registrations WHERE receipt = ?", (before,))
            if not found:
                return Part((), None)
            further, place = after, _in_order(found[0], order)
        leads = self._looked_through(wanted, limit + 1, order, further, place)
        if len(leads) > limit:
            return Part(leads[:limit], leads[limit - 1].receipt)
        (sure, values), rest = parts(wanted, self._rows, order)
        last = rest and self._database.query(
            f"SELECT receipt FROM registrations WHERE {sure} AND {further} ORDER BY {by} LIMIT 1 OFFSET ?",
            (*values, *place, LOOKED - 1),
        )
        return Part(leads, last[0]["receipt"] if last else None)

    def newer(self, wanted: Filter, than: str | None, limit: int) -> Sequence[Lead]:
        """Up to `limit` leads that were sent later than the receipt `than` (None: any), newest first.

        Only the newest are looked through.
        """
        if than is None:
            return self.part(wanted, limit).leads
        places = self._database.query(f"SELECT {PLACE} FROM registrations WHERE receipt = ?", (than,))
        later = ORDERS["oldest"][2]
        return [
            lead
            for place in places
            for lead in self._looked_through(wanted, limit, "newest", later, _in_order(place, "oldest"))
        ]

    def _looked_through(
        self, wanted: Filter, limit: int, order: Order, further: str, place: tuple[object, ...]
    ) -> Sequence[Lead]:
        """Up to `limit` leads in order, among the first LOOKED that an index finds."""
        by = ORDERS[order][0]
        (sure, values), rest = parts(wanted, self._rows, order)
        if rest is None:
            found = self._rows_of(wanted, limit, further, *place, order=by)
        else:
            fits, more = rest
            found = self._database.query(
                f"SELECT {COLUMNS} FROM registrations WHERE id IN (SELECT id FROM (SELECT {LOOKED_AT} "
                f"FROM registrations WHERE {sure} AND {further} ORDER BY {by} LIMIT ?) AS seen WHERE {fits} LIMIT ?) "
                f"ORDER BY {by}",
                (*values, *place, LOOKED, *more, limit),
            )
        return [self._rows.lead(row) for row in found]

    def _rows_of(
        self, wanted: Filter, limit: int, further: str = "1 = 1", *parameters: object, order: str = NEWEST
    ) -> Sequence[Row]:
        condition, values = where(wanted, self._rows)
        return self._database.query(
            f"SELECT {COLUMNS} FROM registrations WHERE {condition} AND {further} ORDER BY {order} LIMIT ?",
            (*values, *parameters, limit),
        )

    def count(self, wanted: Filter) -> int:
        """How many leads there are."""
        condition, parameters = where(wanted, self._rows)
        (row,) = self._database.query(f"SELECT count(*) AS n FROM registrations WHERE {condition}", parameters)
        return int(row["n"])

    def count_some(self, wanted: Filter, most: int) -> Counted:
        """How many leads there are, in bounded time: counted no further than to `most`."""
        (sure, values), rest = parts(wanted, self._rows, "due")
        fits, more = rest or ("1 = 1", ())
        look = LOOKED if rest else most
        (row,) = self._database.query(
            f"SELECT count(*) AS looked, coalesce(sum(CASE WHEN {fits} THEN 1 ELSE 0 END), 0) AS n "
            f"FROM (SELECT {LOOKED_AT if rest else 1} FROM registrations WHERE {sure} LIMIT ?) AS seen",
            (*more, *values, look),
        )
        number = min(int(row["n"]), most)
        return Counted(number, row["looked"] < look and number < most)

    def changes(self, wanted: Filter, since: datetime.datetime, after: int, limit: int) -> Changes:
        """Up to `limit` events since a time whose numbers are above `after`, in bounded time. Only places are filtered.

        Events are numbered under one lock: none comes to be seen after one with a higher number.
        """
        if not after:
            # Clocks differ a little from one machine to the other: one that is later may have the lower number.
            early = utc(since - CLOCKS) if since > FIRST + CLOCKS else ""
            found = self._database.query(
                "SELECT id FROM registration_events WHERE at >= ? ORDER BY at, id LIMIT 1", (early,)
            )
            if not found:
                return Changes((), 0, False)
            after = found[0]["id"] - 1
        condition, parameters = where(Filter(region=wanted.region), self._rows)
        rows = self._database.query(
            "SELECT e.id, r.receipt, e.at, e.actor, e.kind, e.status, e.sealed FROM (SELECT * FROM registration_events "
            # SQLite joins them in this order then: by the place it would go through all that ever happened there.
            "WHERE id > ? ORDER BY id LIMIT ?) AS e CROSS JOIN registrations r "
            f"WHERE r.id = e.registration AND e.at >= ? AND {condition} ORDER BY e.id LIMIT ?",
            (after, LOOKED, utc(since), *parameters, limit),
        )
        events = [self._event(row) for row in rows]
        if len(rows) == limit:
            return Changes(events, rows[-1]["id"], True)
        looked = self._database.query(
            "SELECT id FROM registration_events WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", (after, LOOKED - 1)
        )
        last = looked[0]["id"] if looked else rows[-1]["id"] if rows else after
        return Changes(events, last, bool(looked))

    def all(self, wanted: Filter) -> Iterator[tuple[Lead, Sequence[LeadEvent]]]:
        """Each lead with its events, newest first, in bounded memory."""
        found = self._rows_of(wanted, BATCH)
        while found:
            events = self._events_of([row["receipt"] for row in found])
            for row in found:
                yield self._rows.lead(row), events[row["receipt"]]
            # By its place in the order: the last one may have been erased meanwhile.
            found = self._rows_of(wanted, BATCH, ORDERS["newest"][2], *_in_order(found[-1], "newest"))

    def cases(self, wanted: Filter) -> Iterator[Case]:
        """What is counted of each lead: nothing of it sealed, nothing by which somebody could be known."""
        condition, parameters = where(wanted, self._rows)
        columns = ", ".join(COUNTED)
        return map(case_of, self._database.stream(f"SELECT {columns} FROM registrations WHERE {condition}", parameters))

    def jobs(self, wanted: Filter) -> Sequence[Job]:
        """What led to work in the days wanted, whenever it was sent."""
        condition, parameters = at_work(wanted, self._rows)
        rows = self._database.query(
            f"SELECT region, linked, count(*) AS n FROM registrations WHERE {condition} GROUP BY region, linked",
            parameters,
        )
        return [Job(row["region"], row["linked"], row["n"]) for row in rows]

    def get(self, receipt: str) -> Lead | None:
        """The lead with that receipt."""
        rows = self._database.query(f"SELECT {COLUMNS} FROM registrations WHERE receipt = ?", (receipt,))
        return self._rows.lead(rows[0]) if rows else None

    def events(self, receipt: str) -> Sequence[LeadEvent]:
        """What happened to a lead, oldest first."""
        return self._events_of([receipt])[receipt]

    def linked(self, lead: Lead) -> Sequence[Lead]:
        """The others that concern the same person, as far as was found out."""
        if lead.linked is None:
            return []
        rows = self._database.query(
            f"SELECT {COLUMNS} FROM registrations WHERE linked = ? AND receipt <> ? ORDER BY id",
            (lead.linked, lead.receipt),
        )
        return [self._rows.lead(row) for row in rows]

    def _events_of(self, receipts: Sequence[str]) -> dict[str, list[LeadEvent]]:
        events: dict[str, list[LeadEvent]] = {receipt: [] for receipt in receipts}
        rows = self._database.query(
            "SELECT r.receipt, e.at, e.actor, e.kind, e.status, e.sealed FROM registration_events e "
            f"JOIN registrations r ON r.id = e.registration WHERE r.receipt IN ({', '.join('?' * len(receipts))}) "
            "ORDER BY e.id",
            tuple(receipts),
        )
        for row in rows:
            events[row["receipt"]].append(self._event(row))
        return events

    def _event(self, row: Row) -> LeadEvent:
        text = "" if row["kind"] in ("registered", "amended") else self._text(row["sealed"])
        return LeadEvent(
            receipt=row["receipt"], at=row["at"], actor=row["actor"], kind=row["kind"], status=row["status"], text=text
        )

    def _text(self, sealed: bytes | None) -> str:
        return self._keys.unseal(sealed).decode() if sealed else ""

    def submissions(self, receipt: str) -> Sequence[tuple[str, Registration]]:
        """What was sent and when, first to last, as it was sent."""
        rows = self._database.query(
            "SELECT e.at, e.sealed FROM registration_events e JOIN registrations r ON r.id = e.registration "
            "WHERE r.receipt = ? AND e.kind IN ('registered', 'amended') ORDER BY e.id",
            (receipt,),
        )
        return [(row["at"], msgspec.json.decode(self._keys.unseal(row["sealed"]), type=Registration)) for row in rows]

    def claim(self, receipt: str, name: str, at: datetime.datetime) -> bool:
        """Make `name` the one who follows it up; False where somebody else is, or it has ended."""
        free = "claimed_by IS NULL AND status NOT IN ('closed', 'withdrawn')"
        return self._change(receipt, at, name, "claimed", "claimed_by = ?, claimed = ?", (name, utc(at)), free)

    def release(self, receipt: str, name: str, at: datetime.datetime, actor: str) -> bool:
        """Let it go again; False where `name` is not who follows it up."""
        condition = ("claimed_by = ?", (name,))
        return self._change(receipt, at, actor, "released", "claimed_by = NULL, claimed = NULL", (), *condition)

    def set_status(self, receipt: str, before: Status, after: Status, name: str, at: datetime.datetime) -> bool:
        """Move it a step; False where its status is no longer `before`."""
        ended = after in ENDED
        expires = utc(at + KEPT_AFTER_END) if ended else None
        change = "status = ?, expires = ?, contacted = coalesce(contacted, ?)" + (", due = NULL" if ended else "")
        values: tuple[object, ...] = (after, expires, utc(at))
        if after in STEPS:
            change, values = f"{change}, reached = ?, reached_at = ?", (*values, after, utc(at))
        return self._change(receipt, at, name, "status", change, values, "status = ?", (before,), status=after)

    def note(self, receipt: str, name: str, text: str, at: datetime.datetime) -> bool:
        """Add a note; False where there is no such lead."""
        change = "contacted = coalesce(contacted, ?)"
        return self._change(receipt, at, name, "noted", change, (utc(at),), text=text)

    def set_due(self, receipt: str, day: datetime.date | None, name: str, at: datetime.datetime) -> bool:
        """Say when it is to be followed up next."""
        due = day.isoformat() if day else None
        return self._change(receipt, at, name, "due", "due = ?", (due,), text=due or "")

    def transfer(self, receipt: str, region: str, name: str, at: datetime.datetime, text: str) -> bool:
        """Hand it to another place; whoever followed it up does so no longer."""
        change = "region = ?, province = ?, city = ?, county = ?, claimed_by = NULL, claimed = NULL"
        return self._change(receipt, at, name, "transferred", change, (region, *place_columns(region)), text=text)

    def link(self, receipt: str, other: str, name: str, at: datetime.datetime) -> bool:
        """Say that two leads concern one person."""
        with self._database.alone(LOCK):
            lead, with_ = self.get(receipt), self.get(other)
            if lead is None or with_ is None or lead == with_:
                return False
            first = min(lead.linked or receipt, with_.linked or other)
            for one, text in ((receipt, other), (other, receipt)):
                self._change(one, at, name, "linked", "linked = ?", (first,), text=text)
            for group in {lead.linked, with_.linked} - {None, first}:
                self._database.execute("UPDATE registrations SET linked = ? WHERE linked = ?", (first, group))
        return True

    def _change(
        self,
        receipt: str,
        at: datetime.datetime,
        actor: str,
        kind: str,
        assignments: str,
        values: Sequence[object],
        condition: str = "1 = 1",
        parameters: Sequence[object] = (),
        *,
        status: Status | None = None,
        text: str = "",
    ) -> bool:
        when = utc(at)
        with self._database.writing():
            rows = self._database.query(
                f"UPDATE registrations SET updated = ?, {assignments} WHERE receipt = ? AND {condition} RETURNING id",
                (when, *values, receipt, *parameters),
            )
            for row in rows:
                sealed = self._keys.seal(text.encode()) if text else None
                self._database.execute(
                    "INSERT INTO registration_events (registration, at, actor, kind, status, sealed) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (row["id"], when, actor, kind, status, sealed),
                )
        return bool(rows)


def _in_order(place: Row, order: Order) -> tuple[object, int]:
    """Where a lead stands in an order."""
    return place["due" if order == "due" else "created"], place["id"]
