"""What many tests share: the knowledge, built once a run."""

import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from bot.snapshots import load_knowledge
from conversations.materials import Materials, build_materials
from conversations.wording import Wording, load_wording
from knowledge.search import Knowledge
from knowledge.snapshot import Ingredients, load_ingredients

ROOT = Path(__file__).parent.parent

# How long an example takes says more about what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rewrite`: write what the bot says now into the transcripts."""
    parser.addoption("--rewrite", action="store_true", help="write what the bot says now into the transcripts")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for built knowledge, private to this run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def knowledge(cache: Path) -> Knowledge:
    """The packaged knowledge, ready to be asked."""
    return load_knowledge(cache)


@pytest.fixture(scope="session")
def materials(knowledge: Knowledge) -> Materials:
    """All that the talk draws on."""
    return build_materials(knowledge)


@pytest.fixture(scope="session")
def ingredients() -> Ingredients:
    """The packaged files, read."""
    return load_ingredients()


@pytest.fixture(scope="session")
def say() -> Wording:
    """The packaged sentences."""
    return load_wording()


@pytest.fixture
def today() -> datetime.date:
    """A day after all five plans have ended."""
    return datetime.date(2026, 11, 22)
