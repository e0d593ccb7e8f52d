"""The desk bot on a store: in process, and over HTTP at the tests' Bot API server."""

import asyncio
import contextlib
import datetime
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from bot.channels.limits import Limits
from bot.channels.telegram.webhook import Hook
from bot.desk.accounts import DESK_TELEGRAM, OPERATOR, Accounts
from bot.desk.handovers import Handovers
from bot.desk.leads import Desk
from bot.desk.names import load_names
from bot.desk.telegram.channel import DeskTelegram
from bot.desk.telegram.configured import desk_telegram
from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Content, Heard, Say, content_of
from bot.desk.telegram.scene import Counter
from bot.desk.telegram.words import load_telegram_words
from bot.desk.telling import Telling
from bot.ownership import Ownership
from bot.settings import CHINA, Settings
from bot.store.store import Store, open_store
from tests.bot.owning import owning
from tests.bot.store.madeup import at
from tests.botapi.bots import Bot
from tests.botapi.fixtures import server
from tests.botapi.people import Person
from tests.botapi.server import BotApi

__all__ = ["server"]

MONDAY = datetime.datetime(2026, 11, 23, 10, tzinfo=CHINA)
TOKEN = "7002:desk"
FAST = Limits(apart=0, a_second=1000, shortest_wait=0.01, longest_wait=0.02, poll_seconds=5)
TIANSHUI, QINZHOU, MAIJI = "620500", "620502", "620503"


class Clock:
    """A time that the test sets, and that goes on by `step` whenever it is looked at."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now
        self.step = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        self.now += self.step
        return self.now


class Caller:
    """A Telegram user talking with the front in process."""

    numbers = itertools.count(1)

    def __init__(self, front: Front, user: int) -> None:
        self.front = front
        self.user = str(user)

    def does(self, key: str | None = None, **fields: object) -> list[Content]:
        """An update; what is owed for it."""
        given = {"key": key or str(next(self.numbers)), "user": self.user, "chat": self.user, "private": True}
        self.front.receive(Heard(**{**given, "kind": "text", **fields}))  # type: ignore[arg-type]
        return list(taken(self.front))

    def says(self, text: str) -> str:
        """A text; the words of all that is owed for it."""
        return "\n".join(
            one.text if isinstance(one, Say) else f"<{type(one).__name__}>" for one in self.does(text=text)
        )

    def presses(self, data: str, message: int | None = 7) -> list[Content]:
        """A button."""
        return self.does(kind="button", data=data, message=message)

    def told(self, data: str) -> str:
        """The words that a button comes to."""
        return "\n".join(one.text for one in self.presses(data) if isinstance(one, Say))


def taken(front: Front) -> Iterator[Content]:
    """What is owed, in order; it is taken from the outbox."""
    outbox, now = front.at.store.outbox, front.now().timestamp()
    while letters := outbox.take(DESK_TELEGRAM, now, 100, 60):
        for owed in letters:
            yield content_of(owed.letter)
            outbox.done(owed.id)


def buttons(content: Content) -> Sequence[str]:
    """The data of a message's buttons, in reading order."""
    assert isinstance(content, Say)
    return [button.data for row in content.buttons for button in row]


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """In a folder only: what the bot asks of the store, the other faces of the desk ask of both."""
    with open_store(at(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def front(store: Store, clock: Clock) -> Front:
    names = load_names()
    desk, accounts = Desk(store, names, clock), Accounts(store, names.gazetteer, clock)
    return Front(Counter(store, desk, accounts, Handovers(store, clock), Telling(names), load_telegram_words()), clock)


Link = Callable[..., Caller]


@pytest.fixture
def link(front: Front) -> Link:
    """Makes an account and links a user to it."""

    def do(user: int, name: str = "王芳", role: str = "worker", region: str = TIANSHUI) -> Caller:
        code = front.at.accounts.add(OPERATOR, name, role, region)  # type: ignore[arg-type]
        caller = Caller(front, user)
        assert "登录好了" in caller.says(code)
        return caller

    return do


@pytest.fixture
def wang(link: Link) -> Caller:
    return link(1)


# ---- over HTTP ----


@pytest.fixture
def bot(server: BotApi) -> Bot:
    return server.bot(TOKEN, username="zhuye_desk_bot", name="助业工作台")


@pytest.fixture
def settings(server: BotApi, tmp_path: Path) -> Settings:
    # The store of the other fixtures is the bot's too, in a connection of its own.
    return Settings(data_dir=tmp_path / "data", desk_telegram_token=TOKEN, telegram_api=server.base)


Running = Callable[..., contextlib.AbstractAsyncContextManager[DeskTelegram]]


@pytest.fixture
def ownership(settings: Settings) -> Iterator[Ownership]:
    with owning(settings) as leases:
        yield leases


@pytest.fixture
def running(settings: Settings, ownership: Ownership, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Runs the channel: `async with running():`."""
    monkeypatch.setattr(Settings, "now", lambda _: clock())

    @contextlib.asynccontextmanager
    async def run(**fields: object) -> AsyncIterator[DeskTelegram]:
        changed = msgspec.structs.replace(settings, **fields)
        hook = Hook(changed.public_url, "path", "header") if changed.public_url else None
        with desk_telegram(changed, ownership, hook, FAST) as channel:
            stop = asyncio.Event()
            task = asyncio.create_task(channel.run(stop))
            try:
                yield channel
            finally:
                stop.set()
                await task

    return run


@pytest.fixture
def newcomer(server: BotApi, bot: Bot) -> Person:
    return server.person(1, "王芳")
