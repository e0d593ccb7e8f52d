"""One person of the plan, who talks as the page's script does: one message after the other, until each is answered."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.browser import Browser, Lost, retry_after, status, turns_of
from tests.faults.plan import Message, Person
from tests.faults.stories import Answer, Sent, Story

FIRST_WAIT, LONGEST_WAIT = 1.0, 8.0
"""Seconds before it is tried again; the page's script goes up to 30."""
GIVE_UP_SECONDS = 180.0
GONE_SECONDS = 0.02
"""How long somebody waits at most who is gone before the answer is there."""
TOO_OFTEN, FAILED = 429, 500


class Talk:
    """A person's talk with the processes at `ports`; `now` are the seconds of the run."""

    def __init__(self, person: Person, ports: Sequence[int], now: Callable[[], float]) -> None:
        self._person = person
        self._chance = random.Random(person.seed)
        self._browser = Browser(person.number, ports, self._chance)
        self._now = now
        self._shown = 0
        self._sent: dict[int, Sent] = {}
        self._answers: list[Answer] = []
        self._problems: list[str] = []

    async def whole(self) -> Story:
        """Talk from beginning to end."""
        result = None
        if await self._until(self._browser.open_page) and await self._messages() and self._person.about:
            result = await self._until(self._browser.result)
        person = self._person
        return Story(
            number=person.number,
            script=person.script,
            phone=person.phone,
            mark=person.mark,
            about=person.about,
            token=self._browser.token,
            sent=[self._sent[number] for number in sorted(self._sent)],
            answers=self._answers,
            result=result if isinstance(result, dict) else None,
            problems=self._problems,
        )

    async def _until(self, ask: Callable[[], Any]) -> object:
        """What it comes to, once it does (True for nothing); None when that takes too long."""
        began, wait = self._now(), FIRST_WAIT
        while self._now() < began + GIVE_UP_SECONDS:
            try:
                return await ask() or True
            except Lost:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        self._problems.append("a page never came")
        return None

    async def _messages(self) -> bool:
        """Say all of them; whether all were answered."""
        messages, number = self._person.messages, 0
        again: Callable[[], Any] | None = None
        while number < len(messages):
            message = messages[number]
            await asyncio.sleep(message.pause)
            together = [number, number + 1] if message.delivery == "with_next" else [number]
            self._chance.shuffle(together)
            said = [self._say(each, messages[each]) for each in together]
            if not all(await asyncio.gather(*said)):
                return False
            if again:
                await again()
            again = self._once_more(number) if message.delivery == "again" else None
            number += len(together)
        if again:
            await again()
        return True

    def _fields(self, number: int, message: Message) -> dict[str, object]:
        line = message.line
        fields: dict[str, object] = {"message_id": _nonce(self._person.number, number), "after": self._shown, "part": 1}
        if not line.choice:
            return {**fields, "text": line.text}
        return {**fields, "choice": line.choice, **({"fact": line.fact} if line.fact else {})}

    async def _say(self, number: int, message: Message) -> bool:
        due, fields, tries, wait = self._now(), self._fields(number, message), 0, FIRST_WAIT
        answered = None
        if message.delivery == "lost":
            await self._browser.post_and_leave(fields, self._chance.uniform(0, GONE_SECONDS))
        other = asyncio.create_task(self._try(number, fields)) if message.delivery == "twice" else None
        while answered is None and self._now() < due + GIVE_UP_SECONDS:
            tries += 1
            outcome = await self._try(number, fields)
            if outcome is True:
                answered = self._now()
            elif outcome is None:
                break
            else:
                await asyncio.sleep(outcome or wait)
                wait = min(2 * wait, LONGEST_WAIT)
        if other:
            await other
        self._sent[number] = Sent(str(fields["message_id"]), message.line, due, answered, tries)
        return answered is not None

    def _once_more(self, number: int) -> Callable[[], Any]:
        """Sends a message again, as it was sent."""
        fields = {**self._fields(number, self._person.messages[number]), "after": self._answers[-1].after}
        return lambda: self._try(number, fields)

    async def _try(self, number: int, fields: dict[str, object]) -> float | bool | None:
        """True when it was answered, else the seconds to wait (0: as one likes); None if it never will be."""
        try:
            head, body = await self._browser.post(fields)
        except Lost:
            return 0.0
        if status(head) == TOO_OFTEN:
            return float(retry_after(head) or 0)
        if status(head) >= FAILED:
            return 0.0
        if status(head) != 200:
            self._problems.append(f"message {number} was refused: {head[:40]!r}")
            return None
        turns = turns_of(body)
        self._answers.append(Answer(number, int(str(fields["after"])), turns))
        if turns and turns[0].position <= self._shown:
            # As the script: turns that come again at their places replace what was shown there and after.
            self._shown = turns[0].position - 1
        self._shown = max([self._shown, *(turn.position for turn in turns)])
        return True


def _nonce(person: int, number: int) -> str:
    return f"{person:016x}{number:016x}"
