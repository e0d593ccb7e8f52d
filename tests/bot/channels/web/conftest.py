"""A chat page for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.materials import Materials
from tests.bot.channels.web.site import Site, Visitor


@pytest.fixture
def site(materials: Materials, tmp_path: Path) -> Iterator[Site]:
    made = Site(materials, tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor()
