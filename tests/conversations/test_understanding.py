"""Sentences as people write them, read from understanding.yaml, and what must hold of any sentence."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding import Option, Understanding, Understood
from conversations.understanding.files import load_files
from conversations.understanding.models import Facts
from conversations.understanding.rules import FactRules, _Compiled
from knowledge.pinyin import common_characters, folded_sounds
from knowledge.snapshot import load_ingredients

TODAY = datetime.date(2026, 11, 22)
CASES = yaml.safe_load(Path(__file__).with_name("understanding.yaml").read_text(encoding="utf-8"))
COMMANDS = {
    "back",
    "repeat",
    "help",
    "cancel",
    "human",
    "why",
    "skip",
    "restart",
    "said_so_far",
    "simpler",
    "menu",
    "more",
    "next_person",
    "notices_on",
    "notices_off",
}
INTENTS = {
    *("subsidy", "training", "massage", "apply_for_what", "employer", "register", "question", "my_data", "withdraw"),
    *("delete_my_data", "distress", "progress", "amend", "scam_worry", "greeting", "thanks", "abuse", "where"),
    *(
        "find_work",
        "wish",
        "voice",
        "about_amount",
        "about_papers",
        "about_payday",
        "about_term",
        "about_contact",
        "about_units",
    ),
    *("about_how", "others", "contact_way"),
}


def build() -> Understanding:
    ingredients = load_ingredients()
    return Understanding(ingredients.gazetteer, ingredients.lexicon.spoken, folded_sounds(common_characters()))


UNDERSTANDING = build()


def understood(text: str, **more: Any) -> Understood:
    return UNDERSTANDING.understand(text, today=TODAY, **more)


def options(case: Mapping[str, Any]) -> list[Option]:
    return [Option(o["value"], o["label"], tuple(o.get("also", ()))) for o in CASES["options"][case["options"]]]


@pytest.mark.parametrize("case", CASES["sentences"], ids=lambda case: f"{case['say']}|{case.get('asked', '')}")
def test_a_sentence_is_understood_as_its_case_says(case: Mapping[str, Any]) -> None:
    found = understood(case["say"], asked=case.get("asked"), settled=case.get("settled", False))
    assert {
        "command": found.command,
        "intent": found.intent,
        "facts": found.facts,
        "correction": found.correction,
        "dont_know": found.dont_know,
        "yes": found.yes,
        "id_number": found.id_number,
    } == {
        "command": case.get("command"),
        "intent": case.get("intent"),
        "facts": case.get("facts", {}),
        "correction": case.get("correction", False),
        "dont_know": case.get("dont_know", False),
        "yes": case.get("yes"),
        "id_number": case.get("id_number", False),
    }


@pytest.mark.parametrize("case", CASES["choices"], ids=lambda case: f"{case['options']}|{case['say']}")
def test_an_option_is_chosen_as_its_case_says(case: Mapping[str, Any]) -> None:
    found = understood(case["say"], options=options(case), many=case.get("many", False)).choice
    assert (list(found) if isinstance(found, tuple) else found) == case["choice"]


@pytest.mark.parametrize("same", CASES["same"], ids=lambda same: same[0])
def test_script_width_dialect_and_slips_of_sound_change_nothing(same: list[str]) -> None:
    first, *others = [(found.intent, found.facts) for found in map(understood, same)]
    assert first[1]
    assert others == [first] * len(others)


@pytest.mark.parametrize("text", CASES["no_category"])
def test_no_category_is_inferred_from_vague_or_general_words(text: str) -> None:
    assert not {"disability", "levels", "blind"} & set(understood(text).facts)


@pytest.mark.parametrize("text", CASES["id_numbers"])
def test_an_id_number_is_recognised_and_goes_nowhere(text: str) -> None:
    found = understood(text)
    assert found.id_number
    assert found.facts == {}
    assert found.choice is None


@pytest.mark.parametrize("text", CASES["no_id_numbers"])
def test_other_numbers_are_no_id_number(text: str) -> None:
    assert not understood(text).id_number


SEPARATOR = st.sampled_from([" ", "，", ". ", "-", "、", "/", "：", "\n"])
BESIDE = st.lists(st.integers(0, 99).map(str), max_size=2)


@settings(deadline=None)
@given(
    st.sampled_from(["110101", "620502", "370202"]),
    st.dates(datetime.date(1930, 1, 1), datetime.date(1999, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["old", *"0123456789X"]),
    st.tuples(BESIDE, BESIDE),
    st.tuples(SEPARATOR, st.booleans()),
)
def test_an_id_number_is_recognised_whatever_digits_stand_beside_it(
    county: str,
    born: datetime.date,
    number: int,
    check: str,
    beside: tuple[list[str], list[str]],
    written: tuple[str, bool],
) -> None:
    old = check == "old"
    parts = [county, f"{born:%y%m%d}" if old else f"{born:%Y%m%d}", f"{number:03}" + ("" if old else check)]
    separator, apart = written
    text = separator.join([*beside[0], (" " if apart else "").join(parts), *beside[1]])
    assert understood(f"号码是{text}").id_number


@given(st.integers(0, 10**16 - 1), st.sampled_from(["", " ", "-"]))
def test_a_card_of_16_digits_is_no_id_number(number: int, separator: str) -> None:
    digits = f"{number:016}"
    assert not understood(separator.join(digits[at : at + 4] for at in range(0, 16, 4))).id_number


def test_only_the_commands_and_intents_of_the_contract_are_given() -> None:
    found = [understood(case["say"], asked=case.get("asked")) for case in CASES["sentences"]]
    assert {one.command for one in found} - {None} == COMMANDS
    assert {one.intent for one in found} - {None} == INTENTS


def test_every_rule_for_facts_is_reached_by_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = set()
    found = FactRules._found

    def recorded(self: FactRules, compiled: _Compiled, text: str, asked: str | None) -> Facts:
        facts = found(self, compiled, text, asked)
        if facts:
            reached.add(compiled.rule.when)
        return facts

    monkeypatch.setattr(FactRules, "_found", recorded)
    for case in CASES["sentences"]:
        understood(case["say"], asked=case.get("asked"))
    assert [rule.facts for rule in load_files().rules if rule.when not in reached] == []


@pytest.mark.parametrize("fact", sorted({*load_files().answers.values, *load_files().answers.numbers}))
def test_what_says_nothing_of_the_fact_asked_for_leaves_it_open(fact: str) -> None:
    assert fact not in understood("咳咳", asked=fact).facts


def test_the_month_of_opening_decides_only_where_a_full_year_is_certain() -> None:
    months = [
        UNDERSTANDING.understand("去年11月开的店", today=datetime.date(2026, month, 22)).facts.get("biz_months")
        for month in (10, 11, 12)
    ]
    assert months == [11, None, 13]


def test_a_birthday_to_come_makes_a_year_less() -> None:
    assert understood("1985年11月23日生").facts["age"] == 40
    assert understood("1985年11月22日生").facts["age"] == 41


PIECES = st.sampled_from([case["say"] for case in CASES["sentences"]])
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=6).map("，".join),
    st.text(alphabet="一二三四级年月岁不没有是我的聋瞎户口在甘肃天水0123456789Xx .-\n\x00\u202e😀", max_size=120),
)
ASKED = st.sampled_from(
    [None, "levels", "level:肢体", "age", "biz_months", "cert", "region", "disability", "household"]
)


def check_bounds(found: Understood) -> None:
    """What holds of any text that was understood."""
    assert found.command is None or found.facts == {}
    assert set(found.facts.get("disability", ())) <= {"肢体", "视力", "听力", "言语", "智力", "精神", "多重"}
    levels = found.facts.get("levels", {})
    assert all(1 <= level <= 4 for level in (levels.values() if isinstance(levels, dict) else [levels]))
    assert 0 <= found.facts.get("age", 0) <= 130


@settings(deadline=None)
@given(TEXTS, ASKED, st.booleans())
def test_any_text_is_understood_without_failing(text: str, asked: str | None, many: bool) -> None:
    offered = [Option(o["value"], o["label"]) for o in CASES["options"]["categories"]]
    check_bounds(understood(text, asked=asked, options=offered, many=many))


@pytest.mark.parametrize("piece", ["聋", "1", "不是", "视力一级", "1 ", "😀", "\x00", "在天水", "二", "我弟，"])
def test_a_message_of_4000_characters_is_understood(piece: str) -> None:
    check_bounds(understood((piece * 4000)[:4000]))
