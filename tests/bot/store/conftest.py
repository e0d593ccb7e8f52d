"""A store of its own for each test, of each kind."""

from collections.abc import Iterator

import pytest

from bot.settings import Settings
from bot.store.store import Store, open_store


@pytest.fixture
def store(place: Settings) -> Iterator[Store]:
    with open_store(place) as opened:
        yield opened
