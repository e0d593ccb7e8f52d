"""A desk for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.desk.web.site import DeskSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[DeskSite]:
    made = DeskSite(tmp_path / "data")
    yield made
    made.close()
