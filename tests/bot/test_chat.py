"""`zhuye chat --json` as other programs use it: a process, lines in, lines out."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from knowledge.programmes.catalogue import load_catalogue
from knowledge.search import Knowledge

LINE = {"user", "in_reply_to", "text", "ask", "verdicts", "passages", "receipt", "done"}
PASSAGE = {"document", "source", "region", "path", "text", "start", "end", "responsible", "in_force", "score"}
VERDICT = {
    *("programme", "name", "region", "tier", "kind", "binding", "verdict", "amount", "in_force", "criteria"),
    *("missing", "responsible"),
}
CRITERION = {"fact", "verdict", "quotation", "source"}
MENU = "menu"
FACTS = load_catalogue().vocabulary.facts
MOST = 60
DONT_KNOW = "不知道"
KNOWN = {"disability": ["视力"], "cert": True, "disabled": True}

Line = dict[str, Any]


def built_knowledge(cache: Path) -> Path:
    """The file of the run's knowledge; another test may have moved its folder."""
    return next(cache.parent.glob("*cache*/knowledge-*.msgpack"))


@pytest.fixture
def data(tmp_path: Path, knowledge: Knowledge, cache: Path) -> Path:
    """A new data folder with the knowledge built already."""
    (tmp_path / "cache").mkdir()
    shutil.copy(built_knowledge(cache), tmp_path / "cache")
    return tmp_path


class Chat:
    """A running `zhuye chat --json`: what is said to it is answered before the next is said."""

    def __init__(self, data: Path) -> None:
        environment = {**os.environ, "ZHUYE_DATA_DIR": str(data), "ZHUYE_TODAY": "2024-06-30"}
        command = [sys.executable, "-m", "bot", "chat", "--json"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8"
        )
        self._sent = 0

    def send(self, line: Line | str) -> list[Line]:
        """The answer to one line, all of it: it is there without the end of the input being waited for."""
        typed = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
        _pipe(self.process.stdin).write(typed + "\n")
        _pipe(self.process.stdin).flush()
        lines: list[Line] = []
        while not lines or not (lines[-1].get("done") or "error" in lines[-1]):
            lines.append(json.loads(_pipe(self.process.stdout).readline()))
        return lines

    def say(self, text: str, user: str = "u1") -> list[Line]:
        self._sent += 1
        return self.send({"user": user, "message_id": f"{id(self)}-{self._sent}", "text": text})

    def press(self, value: Any, user: str = "u1") -> list[Line]:
        self._sent += 1
        return self.send({"user": user, "message_id": f"{id(self)}-{self._sent}", "choice": value})

    def end(self) -> tuple[int, str]:
        """The exit code, and what was said on standard error."""
        out, err = self.process.communicate()
        assert not out
        return self.process.returncode, err


@pytest.fixture
def start(data: Path) -> Iterator[Callable[[], Chat]]:
    started: list[Chat] = []

    def another() -> Chat:
        started.append(Chat(data))
        return started[-1]

    yield another
    for chat in started:
        if chat.process.returncode is None:
            chat.end()


def fact(lines: list[Line]) -> str | None:
    return lines[-1]["ask"]["fact"] if lines[-1]["ask"] else None


def values(lines: list[Line]) -> list[Any]:
    return [option["value"] for option in lines[-1]["ask"]["options"]]


def until(chat: Chat, wanted: str | None, lines: list[Line], user: str = "u1") -> list[Line]:
    """The dialog up to the question for `wanted`, or to its end, as somebody answers who knows `KNOWN` only."""
    for _ in range(MOST):
        asked = fact(lines)
        if asked == wanted:
            return lines
        assert asked, f"{wanted} was not asked for"
        lines = (
            chat.press(KNOWN[asked], user)
            if asked in KNOWN
            else chat.say("天水" if asked == "region" else DONT_KNOW, user)
        )
        assert_form(lines, user)
    raise AssertionError("the dialog does not end")


def assert_form(lines: list[Line], user: str) -> None:
    for number, line in enumerate(lines, 1):
        assert set(line) == LINE
        assert line["user"] == user and line["in_reply_to"] == lines[0]["in_reply_to"]
        assert isinstance(line["text"], str) and line["text"]
        assert line["receipt"] is None or isinstance(line["receipt"], str)
        assert line["done"] is (number == len(lines))
        if line["ask"] is not None:
            assert set(line["ask"]) == {"fact", "options"}
            assert line["ask"]["fact"] in {MENU, *FACTS}
            assert all(set(option) == {"value", "label"} and option["label"] for option in line["ask"]["options"])
        for verdict in line["verdicts"] or []:
            assert set(verdict) == VERDICT and verdict["verdict"] in ("meets", "lacks", "unknown")
            assert all(set(criterion) == CRITERION for criterion in verdict["criteria"])
        for passage in line["passages"] or []:
            assert set(passage) == PASSAGE


