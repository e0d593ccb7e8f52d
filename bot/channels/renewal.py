"""Knowledge that changes under way: taken up by the running process, whole or not at all.

The files are looked at every few seconds. When they have changed and lie still again, another process checks and builds
them; what is wrong with them is told, and what was known before stays in use until it is put right. Turns go on
meanwhile, and each is made with the one knowledge or the other.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from multiprocessing.connection import Connection
from pathlib import Path

from starlette.routing import BaseRoute

from bot.channels.stopping import unless
from bot.snapshots import load_knowledge
from conversations.materials import Materials, build_materials
from knowledge.check import check_knowledge
from knowledge.corpus.folders import BadKnowledge
from knowledge.snapshot import fingerprint

logger = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
NICE = 10
"""How much the building stands back behind those who answer."""
PROGRAM = "the program itself has changed, which a running process cannot take up; start it again"
SPAWN = multiprocessing.get_context("spawn")


class Renewal:
    """Looks for changes of the packaged knowledge, of which `known` is the fingerprint; hands them to `take_up`."""

    name = "knowledge"

    def __init__(
        self,
        cache: Path,
        known: str,
        take_up: Callable[[Materials], Awaitable[None]],
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._cache = cache
        self._known = known
        self._take_up = take_up
        self._every_seconds = every_seconds
        self._program = _program()
        self._refused = ""

    def routes(self) -> Sequence[BaseRoute]:
        """See `Channel.routes`."""
        return []

    async def run(self, stop: asyncio.Event) -> None:
        """See `Channel.run`."""
        before = self._known
        while not stop.is_set():
            await unless(stop, asyncio.sleep(self._every_seconds))
            with contextlib.suppress(OSError):  # it is just being changed
                found = await asyncio.to_thread(fingerprint)
                if found == before and found not in (self._known, self._refused):
                    await unless(stop, self._renew(found))
                before = found

    async def _renew(self, wanted: str) -> None:
        """Take up what has the fingerprint `wanted`, or say why not."""
        if await asyncio.to_thread(_program) != self._program:
            self._refuse(wanted, [PROGRAM])
            return
        problems = await self._built()
        if problems is None:
            logger.error("the changed knowledge was not built to its end; tried again")
            return
        try:
            materials = None if problems else await asyncio.to_thread(self._materials)
        except BadKnowledge as error:
            problems, materials = [str(error)], None
        if await asyncio.to_thread(fingerprint) != wanted:
            return  # it has changed again meanwhile
        if materials is None:
            self._refuse(wanted, problems)
            return
        await self._take_up(materials)
        self._known, self._refused = wanted, ""
        logger.info("the changed knowledge (%s) is in use", wanted[:16])

    def _refuse(self, refused: str, problems: Sequence[str]) -> None:
        self._refused = refused
        for problem in problems:
            logger.error("the changed knowledge is refused, the one before stays in use: %s", problem)

    async def _built(self) -> Sequence[str] | None:
        """What is wrong with the files, nothing where they were built; None if that was cut short."""
        receiving, sending = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(target=_build, args=(self._cache, sending), daemon=True)
        process.start()
        sending.close()
        try:
            return await asyncio.to_thread(_received, receiving)
        finally:
            process.kill()
            process.join()

    def _materials(self) -> Materials:
        return build_materials(load_knowledge(self._cache))


def _program() -> tuple[str, str]:
    """What stays the same as long as the code does, and the sentences and questions that it is written for."""
    return fingerprint(kinds=(".py",)), fingerprint(files("conversations"))


def _build(cache: Path, sending: Connection) -> None:
    """In a process of its own: check the files, build them, and send what is wrong with them."""
    os.nice(NICE)
    problems = [str(problem) for problem in check_knowledge()]
    try:
        if not problems:
            load_knowledge(cache)
    except BadKnowledge as error:
        problems = [str(error)]
    sending.send(problems)


def _received(receiving: Connection) -> Sequence[str] | None:
    with receiving:
        try:
            problems: Sequence[str] = receiving.recv()
        except EOFError:
            return None
        return problems
