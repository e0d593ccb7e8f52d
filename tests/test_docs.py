"""What the documentation must not forget."""

import re

from bot.cli import Commands, cli
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")


def test_every_command_is_in_the_readme() -> None:
    assert isinstance(cli, Commands)
    for command in cli.list_commands(None):  # type: ignore[arg-type]
        assert f"`zhuye {command}" in README


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    read = set(re.findall(r'"(ZHUYE_\w+)"', (ROOT / "bot" / "settings.py").read_text("utf-8")))
    for text in (README, GUIDE):
        assert set(re.findall(r"`(ZHUYE_\w+)`", text)) == read


def test_the_lock_holds_what_the_project_asks_for_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    project = (ROOT / "pyproject.toml").read_text("utf-8").split("[project.scripts]")[0]
    asked = {name.lower() for name in re.findall(r'^    "([A-Za-z0-9-]+)>=', project, re.MULTILINE)}
    assert asked <= locked and len(asked) > 15
    assert "://" not in lock and "--index" not in lock and "--hash=sha256:" in lock
