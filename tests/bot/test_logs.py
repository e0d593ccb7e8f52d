"""The log: for people on a terminal, for programs elsewhere, and in neither what may be about a person."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import begin, facts


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """The loggers are afterwards as they were."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in (None, "bot", "uvicorn")}
    yield
    for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
        if handler not in before:
            root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def fail() -> None:
    try:
        raise ValueError("王小明 13812345678")
    except ValueError:
        logging.getLogger("asyncio").exception("a task failed")


def test_a_program_gets_an_object_a_line_with_the_facts_by_name() -> None:
    stream = io.StringIO()
    begin("INFO", stream)
    logging.getLogger("bot.x").info("“%s”\n二", "一", extra=facts(status=200))
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "INFO", "logger": "bot.x", "message": "“一”\n二", "status": 200}


def test_a_person_gets_a_line() -> None:
    stream = Terminal()
    begin("INFO", stream)
    logging.getLogger("bot.x").info("told", extra=facts(status=200))
    assert stream.getvalue().endswith(" INFO bot.x told\n") and "{" not in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["program", "person"])
def test_of_an_error_only_its_kind_and_place_are_told(stream: io.StringIO) -> None:
    begin("DEBUG", stream)
    fail()
    assert "ValueError at " in stream.getvalue() and "test_logs.py" in stream.getvalue()
    assert "王小明" not in stream.getvalue() and "138" not in stream.getvalue()


def test_libraries_are_told_of_from_warnings_on_whatever_our_own_level_is() -> None:
    stream = io.StringIO()
    begin("DEBUG", stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot7001:secret/getUpdates")
    logging.getLogger("telegram.Bot").debug("sendMessage with 王小明")
    logging.getLogger("httpx").warning("slow")
    logging.getLogger("bot.x").debug("ours")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["slow", "ours"]


def test_fewer_are_told_if_wanted() -> None:
    stream = io.StringIO()
    begin("ERROR", stream)
    for name in ("httpx", "bot.x"):
        logging.getLogger(name).warning("slow")
        logging.getLogger(name).error("broken")
    assert len(stream.getvalue().splitlines()) == 2
