import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from conversations.forms.models import FactQuestion, Gate, Option, load_fact_questions
from conversations.forms.registration import load_registration_form
from conversations.registrations import CONTACTS, NEEDS
from knowledge.corpus.folders import BadKnowledge
from knowledge.facts.files import load_vocabulary
from knowledge.facts.models import LEVEL, LEVELS, Fact, Open, fact_name, leaves
from knowledge.programmes.catalogue import load_programmes
from knowledge.programmes.models import Programme

QUESTIONS = load_fact_questions()
REGISTRATION = load_registration_form(QUESTIONS)
ONLY_THERE = {f: q for f, q in REGISTRATION.questions.items() if f not in QUESTIONS or q.ask != QUESTIONS[f].ask}
"""Questions that only a registration asks, or asks otherwise."""
FACTS = load_vocabulary().facts
ALWAYS_ASKABLE = {"applicant", "region", "disability", LEVELS, "age", "sex"}
NOT_ASKED = {"as_of", "hukou"}
"""Facts that no programme depends on."""
KINDS = {
    "bool": {"options"},
    "choice": {"options"},
    "choices": {"many"},
    "levels": {"levels"},
    "int": {"number", "months", "age"},
    "region": {"place"},
}
CLOSED = {"options", "many", "levels"}
OPEN = {"number", "months", "age", "place", "county", "name", "phone"}
LONGEST_ASK = 40
LONGEST_SENTENCE = 20
LONGEST_LABEL = 25
SENTENCES_OF_WHY = 2
LONGEST_WHO = "您帮助的人"
FORBIDDEN = re.compile("[瞎哑瘸傻疯]|正常人|残废|弱智|智障")
ASCII_PUNCTUATION = re.compile(r"[,;:!?()]")
EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
BRACKETS = re.compile(r"（.*?）")

each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
each_of_both = pytest.mark.parametrize(
    "question",
    [*QUESTIONS.values(), *ONLY_THERE.values()],
    ids=[*QUESTIONS, *(f"registration-{f}" for f in ONLY_THERE)],
)


def guided() -> Iterator[tuple[Programme, str]]:
    """The programmes of tiers A and C, each with each fact that it depends on."""
    for programme in load_programmes():
        if programme.entry.tier in "AC":
            for criterion in programme.entry.criteria:
                yield from (
                    (programme, fact_name(leaf.fact)) for leaf in leaves(criterion) if not isinstance(leaf, Open)
                )


def asked(question: FactQuestion) -> list[str]:
    return [question.ask, question.easy, *([question.together.ask] if question.together else [])]


def examples(question: FactQuestion) -> list[str]:
    return [question.example, *([question.together.example] if question.together else [])]


def shown(question: FactQuestion) -> list[str]:
    """Everything of a question that a person may be shown."""
    labels = [option.label for option in question.options]
    return [*asked(question), question.why, *examples(question), question.said, question.needed, *labels]


def sentences(text: str) -> list[str]:
    """The sentences of `text` at their longest."""
    return re.findall(r"[^。？]+[。？]", text.replace("{who}", LONGEST_WHO))