def test_the_words_for_a_guided_dialog_start_it_and_it_ends_in_verdicts(start: Callable[[], Chat]) -> None:
    chat = start()
    for user, opening in enumerate(("补贴 资格", "培训补贴 资格", "盲人按摩 资格")):
        lines = chat.say(opening, str(user))
        assert_form(lines, str(user))
        assert fact(lines) == "region" and lines[-1]["verdicts"] is None
        lines = until(chat, None, lines, str(user))
        assert lines[-1]["verdicts"] and all(line["verdicts"] is None for line in lines[:-1])
        assert {verdict["region"] for verdict in lines[-1]["verdicts"]} <= {"620500", "620000"}
    assert chat.end() == (0, "")


def test_a_question_is_answered_with_passages(start: Callable[[], Chat]) -> None:
    chat = start()
    chat.say("我在天水")
    lines = chat.say("创业补贴有多少钱")
    assert_form(lines, "u1")
    found = [passage for line in lines for passage in line["passages"] or []]
    assert found and found[0]["source"] == "001" and found[0]["in_force"] is True


def test_the_menu_asks_for_the_menu(start: Callable[[], Chat]) -> None:
    chat = start()
    lines = chat.say("你好")
    assert_form(lines, "u1")
    assert fact(lines) == MENU and len(values(lines)) > 2
    for value in values(lines):
        chat.say("菜单")
        lines = chat.press(value)
        assert fact(lines) != MENU


def test_values_of_options_have_the_type_of_the_fact(start: Callable[[], Chat]) -> None:
    chat = start()
    chat.say("补贴 资格")
    lines = until(chat, "biz_registered", chat.say("天水"))
    assert [value for value in values(lines) if not isinstance(value, str)] == [True, False]
    lines = until(chat, "disability", chat.say("培训补贴 资格", user="u2"), user="u2")
    assert all(isinstance(value, str) for value in values(lines)) and "视力" in values(lines)
    lines = until(chat, "levels", chat.say("我在天水，肢体残疾，我能申请什么", user="u3"), user="u3")
    levels = [value for value in values(lines) if not isinstance(value, str)]
    assert levels == [1, 2, 3, 4] and not any(isinstance(value, bool) for value in levels)


def test_each_button_offered_may_be_pressed_and_typed(start: Callable[[], Chat]) -> None:
    chat = start()
    for number in (0, 1):
        for answer in (chat.press, chat.say):
            chat.say("重新开始")
            chat.say("补贴 资格")
            lines = until(chat, "biz_registered", chat.say("天水"))
            option = lines[-1]["ask"]["options"][number]
            lines = answer(option["value"] if answer == chat.press else option["label"])
            assert fact(lines) != "biz_registered"


def test_a_choice_may_be_a_list(start: Callable[[], Chat]) -> None:
    chat = start()
    chat.say("盲人按摩 资格")
    lines = until(chat, "disability", chat.say("天水"))
    assert fact(chat.press(["视力", "没有这一项"])) == "disability", "what is not offered changes nothing"
    lines = chat.press(["视力", "听力"])
    assert fact(lines) != "disability"
    told = "\n".join(line["text"] for line in chat.say("我说过什么"))
    assert "视力" in told and "听力" in told


def test_an_old_button_changes_nothing_and_shows_the_question_again(start: Callable[[], Chat]) -> None:
    chat = start()
    before = chat.say("补贴 资格")
    for value in ("old", 7, True, False, [], ["old"], [1, True, "x"]):
        lines = chat.press(value)
        assert_form(lines, "u1")
        assert lines[-1]["ask"] == before[-1]["ask"]


def test_a_button_goes_before_a_text(start: Callable[[], Chat]) -> None:
    chat = start()
    chat.say("补贴 资格")
    until(chat, "biz_registered", chat.say("天水"))
    lines = chat.send({"user": "u1", "message_id": "both", "text": "", "choice": False})
    assert fact(lines) != "biz_registered"


