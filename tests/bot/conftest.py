"""Places for a store: a folder, and a database of a PostgreSQL server that is started once a run, if it is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
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
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An empty place of each kind: settings for `open_store`."""
    if request.param == "sqlite":
        return Settings(data_dir=tmp_path / "data")
    settings: Settings = request.getfixturevalue("postgres_place")
    return settings