def blanks(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def values_of(fact: Fact) -> set[bool | int | str]:
    if fact.kind == "bool":
        return {True, False}
    if fact.kind == "levels":
        assert fact.least is not None and fact.most is not None
        return set(range(fact.least, fact.most + 1))
    return set(fact.values)


def words_of(option: Option) -> set[str]:
    return {option.label, BRACKETS.sub("", option.label), *option.also}


def test_every_fact_of_a_guided_programme_is_asked_of_someone_it_is_for() -> None:
    needed = list(guided())
    assert {fact for _, fact in needed} | ALWAYS_ASKABLE <= set(QUESTIONS)
    for programme, fact in needed:
        assert set(QUESTIONS[fact].subject) & set(programme.entry.subjects), (programme.id, fact)


def test_all_other_facts_of_the_vocabulary_are_asked_too() -> None:
    assert set(QUESTIONS) == set(FACTS) - NOT_ASKED


def test_what_is_not_asked_decides_no_programme() -> None:
    decisive = {
        fact_name(leaf.fact)
        for programme in load_programmes()
        for criterion in programme.entry.criteria
        for leaf in leaves(criterion)
        if not isinstance(leaf, Open)
    }
    assert not decisive & NOT_ASKED


@each_question
def test_the_options_are_the_values_of_the_vocabulary(question: FactQuestion) -> None:
    fact = FACTS[question.fact]
    assert question.kind in KINDS[fact.kind]
    values = [option.value for option in question.options]
    if question.kind in CLOSED:
        # Employers and organisations are known by who asks, so only a family's subject is asked for.
        expected = set(question.subject) if question.fact == "subject" else values_of(fact)
        assert sorted(map(str, values)) == sorted(map(str, expected))
        assert {type(value) for value in values} == {type(value) for value in values_of(fact)}
    else:
        assert not values


@each_question
def test_yes_comes_first_and_means_true(question: FactQuestion) -> None:
    if FACTS[question.fact].kind == "bool":
        assert [option.value for option in question.options] == [True, False]
        assert not re.search(r"[不没][^有]*吗？", BRACKETS.sub("", question.ask.rpartition("。")[2])), (
            'a yes to "not … ?" is heard as true'
        )


@each_of_both
def test_only_open_questions_give_an_example(question: FactQuestion) -> None:
    assert bool(question.example) == (question.kind in OPEN)


def test_levels_are_asked_of_those_whose_level_decides_anything() -> None:
    conditions = [gate.fact for question in QUESTIONS.values() for gate in question.gate]
    for programme in load_programmes():
        for criterion in programme.entry.criteria:
            conditions += [leaf.fact for leaf in leaves(criterion) if not isinstance(leaf, Open)]
    (gate,) = QUESTIONS[LEVELS].gate
    assert gate.fact == "disability"
    assert set(gate.is_) == {fact.removeprefix(LEVEL) for fact in conditions if fact.startswith(LEVEL)}


@each_of_both
def test_it_is_one_short_question(question: FactQuestion) -> None:
    for text in asked(question):
        assert text.count("？") == 1, text
        assert "".join(sentences(text)) == text.replace("{who}", LONGEST_WHO), f"{text}: end with 。 or ？"
        assert len("".join(sentences(text))) <= LONGEST_ASK, text
    for text in (question.easy, question.why, *examples(question), question.needed):
        assert all(len(sentence) <= LONGEST_SENTENCE for sentence in sentences(text)), text
    assert 1 <= len(sentences(question.why)) <= SENTENCES_OF_WHY
    assert "".join(sentences(question.needed)) == question.needed
    assert "".join(sentences(question.why)) == question.why
    for example in examples(question):
        assert "".join(sentences(example)) == example
    assert all(len(option.label) <= LONGEST_LABEL for option in question.options)


@each_of_both
def test_the_easy_form_is_no_longer_than_the_other(question: FactQuestion) -> None:
    assert len(question.easy) <= len(question.ask)


@each_of_both
def test_what_is_shown_is_kind_and_reads_aloud(question: FactQuestion) -> None:
    for text in shown(question):
        for pattern in (FORBIDDEN, EMOJI, ASCII_PUNCTUATION):
            assert not pattern.search(text), text


@each_of_both
def test_the_blanks_are_those_that_are_filled(question: FactQuestion) -> None:
    for text in asked(question):
        assert set(blanks(text)) <= {"who", "office"} and len(blanks(text)) <= 1, text
    assert blanks(question.said) == ["value"]
    for text in (question.why, *examples(question), *(option.label for option in question.options)):
        assert not blanks(text), text


@each_of_both
def test_a_word_stands_for_one_option(question: FactQuestion) -> None:
    owner: dict[str, Option] = {}
    for option in question.options:
        assert len(set(option.also)) == len(option.also), option
        assert not set(option.also) & {option.label, BRACKETS.sub("", option.label)}, option
        for word in words_of(option):
            assert word.strip() and owner.setdefault(word, option) is option, word


@each_of_both
def test_it_may_be_asked_of_somebody_once(question: FactQuestion) -> None:
    assert question.subject
    assert len(set(question.subject)) == len(question.subject)


def test_questions_are_put_together_where_one_answer_tells_both() -> None:
    together = {question.fact: question.together for question in QUESTIONS.values() if question.together}
    assert {name: other.fact for name, other in together.items()} == {"disability": LEVELS}
    for name, other in together.items():
        (gate,) = QUESTIONS[other.fact].gate
        assert gate.fact == name and not gate.ask, "it may be asked for first"


@each_question
def test_a_gate_can_open(question: FactQuestion) -> None:
    for gate in question.gate:
        assert gate.is_ or gate.unknown, gate
        assert set(gate.is_) < possible(gate) if gate.unknown else set(gate.is_) <= possible(gate), gate
        assert {type(value) for value in gate.is_} <= {type(value) for value in possible(gate)}, gate
        assert set(QUESTIONS[name_of(gate)].subject) & set(question.subject), gate


def possible(gate: Gate) -> set[bool | int | str]:
    fact = FACTS[name_of(gate)]
    if gate.fact.startswith(LEVEL):
        assert gate.fact.removeprefix(LEVEL) in fact.values
        return values_of(fact)
    if fact.kind == "int":
        assert fact.least is not None and fact.most is not None
        return set(range(fact.least, fact.most + 1))
    return values_of(fact)


def name_of(gate: Gate) -> str:
    return LEVELS if gate.fact.startswith(LEVEL) else gate.fact


def test_gates_look_back_so_that_they_form_no_cycle() -> None:
    order = list(QUESTIONS)
    for position, question in enumerate(QUESTIONS.values()):
        for gate in question.gate:
            assert name_of(gate) in order[:position], f"{question.fact}: ask for {gate.fact} first"


def test_a_fact_that_follows_from_others_is_asked_after_them_and_only_where_they_leave_it_open() -> None:
    order = list(QUESTIONS)
    derived = {name: fact for name, fact in FACTS.items() if fact.ask_first}
    assert {"blind", "working_age", "young_adult"} <= set(derived)
    for name, fact in derived.items():
        gates = {name_of(gate) for gate in QUESTIONS[name].gate}
        assert gates & set(fact.ask_first), name
        assert all(order.index(first) < order.index(name) for first in fact.ask_first), name


def test_a_fact_asked_for_twice_is_refused(tmp_path: Path) -> None:
    entry = "- {fact: area, ask: a, easy: a, why: a, said: a, kind: options, subject: [employer]}\n"
    file = tmp_path / "facts.yaml"
    file.write_text(entry)
    assert list(load_fact_questions(file)) == ["area"]
    file.write_text(entry + entry)
    with pytest.raises(BadKnowledge, match="area"):
        load_fact_questions(file)


def test_a_misspelt_field_is_refused_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("- {fact: area, aks: a}\n")
    with pytest.raises(BadKnowledge, match=r"forms/facts\.yaml"):
        load_fact_questions(file)


def test_the_questions_are_in_the_order_of_the_file() -> None:
    assert isinstance(QUESTIONS, Mapping)
    assert next(iter(QUESTIONS)) == "applicant"


def test_a_registration_asks_in_turn_what_is_a_fact_or_only_its_own() -> None:
    for fact in REGISTRATION.order:
        question = REGISTRATION.questions[fact]
        assert fact in FACTS or fact in ONLY_THERE
        assert question.kind in ("consent", "review") or question.named, "it must have a name when it is read back"
        for gate in question.gate:
            assert REGISTRATION.order.index(gate.fact) < REGISTRATION.order.index(fact)
            offered = {option.value for option in REGISTRATION.questions[gate.fact].options}
            assert set(gate.is_) <= offered


def test_what_is_read_back_has_names_of_its_own() -> None:
    owner: dict[str, str] = {}
    actions = REGISTRATION.questions["review"].options
    for name, words in [
        *((fact, REGISTRATION.questions[fact].named) for fact in REGISTRATION.order),
        *((str(option.value), (option.label, *option.also)) for option in actions),
    ]:
        for word in words:
            assert owner.setdefault(word, name) == name, word


def test_the_wishes_and_ways_to_reach_somebody_are_those_of_the_record() -> None:
    assert tuple(option.value for option in REGISTRATION.questions["needs"].options) == NEEDS
    assert tuple(option.value for option in REGISTRATION.questions["contact_when"].options) == CONTACTS


def test_a_consent_has_a_version_of_its_text() -> None:
    for fact, question in REGISTRATION.questions.items():
        assert bool(question.version) == (question.kind == "consent"), fact
    versions = [q.version for q in REGISTRATION.questions.values() if q.version]
    assert versions == ["sensitive-1", "handover-1"]


def test_an_order_that_asks_what_is_nowhere_is_refused() -> None:
    with pytest.raises(BadKnowledge, match="age"):
        load_registration_form({})
