"""A whole run: people come, things go wrong, and then it is checked what everybody was told."""

import asyncio
import contextlib
import datetime
import os
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.web import percentile
from bot.snapshots import load_knowledge
from bot.store.store import open_store
from conversations.materials import build_materials
from tests.faults import stories
from tests.faults.checking import Checker, Finding
from tests.faults.injecting import Injector, possible
from tests.faults.person import Talk
from tests.faults.place import Place, made
from tests.faults.plan import Plan, make_plan
from tests.faults.scripts import load_scripts

MOST_AT_ONCE = 3000
"""People; more are sent away, and counted."""
TOLD_FINDINGS = 50


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is asked to be. Nobody says more than the `longest` talk has messages."""

    seed: int
    seconds: float
    rate: float
    pause: float
    longest: int
    faults: int
    processes: int
    sqlite: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to; `plan` is the same for runs of the same people, messages and faults.

    Times are in milliseconds, from when a message was due until its answer came, whatever it took; quiet are those that
    no fault touched. `load` is the machine's over a minute, before and after.
    """

    options: Options
    plan: str
    people: int
    sent_away: int
    messages: int
    answered: int
    tries: int
    deliveries: dict[str, int]
    faults: dict[str, int]
    kills: int
    cuts: int
    seconds: float
    per_second: float
    quiet_ms: dict[str, float]
    all_ms: dict[str, float]
    registrations: int
    verdicts: int
    findings: int
    by_kind: dict[str, int]
    first_findings: Sequence[Finding]
    load: tuple[float, float]


class Crowd:
    """The people of a plan, each of whom comes at their time whether the others are answered or not."""

    def __init__(self, plan: Plan, place: Place, file: Path) -> None:
        self._plan = plan
        self._place = place
        self._file = file
        self._began = time.monotonic()
        self._inside: set[asyncio.Task[None]] = set()
        self.sent_away = 0

    def now(self) -> float:
        """Seconds since the run's beginning."""
        return time.monotonic() - self._began

    async def all(self) -> None:
        """Let everybody come, and wait until the last has left."""
        for person in self._plan.people:
            await asyncio.sleep(max(0.0, person.at - self.now()))
            if len(self._inside) >= MOST_AT_ONCE:
                self.sent_away += 1
                continue
            task = asyncio.create_task(self._one(Talk(person, self._place.ports, self.now)))
            self._inside.add(task)
            task.add_done_callback(self._inside.discard)
        while self._inside:
            await asyncio.wait(self._inside)

    async def _one(self, talk: Talk) -> None:
        stories.append(self._file, await talk.whole())


async def run(options: Options, folder: Path, cache: Path) -> Report:
    """A run, with the processes' logs and what people lived through left in the folder.

    `cache` has the built knowledge, or gets it.
    """
    file = folder / "stories.jsonl"
    began, load = datetime.datetime.now(datetime.UTC), os.getloadavg()[0]
    materials = build_materials(load_knowledge(cache))
    scripts = [script for script in load_scripts(materials) if len(script.lines) <= options.longest]
    async with made(folder, cache, options.processes, sqlite=options.sqlite) as place:
        plan = make_plan(
            options.seed,
            scripts,
            seconds=options.seconds,
            rate=options.rate,
            pause=options.pause,
            faults=options.faults,
            kinds=possible(place),
        )
        crowd = Crowd(plan, place, file)
        injector = Injector(place, crowd.now)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(injector.all(plan.faults))
            await tasks.create_task(crowd.all())
        seconds = crowd.now()
        # The processes end before the store is looked at: what they still had in hand is done, and their end is tried.
        await asyncio.gather(*(service.stop() for service in place.services))
        with contextlib.closing(open_store(place.settings)) as store:
            checker = Checker(store, materials, began)
            findings = [*_crashes(place), *checker.check(stories.load(file))]
        sent = [one for story in stories.load(file) for one in story.sent]
        answered = [(one.due, one.answered) for one in sent if one.answered is not None]
        proxies = [*place.fronts, *([place.way] if place.way else [])]
    return Report(
        options=options,
        plan=plan.fingerprint,
        people=len(plan.people),
        sent_away=crowd.sent_away,
        messages=plan.messages,
        answered=len(answered),
        tries=sum(one.tries for one in sent),
        deliveries=_counts([message.delivery for person in plan.people for message in person.messages]),
        faults=dict(sorted(injector.done.items())),
        kills=sum(service.kills for service in place.services),
        cuts=sum(proxy.cuts for proxy in proxies),
        seconds=round(seconds, 1),
        per_second=round(len(answered) / seconds, 1),
        quiet_ms=_times([until - due for due, until in answered if not injector.touches(due, until)]),
        all_ms=_times([until - due for due, until in answered]),
        registrations=checker.registrations,
        verdicts=checker.verdicts,
        findings=len(findings),
        by_kind=_counts([finding.what for finding in findings]),
        first_findings=findings[:TOLD_FINDINGS],
        load=(round(load, 1), round(os.getloadavg()[0], 1)),
    )


def _crashes(place: Place) -> Sequence[Finding]:
    return [Finding("process", -1, crash) for service in place.services for crash in service.crashes]


def _counts(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}


def _times(seconds: Sequence[float]) -> dict[str, float]:
    """How many there are, and percentiles."""
    if not seconds:
        return {"count": 0}
    return {"count": len(seconds), **{f"p{share}": round(percentile(seconds, share) * 1000, 1) for share in (50, 99)}}
