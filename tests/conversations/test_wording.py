import ast
import re
from pathlib import Path

import pytest

from conversations.wording import EASY, Wording
from tests.conftest import ROOT

FORBIDDEN = ("瞎子", "哑巴", "瘸子", "傻子", "疯子", "正常人", "残废", "弱智")
LONGEST_LINE = 60
LONGEST_EASY = 20


def named(node: ast.AST) -> str:
    """The pattern of the keys that a string in the code may name: "a.b", or an f-string "a.{…}_c"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [named(part) if isinstance(part, ast.Constant) else "[a-z]+" for part in node.values]
        return "".join(parts)
    return ""


def used_keys(keys: set[str]) -> set[str]:
    """Every sentence that the code names, whether it is there or not."""
    files = "|".join({key.split(".")[0] for key in keys})
    whole = re.compile(rf"(?:{files})\.[a-z_]*[a-z]")
    used = set()
    for package in ("bot", "conversations"):
        for path in Path(ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                pattern = named(node)
                if "\\." in pattern:
                    used |= {key for key in keys if re.fullmatch(pattern, key)}
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and whole.fullmatch(node.value):
                    used.add(node.value)
    return used


def test_every_sentence_is_used_and_every_used_one_is_there(say: Wording) -> None:
    plain = {key.removesuffix("_easy") for key in say}
    assert plain <= set(say), "an easy-read form stands beside the sentence that it makes easier"
    assert used_keys(plain) == plain


def test_sentences_are_short_and_kind(say: Wording) -> None:
    for key in say:
        sentence = say(key, **dict.fromkeys(say.blanks(key), ""))
        assert not any(word in sentence for word in FORBIDDEN), key
        assert all(len(line) <= LONGEST_LINE for line in sentence.splitlines()), key
        assert not re.search(r"[,;!?]", sentence), f"{key}: use Chinese punctuation"


def test_easy_forms_have_short_sentences(say: Wording) -> None:
    for key in say:
        if key.endswith(EASY):
            sentence = say(key, **dict.fromkeys(say.blanks(key), ""))
            assert all(len(part) <= LONGEST_EASY for part in re.split("[。？\n]", sentence)), key


def test_the_easy_form_is_said_where_there_is_one() -> None:
    easy = Wording({"a.b": "说来话长", "a.b_easy": "短", "a.c": "没有别的"}).simpler()
    assert (easy("a.b"), easy("a.c")) == ("短", "没有别的")


def test_a_value_is_inserted_as_it_is() -> None:
    assert Wording({"a.b": "问：{topic}"})("a.b", topic="{x} <b> %s") == "问：{x} <b> %s"


def test_a_missing_value_or_sentence_is_an_error() -> None:
    for key in ("a.b", "a.c"):
        with pytest.raises(KeyError):
            Wording({"a.b": "问：{topic}"})(key)
