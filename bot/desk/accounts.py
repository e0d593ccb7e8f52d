"""The caseworkers' accounts, as an admin manages them."""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence

from bot.desk.models import Caseworker, Role
from bot.desk.permissions import NATION, Refused, covers, require
from bot.store.access_log import Entry, Fault
from bot.store.registrations import PERSON
from bot.store.store import Store
from knowledge.places.gazetteer import Gazetteer

OPERATOR = Caseworker("operator", "admin", NATION)
"""Whoever may read the data folder: the one at the command line."""
DESK_TELEGRAM = "desk-telegram"
"""The channel of the caseworkers' bot."""
NAME = re.compile(r"[\w.\-]{2,20}")
RESERVED = (OPERATOR.name, PERSON)
"""Who acts without an account: one of that name would be taken for them in a registration's history."""


class Accounts:
    """The operations on accounts. What changes one is in the access log."""

    def __init__(self, store: Store, places: Gazetteer, now: Callable[[], datetime.datetime]) -> None:
        self._store = store
        self._places = places
        self._now = now

    def get(self, name: str) -> Caseworker:
        """The account of that name.

        Raises:
            Refused: there is none, or it is disabled.

        """
        who = self._store.staff.get(name)
        if who is None:
            raise Refused("no_account", name=name)
        if not who.active:
            raise Refused("disabled", name=name)
        return who

    def all(self, who: Caseworker) -> Sequence[Caseworker]:
        """The accounts of the admin's place."""
        require(who, "staff")
        return [one for one in self._store.staff.all() if covers(who, one.region)]

    def add(self, who: Caseworker, name: str, role: Role, region: str) -> str:
        """Make an account; the one-time code with which its owner begins."""
        require(who, "staff")
        if not NAME.fullmatch(name) or name in RESERVED:
            raise Refused("bad_name", name=name)
        self._check_place(who, region)
        with self._store.writing():
            if not self._store.staff.add(Caseworker(name, role, region), self._now()):
                raise Refused("name_taken", name=name)
            code = self._store.staff.new_code(name, self._now())
            self._record(who, "staff add", name)
            return code

    def disable(self, who: Caseworker, name: str) -> None:
        """Shut an account; whoever uses it is cut off at once."""
        self._of_place(who, name)
        with self._store.writing():
            self._store.staff.disable(name)
            self._part(name)
            self._store.desk_sessions.end_all(name)
            self._store.credentials.drop(name)
            self._store.api_tokens.revoke(name)
            self._record(who, "staff disable", name)

    def new_code(self, who: Caseworker, name: str) -> str:
        """Another one-time code, for whoever lost theirs."""
        if not self._of_place(who, name).active:
            raise Refused("disabled", name=name)
        with self._store.writing():
            code = self._store.staff.new_code(name, self._now())
            # Last, as everywhere: no two wait for each other then.
            self._record(who, "staff code", name)
            return code

    def of_user(self, user: str) -> Caseworker | None:
        """Whose Telegram user (keyed hash) that is; None for a stranger, and for a disabled account."""
        link = self._store.desk_links.of_user(user)
        who = self._store.staff.get(link.caseworker) if link else None
        return who if who and who.active else None

    def link(self, code: str, user: str, address: str) -> Caseworker | None:
        """Let the Telegram user in whom the one-time code was given to; None where it is no good, for whatever reason.

        An account has one user: the one before is parted from it. A user that has an account is not linked again.
        """
        with self._store.writing():
            if self._store.desk_links.of_user(user):
                return None
            who = self._store.staff.redeem(code, self._now())
            if who:
                self._part(who.name)
                self._store.desk_links.keep(user, who.name, address, self._now())
                self._record(who, "desk link", who.name)
        return who

    def unlink(self, who: Caseworker) -> None:
        """Part the caseworker's own Telegram user from the account."""
        with self._store.writing():
            self._part(who.name)
            self._record(who, "desk unlink", who.name)

    def _part(self, name: str) -> None:
        """Nothing more is written to the account's Telegram user, or waited for from it."""
        if user := self._store.desk_links.drop(name):
            self._store.desk_chats.wait_for(user, None)
            self._store.outbox.drop(DESK_TELEGRAM, user)

    def new_token(self, who: Caseworker, name: str) -> str:
        """A token with which a program uses the API as that account; the one before is worthless then."""
        if not self._of_place(who, name).active:
            raise Refused("disabled", name=name)
        with self._store.writing():
            self._record(who, "staff token", name)
            return self._store.api_tokens.new(name, self._now())

    def revoke_token(self, who: Caseworker, name: str) -> None:
        """Make the account's API token worthless."""
        self._of_place(who, name)
        with self._store.writing():
            if not self._store.api_tokens.revoke(name):
                raise Refused("no_token", name=name)
            self._record(who, "staff token revoked", name)

    def latest_accesses(
        self, who: Caseworker, limit: int, before: int | None = None, subject: str | None = None
    ) -> Sequence[tuple[int, Entry]]:
        """A page of the access log, newest first, for whoever may see it."""
        self._may_see_log(who)
        return self._store.access_log.latest(limit, before, subject)

    def log_fault(self, who: Caseworker) -> Fault | None:
        """The first thing that shows that the access log was tampered with; None where it is whole."""
        self._may_see_log(who)
        return self._store.access_log.first_fault()

    def access_log(self, who: Caseworker, subject: str | None = None) -> Iterator[Entry]:
        """Who looked at or changed what, oldest first; only for the operator or a nation's admin, as it names all."""
        self._may_see_log(who)
        return self._store.access_log.entries(subject)

    def _may_see_log(self, who: Caseworker) -> None:
        require(who, "access_log")
        if who.region != NATION:
            raise Refused("role", name=who.name)

    def _of_place(self, who: Caseworker, name: str) -> Caseworker:
        require(who, "staff")
        found = self._store.staff.get(name)
        if found is None or not covers(who, found.region):
            raise Refused("no_account", name=name)
        return found

    def _check_place(self, who: Caseworker, region: str) -> None:
        if region != NATION and not self._places.exists(region):
            raise Refused("no_place", region=region)
        if not covers(who, region):
            raise Refused("other_place", place=self._places.full_name(region) or region)

    def _record(self, who: Caseworker, operation: str, name: str) -> None:
        self._store.access_log.append(self._now(), who.name, operation, name)
