"""The server: Telegram's HTTP face, and the test's."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiogram.methods import GetUpdates, SetWebhook
from aiohttp import web

from tests.botapi import delivery, messages, profile
from tests.botapi.bots import SUPERGROUP_IDS, Bot
from tests.botapi.chats import Chat, Json, numbers
from tests.botapi.delivery import get_updates, set_webhook
from tests.botapi.errors import Refused, bad, unauthorized
from tests.botapi.faults import Break, Fault
from tests.botapi.groups import Channel, Group
from tests.botapi.methods import carry_out
from tests.botapi.parsing import Fields, parameters, parse, read_fields
from tests.botapi.people import Face, Person
from tests.botapi.webhooks import Courier

LARGEST_REQUEST = 60 << 20
assert delivery and messages and profile, "imported for what they do"


@dataclass
class Call:
    """A call that came: `time` in seconds since 1970, `parameters` as sent, and how it was answered."""

    time: float
    token: str
    method: str
    parameters: Json
    status: int | None = None
    """The HTTP status; None as long as it is not done. A call whose reply is lost was accepted: 200."""
    error: str | None = None


class BotApi:
    """A Bot API server on this machine, in the running event loop. `base` is its address.

    Updates are posted to http webhooks on this machine only if `loopback_webhooks`; to others never.
    """

    def __init__(self, *, loopback_webhooks: bool = False) -> None:
        self.base = ""
        self.calls: list[Call] = []
        self.bots: dict[str, Bot] = {}
        self._faults: list[Fault] = []
        self._changed = asyncio.Condition()
        self._busy = 0
        self._bugs: list[Exception] = []
        """Of this server: told at its end, since a bot would take them for Telegram's."""
        self._loopback = loopback_webhooks
        self._couriers: dict[Bot, asyncio.Task[None]] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        for courier in self._couriers.values():
            courier.cancel()
        ended = await asyncio.gather(*self._couriers.values(), return_exceptions=True)
        await self._runner.cleanup()
        if bugs := [*self._bugs, *(error for error in ended if isinstance(error, Exception))]:
            raise ExceptionGroup("the tests' Bot API server has failed", bugs)

    def bot(self, token: str, *, username: str, name: str = "Bot") -> Bot:
        """A bot with this token, as "7001:public"."""
        self.bots[token] = Bot(token, username, name, self._tell)
        return self.bots[token]

    def person(self, id_: int, name: str, language: str = "zh-hans", bot: Bot | None = None) -> Person:
        """A person who may talk with a bot (the only one)."""
        bot = bot or self._only_bot()
        user = {"id": id_, "is_bot": False, "first_name": name, "language_code": language}
        chat = bot.chats.get(id_) or Chat(id_, "private", {"first_name": name}, bot.message_numbers)
        return Person(bot, chat, self.until, user)

    def group(self, id_: int, title: str, bot: Bot | None = None) -> Group:
        """A group, with an id below zero, that a bot (the only one) may be added to."""
        bot = bot or self._only_bot()
        return Group(bot, Chat(id_, "group", {"title": title}, bot.message_numbers, status="left"), self.until)

    def channel(self, number: int, title: str, bot: Bot | None = None) -> Channel:
        """A channel of which a bot (the only one) is an administrator."""
        bot = bot or self._only_bot()
        chat = Chat(SUPERGROUP_IDS - number, "channel", {"title": title}, numbers(), status="administrator")
        bot.chats[chat.id] = chat
        return Channel(bot, chat, self.until)

    def fails(
        self,
        method: str,
        how: Refused | Break,
        *,
        to: Face | None = None,
        bot: Bot | None = None,
        nth: int = 1,
        times: int = 1,
    ) -> Fault:
        """Let the `nth` call of a method from now on (to a chat, by a bot) fail, and those after it, `times` in all."""
        bot = to.bot if to else bot
        self._faults.append(Fault(method, how, to.id if to else None, bot.token if bot else None, nth, times))
        return self._faults[-1]

    @property
    def refused(self) -> list[Call]:
        """The calls that were refused, on purpose or not: a bot that does right has none."""
        return [call for call in self.calls if call.error]

    def called(self, method: str, bot: Bot | None = None) -> list[Call]:
        """The calls of a method (by a bot)."""
        return [call for call in self.calls if call.method == method and (bot is None or bot.token == call.token)]

    async def until(
        self, holds: Callable[[], bool], within: float = 10, told: Callable[[], str] = lambda: "waited in vain"
    ) -> None:
        """Wait until something holds, which is looked at whenever anything has happened here.

        Raises:
            AssertionError: It did not, within so many seconds.
        """
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            last = ", ".join(f"{call.method} {call.status} {call.error or ''}".strip() for call in self.calls[-5:])
            raise AssertionError(f"{told()}; the last calls: {last}") from None

    async def idle(self, within: float = 10) -> None:
        """Wait until every update is confirmed, or taken by the webhook, and no call is under way.

        A bot that polls confirms what it may not have handled yet: wait for what the person sees.
        """

        def holds() -> bool:
            return not self._busy and not any(bot.updates.entries for bot in self.bots.values())

        def told() -> str:
            waiting = {bot.username: [entry.update for entry in bot.updates.entries] for bot in self.bots.values()}
            return f"not confirmed: {waiting}; calls under way: {self._busy}"

        await self.until(holds, within, told)

    def _only_bot(self) -> Bot:
        assert len(self.bots) == 1, f"name the bot: there are {len(self.bots)}"
        return next(iter(self.bots.values()))

    def _courier(self, bot: Bot) -> Courier:
        async def execute(fields: Fields) -> None:
            # A call in a webhook's answer: nobody learns how it went.
            with contextlib.suppress(Refused):
                await self._call(bot, str(fields.pop("method")), fields)

        return Courier(bot.updates, bot.webhook, self._changed, self._tell, execute)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _serve(self, request: web.Request) -> web.Response:
        token, method = request.match_info["token"], request.match_info["method"]
        try:
            if (bot := self.bots.get(token)) is None:
                error = unauthorized()
                self.calls.append(Call(time.time(), token, method, {}, error.code, error.description))
                raise error
            fields = dict(request.query) | await read_fields(request)
            result = await self._call(bot, method, fields)
        except Refused as refusal:
            return web.json_response(refusal.body(), status=refusal.code)
        if isinstance(result, Break):
            assert request.transport
            request.transport.abort()
            return web.Response()
        return web.json_response({"ok": True, "result": result})

    async def _call(self, bot: Bot, name: str, fields: Fields) -> Any:
        """Do a call and record it; its result, or how its reply is to be kept back."""
        call = Call(time.time(), bot.token, name, fields)
        self.calls.append(call)
        waits = name.lower() == "getupdates"
        self._busy += not waits
        try:
            result = await self._do(bot, call)
            call.status = None if result is Break.CLOSED else 200
            return result
        except Refused as error:
            call.status, call.error = error.code, error.description
            raise
        except Exception as error:
            self._bugs.append(error)
            raise
        finally:
            self._busy -= not waits
            await self._tell()

    async def _do(self, bot: Bot, call: Call) -> Any:
        typed = parse(call.method, call.parameters)
        call.method, call.parameters = typed.__api_method__, parameters(typed)
        chat = call.parameters.get("chat_id")
        fault = next((fault for fault in self._faults if fault.strikes(bot.token, call.method, chat)), None)
        if fault and isinstance(fault.how, Refused):
            raise fault.how
        if fault and fault.how is Break.HANG:
            await self._tell()
            await fault.released.wait()
        if fault and fault.how is Break.CLOSED:
            return fault.how
        if isinstance(typed, GetUpdates):
            result: Any = await get_updates(bot, typed, self._changed)
        elif isinstance(typed, SetWebhook):
            result = set_webhook(bot, typed, loopback=self._loopback)
            if bot not in self._couriers:
                self._couriers[bot] = asyncio.create_task(self._courier(bot).run())
        else:
            result = carry_out(bot, typed)
        return fault.how if fault and fault.how is Break.REPLY_LOST else result

    async def _serve_file(self, request: web.Request) -> web.Response:
        bot = self.bots.get(request.match_info["token"])
        file = bot.files.at(request.match_info["path"]) if bot else None
        if file is None:
            error = Refused(404, "Not Found") if bot else bad("wrong token")
            return web.json_response(error.body(), status=error.code)
        return web.Response(body=file.data)
