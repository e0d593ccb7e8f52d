"""What the processes of a run work with: a disk, and on it a store; proxies before the processes and the database."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from bot.settings import Settings
from tests.faults.disk import Disk
from tests.faults.proxy import Proxy, to_port, to_socket
from tests.faults.services import Service
from tests.postgres import Server

NO_WAY_OFF = "sslmode=disable&gssencmode=disable"


class Place(msgspec.Struct, frozen=True):
    """Processes with their proxies, and what they keep things in. `database` and `way` are None for SQLite.

    `way` is the proxy through which the first process, and no other, goes to the database: a turn goes there and back
    a dozen times, so that one for all would be what is measured.
    """

    disk: Disk
    settings: Settings
    services: Sequence[Service]
    fronts: Sequence[Proxy]
    database: Server | None
    way: Proxy | None

    @property
    def ports(self) -> Sequence[int]:
        """Where people reach the processes."""
        return [front.port for front in self.fronts]


@contextlib.asynccontextmanager
async def made(logs: Path, cache: Path, processes: int, *, sqlite: bool) -> AsyncIterator[Place]:
    """So many processes that answer; their logs are written to a folder. `cache` has the built knowledge."""
    async with contextlib.AsyncExitStack() as ending:
        disk = Disk()
        ending.callback(disk.remove)
        data = disk.folder / "data"
        environment, settings, database, way = {"ZHUYE_DATA_DIR": str(data)}, Settings(data_dir=data), None, None
        shutil.copytree(cache, settings.cache_dir)
        if not sqlite:
            database = await asyncio.to_thread(Server, disk.folder / "postgres")
            ending.callback(database.remove)
            way = await ending.enter_async_context(Proxy(to_socket(f"{database.folder}/.s.PGSQL.5432")))
            environment["ZHUYE_DATABASE_URL"] = database.url
            settings = Settings(data_dir=data, database_url=database.url)
        through = (
            {"ZHUYE_DATABASE_URL": f"postgresql://zhuye@127.0.0.1:{way.port}/postgres?{NO_WAY_OFF}"} if way else {}
        )
        services = [
            Service(number, logs, {**environment, **({} if number else through)}) for number in range(processes)
        ]
        try:
            await asyncio.gather(*(service.ready() for service in services))
            fronts = [await ending.enter_async_context(Proxy(to_port(service.port))) for service in services]
            yield Place(disk, settings, services, fronts, database, way)
        finally:
            await asyncio.gather(*(service.stop() for service in services))
