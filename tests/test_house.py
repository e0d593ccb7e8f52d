"""The rules of the house that a machine can check."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("bot", "conversations", "knowledge")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
MAY_IMPORT = {"knowledge": {"knowledge"}, "conversations": {"conversations", "knowledge"}, "bot": set(PACKAGES)}
OF_THE_WORLD = {
    *("os", "time", "random", "socket", "subprocess", "sqlite3", "requests", "httpx", "aiohttp"),
    *("aiogram", "telegram", "sqlite_utils", "psycopg", "click", "dotenv"),
}
LONGEST_MODULE = 400


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    names = imported(path)
    assert names & set(PACKAGES) <= MAY_IMPORT[package]
    if package != "bot":
        assert not names & OF_THE_WORLD


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_MODULE


def test_only_one_module_imports_jieba() -> None:
    assert [path.name for path in MODULES if "jieba" in imported(path)] == ["tokens.py"]


def test_pure_packages_ask_no_clock() -> None:
    for path in MODULES:
        if path.relative_to(ROOT).parts[0] != "bot":
            text = path.read_text("utf-8")
            assert "datetime.now" not in text and "date.today" not in text, path
