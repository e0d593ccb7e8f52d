"""How a caseworker gets in: a one-time code once, then a password and a second factor (TOTP, RFC 6238)."""

import datetime
import hmac
from collections.abc import Callable

import msgspec
import pyotp

from bot.desk.accounts import OPERATOR, Accounts
from bot.desk.models import Caseworker
from bot.desk.passwords import LONGEST, SHORTEST, Passwords, weakness
from bot.desk.permissions import Refused
from bot.store.credentials import Credential
from bot.store.desk_sessions import DeskSession, Stage
from bot.store.store import Store

MOST_TRIES = 5
"""Wrong codes after which the password is asked for again."""
STEP_SECONDS = 30
STEPS_ASIDE = (0, -1, 1)
"""Time steps that a clock may be wrong by."""


class Prepared(msgspec.Struct, frozen=True):
    """What a session holds until the second factor has been proved."""

    password: str | None
    totp: str


class Logins:
    """The steps of getting in, over a store. Each gives the session a new token."""

    def __init__(
        self, store: Store, accounts: Accounts, now: Callable[[], datetime.datetime], passwords: Passwords
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._now = now
        self._passwords = passwords

    # ---- the first time ----

    def needs_admin(self) -> bool:
        """Whether nobody can manage accounts yet."""
        return not any(one.role == "admin" and one.active for one in self._store.staff.all())

    def beginning(self) -> str | None:
        """The secret with which the first administrator is made, the same in all processes; None where there is one."""
        return self._store.staff.beginning() if self.needs_admin() else None

    def first_admin(self, name: str, region: str) -> str:
        """Make the first administrator; the token of a session that sets it up.

        Raises:
            Refused: there is one by now ("not_first"), or as `Accounts.add`.

        """
        with self._store.writing():
            if not self.needs_admin():
                raise Refused("not_first")
            return self.redeem(self._accounts.add(OPERATOR, name, "admin", region))

    def redeem(self, code: str) -> str:
        """Use a one-time code up; the token of a session that sets a password and a second factor.

        Raises:
            Refused: "code": it is of no active account, or is over, or was used.

        """
        with self._store.writing():
            who = self._store.staff.redeem(code, self._now())
            if not who:
                raise Refused("code")
            token = self._begin(who.name, "setup")
            self._store.desk_sessions.prepare(token, msgspec.json.encode(Prepared(None, pyotp.random_base32())))
            self._record(who, "login code")
            return token

    def set_password(self, token: str, session: DeskSession, password: str, again: str) -> None:
        """Choose the password.

        Raises:
            Refused: it is too short, too long, or common, or was not written alike.

        """
        weak = weakness(password, session.who.name)
        if weak:
            raise Refused(f"password_{weak}", shortest=str(SHORTEST), longest=str(LONGEST))
        if password != again:
            raise Refused("password_again")
        prepared = Prepared(self._passwords.hash(password), prepared_of(session).totp)
        self._store.desk_sessions.prepare(token, msgspec.json.encode(prepared))

    def prove(self, token: str, session: DeskSession, code: str) -> str:
        """Show that the second factor works: from now on these are the account's; the token of a session that is in.

        Raises:
            Refused: "totp".

        """
        prepared = prepared_of(session)
        step = self._step(prepared.totp, code)
        if step is None or prepared.password is None:
            raise Refused("totp")
        with self._store.writing():
            name = session.who.name
            self._store.credentials.keep(name, Credential(prepared.password, prepared.totp), step)
            self._store.desk_sessions.end_all(name)
            self._record(session.who, "login set up")
            return self._begin(name, "in")

    # ---- every time ----

    def password(self, name: str, password: str) -> str:
        """The first step: the token of a session that waits for the second.

        Raises:
            Refused: "login", whatever is wrong; it takes the same time.

        """
        kept = self._store.credentials.get(name)
        right = self._passwords.verify(kept.password if kept else None, password)
        who = self._store.staff.get(name)
        if not right or kept is None or who is None or not who.active:
            raise Refused("login")
        if self._passwords.outdated(kept.password):
            self._store.credentials.rehash(name, kept.password, self._passwords.hash(password))
        return self._begin(name, "code")

    def code(self, token: str, session: DeskSession, code: str) -> str:
        """The second step: the token of a session that is in.

        Raises:
            Refused: "totp"; after MOST_TRIES the session is over ("totp_often").

        """
        name = session.who.name
        with self._store.writing():
            kept = self._store.credentials.get(name)
            step = self._step(kept.totp, code) if kept else None
            if step is not None and self._store.credentials.use(name, step):
                self._store.desk_sessions.end(token)
                self._record(session.who, "login")
                return self._begin(name, "in")
            self._store.desk_sessions.tried(token)
            over = session.tries + 1 >= MOST_TRIES
            if over:
                self._store.desk_sessions.end(token)
        raise Refused("totp_often" if over else "totp")

    def session(self, token: str, *, touch: bool = True) -> DeskSession | None:
        """The session of a token."""
        return self._store.desk_sessions.get(token, self._now(), touch=touch)

    def leave(self, token: str, who: Caseworker) -> None:
        """End a session."""
        with self._store.writing():
            self._store.desk_sessions.end(token)
            self._record(who, "logout")

    def _begin(self, name: str, stage: Stage) -> str:
        return self._store.desk_sessions.begin(name, stage, self._now())

    def _step(self, secret: str, code: str) -> int | None:
        """The time step whose code it is."""
        totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
        now = int(self._now().timestamp()) // STEP_SECONDS
        steps = (now + aside for aside in STEPS_ASIDE)
        right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
        return right[0] if right else None

    def _record(self, who: Caseworker, operation: str) -> None:
        self._store.access_log.append(self._now(), who.name, operation, who.name)


def prepared_of(session: DeskSession) -> Prepared:
    """What a session holds that is being set up."""
    assert session.prepared is not None
    return msgspec.json.decode(session.prepared, type=Prepared)


def totp_address(name: str, secret: str, issuer: str) -> str:
    """The address with which a phone's authenticator takes the secret up."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
