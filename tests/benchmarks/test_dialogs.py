from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
import yaml

from benchmarks import dialogs
from benchmarks.dialogs import StuckError, first_sentence, form, load_words, nine_in_ten, talk
from benchmarks.fixed_form import facts_of, fixed_form
from benchmarks.households import HOUSEHOLDS, Household, load_households
from conversations.dialogs.guided import load_guided
from conversations.engine import advance
from conversations.forms.models import FactQuestion
from conversations.materials import Materials
from conversations.messages import Ask, Choice, Incoming, Value
from conversations.session import Session

FORM = yaml.safe_load("""
- {fact: region}
- {fact: disability}
- {fact: levels, gate: [{fact: disability, is: [视力]}]}
- {fact: blind, gate: [{fact: "level:视力", is: [3, 4], unknown: true}]}
- {fact: biz_registered}
- {fact: biz_months, gate: [{fact: biz_registered, is: [true]}]}
- {fact: employer_type, subject: [employer]}
""")
QUESTIONS = {
    row["fact"]: msgspec.convert(
        {**dict.fromkeys(("ask", "easy", "why", "said"), ""), "kind": "options", "subject": ["disabled_person"], **row},
        FactQuestion,
    )
    for row in FORM
}
EVERY = set(QUESTIONS)


@pytest.mark.parametrize(
    ("wanted", "known", "asked"),
    [
        (EVERY, {}, ["region", "disability", "blind", "biz_registered"]),
        (EVERY, {"disability": ["听力"], "biz_registered": False}, ["region", "disability", "blind", "biz_registered"]),
        (
            EVERY,
            {"disability": ["听力", "视力"], "levels": {"视力": 1}, "biz_registered": True},
            ["region", "disability", "levels", "biz_registered", "biz_months"],
        ),
        (
            EVERY,
            {"disability": ["视力"], "levels": {"视力": 3}, "biz_registered": 1},
            ["region", "disability", "levels", "blind", "biz_registered"],
        ),
        ({"biz_months", "levels"}, {"disability": ["听力"]}, ["levels", "biz_months"]),
        (set(), {"region": "620500"}, []),
    ],
)
def test_a_fixed_form_asks_what_its_gates_allow_in_the_order_of_the_file(
    wanted: set[str], known: Mapping[str, Any], asked: list[str]
) -> None:
    assert fixed_form(wanted, {"subject": "disabled_person", **known}, QUESTIONS) == asked


def test_a_fixed_form_asks_only_such_as_it_is_meant_for() -> None:
    assert fixed_form(EVERY - {"region"}, {"subject": "employer"}, QUESTIONS) == ["employer_type"]


def test_a_form_for_a_place_asks_for_the_place_and_no_more_than_the_one_for_all_places(materials: Materials) -> None:
    for dialog in load_guided().values():
        every = facts_of(dialog.programmes(materials.catalogue.programmes))
        for household in load_households():
            if household.known.get("applicant") in dialog.applicants:
                whole = form(household, dialog, materials, of_the_place=False)
                place = form(household, dialog, materials, of_the_place=True)
                assert "region" in place and set(whole) <= every
                assert set(place) <= every


@pytest.mark.parametrize(
    ("fact", "value", "options", "answer"),
    [
        ("cert", True, (True, False), Incoming(choice=True)),
        ("levels", 1, (True, 2), Incoming(text="1")),
        ("disability", ["视力", "听力"], ("视力", "听力", "肢体"), Incoming(choice=("视力", "听力"))),
        ("levels", {"视力": 1, "听力": 2}, (), Incoming(text="视力1 听力2")),
        ("age", 40, (), Incoming(text="40")),
        ("age", None, (), Incoming(text="不知道")),
        ("age", [], (), Incoming(text="不知道")),
        ("cert", False, (True, False), Incoming(choice=False)),
    ],
)
def test_a_household_answers_what_it_knows(fact: str, value: Any, options: tuple[Value, ...], answer: Incoming) -> None:
    ask = Ask(fact, tuple(Choice(option, str(option)) for option in options))
    assert Household("h", {fact: value}).answer(ask) == answer


def test_households_are_those_of_the_personas() -> None:
    ids = [household.id for household in load_households()]
    written = [
        row["id"] for file in HOUSEHOLDS.glob("personas*.yaml") for row in yaml.safe_load(file.read_text("utf-8"))
    ]
    assert sorted(ids) == sorted(written) and len(ids) >= 20


def test_the_first_sentence_tells_three_facts_that_are_understood(materials: Materials) -> None:
    words = load_words()
    telling = 0
    for household in load_households():
        sentence = first_sentence(household, words, materials)
        if not sentence:
            continue
        telling += 1
        told = [phrase.fact for phrase in words.phrases if phrase.fact in household.known][:3]
        session = advance(Session(), Incoming(text=sentence), dialogs.AT, materials).session
        understood = {fact: list(v) if isinstance(v, tuple) else v for fact, v in session.facts.items()}
        assert {fact: understood.get(fact) for fact in told} == {fact: household.known[fact] for fact in told}, sentence
    assert telling > 10


def test_a_household_that_knows_too_little_tells_no_first_sentence(materials: Materials) -> None:
    assert first_sentence(Household("h", {"region": "620500", "cert": True}), load_words(), materials) == ""


def test_each_dialog_ends_for_each_household_and_asks_nothing_twice(materials: Materials) -> None:
    words = load_words()
    assert set(words.openings) == set(load_guided())
    for dialog, opening in words.openings.items():
        talked = talk(Household("nobody", {}), opening, materials)
        assert len(set(talked.asked)) == len(talked.asked) > 0 and talked.verdicts, dialog


def test_a_dialog_that_does_not_end_is_named(materials: Materials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Household, "answer", lambda *_: Incoming(text="重听"))
    with pytest.raises(StuckError, match="somebody"):
        talk(Household("somebody", {}), load_words().openings["subsidy"], materials)


@pytest.mark.parametrize(("counts", "most"), [([4], 4), ([1, 9], 9), ([*range(1, 11)], 9), ([*range(1, 21)], 18)])
def test_nine_in_ten_do_not_exceed_it(counts: list[int], most: int) -> None:
    assert nine_in_ten(counts[::-1]) == most


def test_questions_are_counted_beside_both_forms_with_and_without_a_first_sentence(
    materials: Materials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "build_materials", lambda _: materials)
    figures = {(figure.name, figure.peer): figure for figure in dialogs.measure(smoke=True)}
    untold = figures["dialogs_subsidy_median", "fixed-form"]
    told = figures["dialogs_subsidy_told_median", "fixed-form"]
    assert told.unit == "questions" and told.value < untold.value and told.peer_value == untold.peer_value
    assert untold.peer_value is not None and 0 < untold.value < untold.peer_value
    assert figures["dialogs_subsidy_p90", "fixed-form-of-the-place"].value >= untold.value
    assert figures["dialogs_subsidy_same_verdicts", None].value > 0.9