def test_many_people_share_a_process_and_not_their_facts(start: Callable[[], Chat]) -> None:
    chat = start()
    for user in ("u1", "u2", "u3"):
        assert fact(chat.say("补贴 资格", user=user)) == "region"
    assert fact(chat.say("天水", user="u1")) != "region"
    assert fact(chat.say("创业补贴有多少钱", user="u3")) == "region"
    lines = chat.say("福州", user="u2")
    assert_form(lines, "u2")
    for user, place in (("u1", "天水"), ("u2", "福州")):
        assert place in chat.say("我说过什么", user=user)[0]["text"]
    assert "天水" not in chat.say("我说过什么", user="u3")[0]["text"].split("比如")[0]


def test_a_new_process_continues(start: Callable[[], Chat]) -> None:
    first = start()
    first.say("补贴 资格")
    asked = fact(first.say("天水"))
    assert first.end() == (0, "")
    second = start()
    lines = second.say("重听")
    assert fact(lines) == asked not in (None, MENU)
    assert "天水" in second.say("我说过什么")[0]["text"]


def test_the_same_message_gets_the_same_lines_from_any_process(start: Callable[[], Chat]) -> None:
    chat = start()
    message = {"user": "u1", "message_id": "m1", "text": "补贴 资格"}
    first = chat.send(message)
    chat.say("天水")
    assert chat.send(message) == first
    assert chat.send({**message, "text": "菜单"}) == first
    again = start()
    assert again.send(message) == first
    assert fact(again.say("重听")) != "region", "the message again has not asked for the place again"
    assert again.send({**message, "user": "u2"}) != first, "another person's message of that id is another message"


BROKEN = [
    "{broken",
    "[]",
    '"text"',
    '{"user": "u1", "message_id": "m1"}',
    '{"user": "u1", "text": "你好"}',
    '{"message_id": "m1", "text": "你好"}',
    '{"user": "", "message_id": "m1", "text": "你好"}',
    '{"user": "u1", "message_id": 5, "text": "你好"}',
    '{"user": "u1", "message_id": "m1", "text": 5}',
    '{"user": "u1", "message_id": "m1", "choice": {"a": 1}}',
    '{"user": "u1", "message_id": "m1", "choice": 1.5}',
    '{"user": "u1", "message_id": "m1", "text": "\\udc00"}',
    '{"user": "u1", "message_id": "m1", "x": ' + "[" * 100_000 + "}",
]


def test_broken_lines_are_named_and_the_rest_is_handled(start: Callable[[], Chat]) -> None:
    chat = start()
    chat.say("补贴 资格")
    for number, broken in enumerate(BROKEN, 2):
        (line,) = chat.send(broken)
        assert set(line) == {"line", "error"} and set(line["error"]) == {"code", "message"}
        assert line["line"] == number and line["error"]["code"] == "bad_line"
        assert f"line {number}: " in line["error"]["message"]
    assert fact(chat.say("重听")) == "region"
    code, err = chat.end()
    assert code == 1
    assert len(err.splitlines()) == len(BROKEN) and "write it like" in err and "Traceback" not in err


def test_a_line_in_another_encoding_is_named_too(data: Path) -> None:
    good = json.dumps({"user": "u1", "message_id": "m1", "text": "你好"}, ensure_ascii=False)
    typed = b"\n".join([good.encode("gb18030"), b"", b"  ", good.encode()])
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(data)}
    command = [sys.executable, "-m", "bot", "chat", "--json"]
    ran = subprocess.run(command, env=environment, input=typed, capture_output=True, check=False)
    broken, answered = map(json.loads, ran.stdout.splitlines())
    assert broken["line"] == 1 and answered["done"] is True and answered["in_reply_to"] == "m1"
    assert ran.returncode == 1


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    environment = {**os.environ, "ZHUYE_DATA_DIR": str(tmp_path / "file")}
    command = [sys.executable, "-m", "bot", "chat"]
    ran = subprocess.run(command, env=environment, input="", capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and not ran.stdout
    assert len(ran.stderr.splitlines()) == 1
    assert str(tmp_path / "file") in ran.stderr and "ZHUYE_DATA_DIR" in ran.stderr
    ran = subprocess.run([*command, "--json"], env=environment, input="", capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    error = json.loads(ran.stdout)["error"]
    assert error["code"] == "StoreError" and "ZHUYE_DATA_DIR" in error["message"]


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream
    return stream
