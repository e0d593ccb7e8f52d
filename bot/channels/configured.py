"""The channels that the settings ask for, with what they share."""

import contextlib
import functools
from collections.abc import Iterator, Sequence

from bot.channels.health import Health
from bot.channels.metrics import Metrics
from bot.channels.renewal import Renewal
from bot.channels.telegram.webhook import hook_of
from bot.channels.upkeep import OldBackups, Upkeep
from bot.channels.web.channel import Web
from bot.desk import names
from bot.desk.api.channel import Api
from bot.desk.web.office import office_worker
from bot.desk.web.site import DeskWeb
from bot.heap import keep_also, keep_loaded
from bot.ownership import Once, Ownership
from bot.service import Service
from bot.serving import Channel
from bot.settings import Settings
from bot.snapshots import load_knowledge
from bot.store.store import Store, open_store
from bot.worker import Worker
from conversations.materials import Materials, build_materials
from knowledge.snapshot import fingerprint

TalkWorker = Worker[Service]
"""The thread in which turns are made, with the service and its store."""


@contextlib.contextmanager
def configured(settings: Settings) -> Iterator[Sequence[Channel]]:
    """The channels, ready to run.

    Raises:
        BadKeys, StoreError: the store cannot be used.

    """
    known = fingerprint()
    materials = build_materials(load_knowledge(settings.cache_dir))

    def make() -> Service:
        return Service(materials, open_store(settings), settings.now)

    with contextlib.ExitStack() as ending:
        talk = TalkWorker("talk", make, lambda service: service.store.close())
        ending.callback(talk.close)
        # The desk does not hold up the talk, nor an export the desk.
        desk, slow, programs = (office_worker(name, settings) for name in ("desk", "desk slow", "api"))
        for worker in (desk, slow, programs):
            ending.callback(worker.close)
        # Nor does what is removed hold up the talk, nor that the signs of life.
        leases, upkeep = (Worker(name, lambda: open_store(settings), Store.close) for name in ("leases", "upkeep"))
        for keeping in (leases, upkeep):
            ending.callback(keeping.close)
        ownership, metrics = Ownership(leases), Metrics()
        channels: list[Channel] = [
            *(Health(talk), metrics),
            Once(Upkeep(upkeep, settings.now), ownership),
            # Each machine its own: the lease may be another's.
            OldBackups(settings.data_dir),
        ]
        with open_store(settings) as store:
            hook = hook_of(settings, store)
        # Each where it is wanted, so that nobody without a bot waits for the import of its framework.
        if settings.telegram_token:
            from bot.channels.telegram.channel import TelegramChannel

            channels.append(TelegramChannel(talk, ownership, settings.telegram_token, settings.telegram_api, hook))
        if settings.desk_telegram_token:
            from bot.desk.telegram.configured import desk_telegram

            channels.append(ending.enter_context(desk_telegram(settings, ownership, hook)))
        https = (settings.public_url or "").startswith("https://")
        channels += [
            Once(DeskWeb(desk, slow, metrics, settings.exports_dir, address=settings.address, https=https), ownership),
            Api(programs, metrics, https=https),
        ]
        web = Web(talk, materials, metrics, settings.now, https=https)
        channels += [
            Renewal(settings.cache_dir, known, functools.partial(_take_up, talk, web)),
            # The chat's pages come last: they answer whatever nothing else does.
            Once(web, ownership),
        ]
        keep_loaded()
        yield channels


async def _take_up(talk: TalkWorker, web: Web, materials: Materials) -> None:
    """Let every part of this process use other materials, from its next turn or page on."""

    def use(service: Service) -> None:
        service.materials = materials

    await talk.run(use)
    web.take_up(materials)
    names.take_up(materials.catalogue.programmes)
    keep_also()
