"""What caseworkers do with registrations, whatever face they do it through.

Every operation checks the role, and the place of each record; what shows, exports or changes one is in the access log.
A registration of another place is to them as if it were not there.
"""

import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence

import msgspec

from bot.desk.masking import masked
from bot.desk.models import Caseworker, Changes, Counted, Filter, Lead, LeadEvent, Order, Part, Place, Pulled
from bot.desk.names import Names
from bot.desk.notices import tell_of_progress
from bot.desk.permissions import NATION, Operation, Refused, covers, require
from bot.desk.statistics import Scope, Statistics, count
from bot.desk.steps import NEXT
from bot.desk.targets import load_targets
from bot.store.base import Row
from bot.store.leads import ENDED
from bot.store.registrations import LOCK
from bot.store.store import Store
from conversations.registrations import Status
from knowledge.places.gazetteer import contains

LONGEST_NOTE = 2000
LONGEST_REASON = 200


class Desk:
    """The operations, over a store."""

    def __init__(self, store: Store, names: Names, now: Callable[[], datetime.datetime]) -> None:
        self._store = store
        self._names = names
        self._places = names.gazetteer
        self._now = now

    # ---- finding ----

    def page(
        self, who: Caseworker, wanted: Filter, limit: int, before: str | None = None, order: Order = "newest"
    ) -> Sequence[Lead]:
        """Up to `limit` leads, masked, in order; those that come after the receipt `before`."""
        wanted = self._allowed(who, "list", wanted)
        return [masked(lead) for lead in self._store.leads.page(wanted, limit, before, order)]

    def pull(self, who: Caseworker, wanted: Filter, limit: int, after: Place | None = None) -> Pulled:
        """Up to `limit` leads, masked, newest first; those that come after a place, for copies that miss none."""
        found = self._store.leads.pull(self._allowed(who, "list", wanted), limit, after)
        return Pulled([masked(lead) for lead in found.leads], found.next)

    def part(
        self, who: Caseworker, wanted: Filter, limit: int, before: str | None = None, order: Order = "newest"
    ) -> Part:
        """As `page`, in bounded time: with fewer there may still be more to look at."""
        found = self._store.leads.part(self._allowed(who, "list", wanted), limit, before, order)
        return Part([masked(lead) for lead in found.leads], found.next)

    def newer(self, who: Caseworker, wanted: Filter, than: str | None, limit: int) -> Sequence[Lead]:
        """Up to `limit` leads that were sent later than the receipt `than` (None: any), masked, newest first."""
        wanted = self._allowed(who, "list", wanted)
        return [masked(lead) for lead in self._store.leads.newer(wanted, than, limit)]

    def count(self, who: Caseworker, wanted: Filter) -> int:
        """How many leads there are."""
        return self._store.leads.count(self._allowed(who, "list", wanted))

    def count_some(self, who: Caseworker, wanted: Filter, most: int) -> Counted:
        """How many leads there are, in bounded time: counted no further than to `most`."""
        return self._store.leads.count_some(self._allowed(who, "list", wanted), most)

    def changes(self, who: Caseworker, since: datetime.datetime, after: int, limit: int) -> Changes:
        """Up to `limit` events since a time whose numbers are above `after`, in bounded time."""
        return self._store.leads.changes(self._allowed(who, "list", Filter()), since, after, limit)

    def show(self, who: Caseworker, receipt: str) -> tuple[Lead, Sequence[LeadEvent]]:
        """A lead, masked, with what happened to it, oldest first."""
        lead = self._lead(who, "show", receipt)
        self._record(who, "show", receipt)
        return masked(lead), self._store.leads.events(receipt)

    def reveal(self, who: Caseworker, receipt: str, reason: str) -> Lead:
        """A lead in clear, for a reason, which is recorded first."""
        lead = self._lead(who, "reveal", receipt)
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise Refused("reason", longest=str(LONGEST_REASON))
        self._record(who, "reveal", receipt, reason.strip())
        return lead

    def linked(self, who: Caseworker, receipt: str) -> Sequence[Lead]:
        """The others of the same person that the caseworker may see, masked."""
        lead = self._lead(who, "show", receipt)
        return [masked(one) for one in self._store.leads.linked(lead) if covers(who, one.said.region)]

    def export(self, who: Caseworker, wanted: Filter) -> Iterator[tuple[Lead, Sequence[LeadEvent]]]:
        """Each lead in clear with its events, newest first; recorded before the first."""
        wanted = self._allowed(who, "export", wanted)
        criteria = {name: value for name, value in msgspec.to_builtins(wanted).items() if value and name != "query"}
        self._record(who, "export", wanted.region or "", msgspec.json.encode(criteria).decode())
        return self._store.leads.all(wanted)

    def statistics(self, who: Caseworker, wanted: Filter) -> Statistics:
        """The counts, for the desk's own eyes."""
        wanted = self._allowed(who, "stats", wanted)
        scope = Scope(wanted.region, wanted.since, wanted.until, self._now().date().isoformat())
        kept = self._store.leads
        return count(kept.cases(wanted), kept.jobs(wanted), scope, self._names, load_targets())

    def questions(
        self,
        who: Caseworker,
        since: datetime.date,
        until: datetime.date = datetime.date.max,
        region: str | None = None,
    ) -> Sequence[Row]:
        """Questions that no text answers, of `region` (default: the caseworker's) or of none, most often asked first.

        Both days are included.
        """
        place = self._allowed(who, "questions", Filter(region=region)).region
        found = self._store.ledger.questions(since, until)
        return [row for row in found if not row["region"] or place is None or contains(place, row["region"])]

    # ---- working on one ----

    def claim(self, who: Caseworker, receipt: str) -> None:
        """Be the one who follows it up. Of two who try at once, one is told that the other has it."""
        with self._changing(who, "claim", receipt) as lead:
            _open(lead)
            if lead.claimed_by == who.name:
                raise Refused("yours", receipt=receipt)
            if not self._store.leads.claim(receipt, who.name, self._now()):
                raise Refused("claimed", receipt=receipt, name=lead.claimed_by or "")
            tell_of_progress(self._store, receipt, "claimed", self._now())

    def release(self, who: Caseworker, receipt: str) -> None:
        """Let it go; an admin may let go what somebody else follows up."""
        with self._changing(who, "release", receipt) as lead:
            holder = lead.claimed_by
            if holder is None or (holder != who.name and who.role != "admin"):
                raise Refused("not_yours", receipt=receipt)
            self._store.leads.release(receipt, holder, self._now(), who.name)

    def note(self, who: Caseworker, receipt: str, text: str) -> None:
        """Write down what was done or said."""
        text = text.strip()
        if not text or len(text) > LONGEST_NOTE:
            raise Refused("note", longest=str(LONGEST_NOTE))
        with self._changing(who, "note", receipt):
            self._store.leads.note(receipt, who.name, text, self._now())

    def set_status(self, who: Caseworker, receipt: str, status: Status) -> None:
        """Move it a step that may follow."""
        with self._changing(who, "status", receipt) as lead:
            if status not in NEXT[lead.status]:
                raise Refused("step", before=lead.status, after=status, allowed=",".join(NEXT[lead.status]))
            if not self._store.leads.set_status(receipt, lead.status, status, who.name, self._now()):
                raise Refused("changed", receipt=receipt)
            tell_of_progress(self._store, receipt, status, self._now())

    def set_due(self, who: Caseworker, receipt: str, day: datetime.date | None) -> None:
        """Say when it is to be followed up next (None: not any more)."""
        with self._changing(who, "due", receipt) as lead:
            _open(lead)
            if day is not None and day < self._now().date():
                raise Refused("past", day=day.isoformat())
            self._store.leads.set_due(receipt, day, who.name, self._now())

    def transfer(self, who: Caseworker, receipt: str, region: str, reason: str = "") -> None:
        """Hand it to another place, whose caseworkers have it then; the event tells where it went, and why."""
        self._place(region)
        if len(reason) > LONGEST_REASON:
            raise Refused("transfer_reason", longest=str(LONGEST_REASON))
        text = " ".join([self._names.place(region), *reason.split()])
        with self._changing(who, "transfer", receipt) as lead:
            _open(lead)
            if region == lead.said.region:
                raise Refused("same_place", receipt=receipt)
            self._store.leads.transfer(receipt, region, who.name, self._now(), text)

    def link(self, who: Caseworker, receipt: str, other: str) -> None:
        """Say that two concern one person."""
        if receipt == other:
            raise Refused("same_receipt", receipt=receipt)
        self._lead(who, "link", other)
        with self._changing(who, "link", receipt):
            self._store.leads.link(receipt, other, who.name, self._now())

    # ---- what each of them needs ----

    @contextlib.contextmanager
    def _changing(self, who: Caseworker, operation: Operation, receipt: str) -> Iterator[Lead]:
        """A lead to change: looked up, changed and recorded in one transaction, or a part of one: it may be refused.

        Its sender's turns come to their end before it is begun, as they may want the registrations for themselves too:
        those who take both take them in this order.
        """
        sender = self._store.registrations.sender(receipt) or receipt
        with self._store.part(), self._store.alone(sender), self._store.alone(LOCK):
            lead = self._lead(who, operation, receipt)
            yield lead
            self._record(who, operation, receipt)

    def _lead(self, who: Caseworker, operation: Operation, receipt: str) -> Lead:
        require(who, operation)
        lead = self._store.leads.get(receipt)
        if lead is None or not covers(who, lead.said.region):
            raise Refused("not_found", receipt=receipt)
        return lead

    def _allowed(self, who: Caseworker, operation: Operation, wanted: Filter) -> Filter:
        """`wanted`, in the caseworker's place."""
        require(who, operation)
        if wanted.region is None:
            return wanted if who.region == NATION else msgspec.structs.replace(wanted, region=who.region)
        self._place(wanted.region)
        if not covers(who, wanted.region):
            raise Refused("other_place", place=self._places.full_name(wanted.region))
        return wanted

    def check(self, who: Caseworker, wanted: Filter, before: str | None = None) -> None:
        """Refuse what was typed and no registration could fit, instead of finding nothing.

        Every front for people asks it first; programs are answered with nothing.
        """
        if before is not None:
            last = self._store.leads.get(before)
            if last is None or not covers(who, last.said.region):
                raise Refused("no_page", receipt=before)
        terms = self._names.terms
        if wanted.category is not None and wanted.category not in terms.categories:
            raise Refused("no_category", category=wanted.category, known=self._names.joined(terms.categories))
        if wanted.need is not None and wanted.need not in terms.needs:
            raise Refused("no_need", need=wanted.need, known=self._names.joined(terms.needs))
        if wanted.programme is not None and wanted.programme not in self._names.programmes:
            raise Refused("no_programme", programme=wanted.programme)
        if wanted.since and wanted.until and wanted.since > wanted.until:
            raise Refused("period", since=wanted.since, until=wanted.until)

    def _place(self, region: str) -> None:
        if not self._places.exists(region):
            raise Refused("no_place", region=region)

    def _record(self, who: Caseworker, operation: Operation, subject: str, reason: str = "") -> None:
        self._store.access_log.append(self._now(), who.name, operation, subject, reason)


def _open(lead: Lead) -> None:
    if lead.status in ENDED:
        raise Refused("ended", receipt=lead.receipt)
