"""What tests of the outer parts share: places for a store (of a PostgreSQL server started once a run), a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bot.settings import Settings
from tests.browser import chromium
from tests.postgres import Server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    server = Server()
    yield server
    server.remove()


@pytest.fixture
def postgres_place(postgres: Server, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=postgres.new_schema())


@pytest.fixture(params=["sqlite", "postgres"])
def kept_at(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty place of each kind: settings for `open_store`."""
    if request.param == "sqlite":
        return Settings(data_dir=tmp_path / "data")
    settings: Settings = request.getfixturevalue("postgres_place")
    return settings


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module at most: while it runs, no other test of its process can begin an event loop."""
    with chromium() as running:
        yield running


@pytest.fixture
def place(kept_at: Settings) -> Settings:
    """The same, for tests that name nothing else a place."""
    return kept_at
