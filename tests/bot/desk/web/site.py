"""The desk's pages as a caseworker meets them by HTTP: a page is read, its forms are sent."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import lxml.html
import pyotp
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.channels.metrics import Metrics
from bot.desk.accounts import Accounts
from bot.desk.api.channel import Api, Limits
from bot.desk.leads import Desk
from bot.desk.logins import Logins
from bot.desk.models import Caseworker, Role
from bot.desk.names import load_names
from bot.desk.passwords import Passwords
from bot.desk.telling import Telling
from bot.desk.web.gate import DOOR, SESSION
from bot.desk.web.office import Office
from bot.desk.web.pages import load_web_words
from bot.desk.web.site import DeskWeb
from bot.settings import Settings
from bot.store.access_log import Entry
from bot.store.credentials import Credential
from bot.store.registrations import new_receipt
from bot.store.store import open_store
from bot.worker import Worker
from conversations.registrations import Registration
from tests.bot.channels.web.site import InProcess
from tests.bot.desk.conftest import SOMEBODY
from tests.bot.store.madeup import at

START = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)
PASSWORD = "四匹马 蓝信封 慢慢走 七号桥"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
WORDS = load_web_words()


class DeskSite:
    """The desk and the API over a folder, and the store of a `place` (default: in the folder); `at` is their clock."""

    def __init__(
        self, folder: Path, *, https: bool = False, limits: Limits | None = None, place: Settings | None = None
    ) -> None:
        self.at = START
        self.https = https
        self.worker = Worker("desk", lambda: self._office(place or at(folder)), lambda office: office.store.close())
        self.metrics = Metrics()
        self.web = DeskWeb(
            self.worker,
            self.worker,
            self.metrics,
            folder / "cache" / "exports",
            address="http://testserver",
            https=https,
        )
        self.api = Api(self.worker, self.metrics, https=https, limits=limits)
        self.app = Starlette(routes=[*self.web.routes(), *self.api.routes(), *self.metrics.routes()])

    def _office(self, place: Settings) -> Office:
        def now() -> datetime.datetime:
            return self.at

        store, names = open_store(place), load_names()
        accounts = Accounts(store, names.gazetteer, now)
        logins = Logins(store, accounts, now, CHEAP)
        return Office(store, Desk(store, names, now), accounts, logins, Telling(names), now)

    def do(self, work: Any) -> Any:
        """What `work` makes of the office, in its thread."""
        return self.worker._threads.submit(lambda: work(self.worker._owned)).result()

    def register(self, **fields: Any) -> str:
        """A registration of somebody, with the fields that are said otherwise; its receipt."""
        receipt = new_receipt()
        said = Registration(**{**{f: getattr(SOMEBODY, f) for f in SOMEBODY.__struct_fields__}, **fields})
        self.do(lambda o: o.store.registrations.add(o.store.sender("chat", receipt), receipt, said, self.at, "chat"))
        return receipt

    def asks(self, words: str = "我的腿这样能去按摩店上班吗？", region: str = "620503") -> int:
        """Somebody on the chat page asks a human; the question's number."""

        def ask(office: Office) -> int:
            store, sender = office.store, office.store.sender("web", words)
            with store.writing():
                store.recipients.keep(sender, "web", words, notices=False)
                return store.handovers.begin(sender, region, words, self.at).id

        number: int = self.do(ask)
        return number

    def told(self, words: str = "我的腿这样能去按摩店上班吗？") -> list[str | None]:
        """What the person who asked was told."""
        exchanges = self.do(lambda o: o.store.transcripts.last(o.store.sender("web", words)))
        return [exchange.said.told for exchange in exchanges]

    def account(self, name: str = "王芳", role: Role = "worker", region: str = "620500") -> Caseworker:
        """An account with PASSWORD and SECRET."""
        who = Caseworker(name, role, region)
        credential = Credential(CHEAP.hash(PASSWORD), SECRET)
        self.do(lambda o: (o.store.staff.add(who, self.at), o.store.credentials.keep(name, credential, 0)))
        return who

    def totp(self, secret: str = SECRET) -> str:
        return pyotp.TOTP(secret).at(self.at)

    def later(self, **span: float) -> None:
        self.at += datetime.timedelta(**span)

    def visitor(self, address: str = "127.0.0.1") -> "Visitor":
        return Visitor(self, address)

    def signed_in(self, name: str = "王芳", role: Role = "worker", region: str = "620500") -> "Visitor":
        """Somebody who is in."""
        self.account(name, role, region)
        visitor = self.visitor()
        visitor.token = self.do(lambda o: o.store.desk_sessions.begin(name, "in", self.at))
        visitor.get("/desk/keys")
        return visitor

    def log(self) -> list[tuple[str, str, str]]:
        """The access log: who, what, on what."""
        entries: Sequence[Entry] = self.do(lambda o: list(o.store.access_log.entries()))
        return [(entry.caseworker, entry.operation, entry.subject) for entry in entries]

    def close(self) -> None:
        self.worker.close()


class Visitor:
    """Somebody with a browser of their own, without a script."""

    def __init__(self, site: DeskSite, address: str = "127.0.0.1") -> None:
        self.site = site
        base = "https://testserver" if site.https else "http://testserver"
        self.http = httpx.Client(base_url=base, transport=InProcess(site.app, address), follow_redirects=True)
        self.page: Any = None
        self.answer: Any = None

    @property
    def cookie(self) -> str:
        return f"__Host-{SESSION}" if self.site.https else f"zhuye-{SESSION}"

    @property
    def door(self) -> str:
        """The cookie of somebody who is not in."""
        return f"__Host-{DOOR}" if self.site.https else f"zhuye-{DOOR}"

    @property
    def token(self) -> str:
        return str(self.http.cookies[self.cookie])

    @token.setter
    def token(self, value: str) -> None:
        self.http.cookies.clear()
        self.http.cookies.set(self.cookie, value, domain="testserver.local")

    def get(self, address: str, **options: Any) -> Any:
        return self._read(self.http.get(address, **options))

    def post(self, address: str, csrf: str | None = None, **fields: str) -> Any:
        """Send a form of the page, or one like it."""
        return self._read(self.http.post(address, data={"csrf": self.csrf if csrf is None else csrf, **fields}))

    @property
    def csrf(self) -> str:
        found = self.find("//input[@name='csrf']/@value")
        return str(found[0]) if found else ""

    def log_in(self, name: str = "王芳", password: str = PASSWORD, code: str | None = None) -> Any:
        """Both steps."""
        self.get("/desk/login")
        self.post("/desk/login", name=name, password=password)
        if self.answer.url.path != "/desk/code":
            return self.answer
        return self.post("/desk/code", code=code or self.site.totp())

    def _read(self, answer: Any) -> Any:
        self.answer = answer
        kind = answer.headers.get("content-type", "")
        self.page = lxml.html.fromstring(answer.text) if "html" in kind and answer.text.strip() else None
        return answer

    def find(self, xpath: str) -> Any:
        return self.page.xpath(xpath) if self.page is not None else []

    @property
    def told(self) -> str:
        """What was done, or what is wrong."""
        return " ".join(part.text_content().strip() for part in self.find("//*[@id='summary']//li|//*[@id='done']"))

    @property
    def title(self) -> str:
        return str(self.find("//title")[0].text)
