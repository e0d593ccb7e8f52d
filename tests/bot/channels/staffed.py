"""Caseworkers on duty, for conversations with them."""

from collections.abc import Sequence

from bot.desk.models import Caseworker
from bot.service import Service


def staffed(service: Service, offices: Sequence[str]) -> None:
    """Let there be caseworkers of these places on the desk bot, and no others."""
    store, at = service.store, service.now()
    with store.writing():
        for link, _ in store.desk_links.reachable():
            store.desk_links.drop(link.caseworker)
        for office in offices:
            store.staff.add(Caseworker(office, "worker", office), at)
            store.desk_links.keep(office, office, "1", at)
