from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knowledge.index as index_module
from knowledge.evaluate import Question, by_group, run
from knowledge.search import LONGEST_QUESTION, PASSAGES, Knowledge
from tests.conftest import ROOT

QUESTIONS = ROOT / "tests" / "questions"


def read(*names: str) -> list[Question]:
    lines = [line for name in names for line in (QUESTIONS / name).read_text("utf-8").splitlines()]
    return [msgspec.json.decode(line, type=Question) for line in lines]


def test_answers_are_good_enough_on_questions_written_by_others(knowledge: Knowledge) -> None:
    shares = by_group(run(knowledge, read("answerable.jsonl", "answerable_2.jsonl")))["answerable"]
    assert shares.count == 270
    assert shares.hit_1 >= 0.88 and shares.hit_3 >= 0.95
    assert shares.refused <= 0.03


def test_what_the_texts_do_not_say_is_refused(knowledge: Knowledge) -> None:
    shares = by_group(run(knowledge, read("unanswerable.jsonl", "unanswerable_2.jsonl")))["unanswerable"]
    assert shares.count == 120 and shares.refused >= 0.92


def test_a_large_index_answers_as_a_small_one_does(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        (question.q, region) for question in read("answerable.jsonl")[:60] for region in (None, "620500", "440000")
    ]
    small = [knowledge.search(*question) for question in asked]
    monkeypatch.setattr(index_module, "MANY_TARGETS", 0)
    monkeypatch.setattr(index_module, "LONG_LIST", 1)
    for question, found in zip(asked, small, strict=True):
        again = knowledge.search(*question)
        assert (again.outcome, again.topic, again.detail) == (found.outcome, found.topic, found.detail)
        assert [p.score for p in again.passages] == pytest.approx([p.score for p in found.passages], abs=2e-4)


def test_the_documents_of_a_place_are_its_own_and_those_of_what_contains_it(knowledge: Knowledge) -> None:
    def sources(*places: str) -> set[str]:
        return {document.source for document in knowledge.documents_for(places)}

    assert sources("620523") == sources("620500") == {"000", "001"} and sources("620000") == {"000"}
    assert sources("440000") == set() and sources("440000", "620000") == {"000"}
    assert sources() == {document.source for document in knowledge.documents.values()}


@pytest.mark.parametrize(
    ("question", "region", "sources"),
    [
        ("开店补贴多少钱", "620500", {"000", "001"}),
        ("开店补贴多少钱", "620523", {"000", "001"}),
        ("开店补贴多少钱", "620000", {"000"}),
        ("泉州开店有没有扶持", "620500", {"002"}),
        ("成都人开店有没有扶持", None, {"004"}),
    ],
)
def test_a_place_chooses_the_documents(
    knowledge: Knowledge, question: str, region: str | None, sources: set[str]
) -> None:
    found = knowledge.search(question, region)
    assert {knowledge.documents[p.clause.document].source for p in found.passages} <= sources
    assert found.outcome == "answered"


@pytest.mark.parametrize(("question", "region"), [("西安开店给多少钱", None), ("残疾人开店给多少钱", "440000")])
def test_a_place_whose_texts_are_not_held_gets_no_other_place_s_answer(
    knowledge: Knowledge, question: str, region: str | None
) -> None:
    found = knowledge.search(question, region)
    assert found.outcome == "elsewhere" and not found.passages


@pytest.mark.parametrize(
    "variant",
    [
        "残疾人头一次开店能领多少钱",
        "残急人头一次开店能领多少钱",
        "殘疾人頭一次開店能領多少錢",
        "残疾人头一次开店能领多少钱？？！",
        "残疾人头一次\u200b开店 能领多少钱",
        "残 疾 人 头 一 次 开 店 能 领 多 少 钱",
    ],
)
def test_spelling_does_not_change_the_answer(knowledge: Knowledge, variant: str) -> None:
    first = knowledge.search(variant, "620500").passages[0].clause
    assert "5000元" in first.text and first.document.startswith("001")


def test_an_amount_that_a_clause_does_not_state_is_noticed(knowledge: Knowledge) -> None:
    assert (found := knowledge.search("求职创业补贴多少钱", "350000")).detail is not None
    assert found.outcome == "answered" and found.detail.id == "amount"
    assert knowledge.search("一次性创业补贴多少钱", "620500").detail is None


def test_who_asks_for_money_is_told_first_of_what_gives_some(knowledge: Knowledge) -> None:
    assert "补贴" in (found := knowledge.search("残疾人开店有补贴吗")).passages[0].clause.text and found.detail is None
    assert "补贴" not in knowledge.search("残疾人开店有扶持吗").passages[0].clause.text
    support = knowledge.search("残疾人开店有补贴吗", "350000")
    assert support.outcome == "answered" and support.detail and support.detail.id == "grant"


def test_papers_and_telephone_numbers_are_not_guessed(knowledge: Knowledge) -> None:
    for question in ("申请一次性创业补贴要交哪些材料", "市残联的联系电话是多少"):
        assert knowledge.search(question, "620500").outcome in ("detail_not_stated", "not_held")


def test_when_money_comes_and_for_how_long_are_not_guessed(knowledge: Knowledge) -> None:
    training = knowledge.search("培训补贴多久发到手", "510000")
    assert training.outcome == "detail_not_stated" and training.detail and training.detail.id == "payday"
    insurance = knowledge.search("单位的社保补贴能领几年", "620500")
    assert insurance.outcome == "detail_not_stated" and insurance.detail and insurance.detail.id == "term"
    assert knowledge.search("这份方案什么时候发的", "510000").outcome == "answered"


def test_what_the_texts_do_not_hold_is_named_though_said_in_a_long_sentence(knowledge: Knowledge) -> None:
    for question, topic in [
        ("残疾人家里的厕所想装扶手，改造有没有名额", "barrier_free_home"),
        ("罚多少钱", "fine_amount"),
    ]:
        found = knowledge.search(question, "620500")
        assert found.outcome == "not_held" and found.topic and found.topic.id == topic


@pytest.mark.parametrize(
    "question",
    ["喺福建開按摩所，有冇支持", "在福建开按摩所，有没得支持嘛", "福建开按摩所，给支持不咧"],
)
def test_dialects_are_understood(knowledge: Knowledge, question: str) -> None:
    assert "开办医疗按摩所" in knowledge.search(question).passages[0].clause.text


@pytest.mark.parametrize("question", ["", "   ", "？？！……", "🙂🙂", "\u202e\u200b\x00", "<>/;'"])
def test_a_question_without_words_is_empty(knowledge: Knowledge, question: str) -> None:
    assert knowledge.search(question).outcome == "empty"


@pytest.mark.parametrize(
    "question",
    ["'; DROP TABLE leads; --", "<script>alert(1)</script>", "How do I get a visa?", "Где моя посылка", "qwe asd 123"],
)
def test_what_is_no_question_of_ours_is_refused(knowledge: Knowledge, question: str) -> None:
    assert knowledge.search(question).outcome in ("nothing", "not_held")


def test_a_very_long_question_is_read_as_far_as_it_goes(knowledge: Knowledge) -> None:
    found = knowledge.search("残疾人开店给补贴吗" + "，我再说几句" * 700)
    assert found.cut and len("残疾人开店给补贴吗" + "，我再说几句" * 700) > LONGEST_QUESTION


@settings(max_examples=150, deadline=None)
@given(
    question=st.text(max_size=300) | st.text("残疾人补贴多少钱在天水开店盲按摩公司？，\u202e<'", max_size=60),
    region=st.sampled_from([None, "620500", "440000", "110101"]),
)
def test_any_text_gets_an_outcome(knowledge: Knowledge, question: str, region: str | None) -> None:
    found = knowledge.search(question, region)
    scores = [passage.score for passage in found.passages]
    assert len(scores) <= PASSAGES and scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_document_s_own_fact_that_it_does_not_state_is_not_taken_from_another(knowledge: Knowledge) -> None:
    assert knowledge.search("文号是多少", "350000").outcome == "fact_not_stated"
    assert knowledge.search("福建方案的文号是多少").outcome == "fact_not_stated"
    stated = knowledge.search("文号是多少", "510000")
    assert stated.outcome == "answered" and "number" in stated.passages[0].clause.states


def test_a_topic_that_matches_poorly_is_not_named(knowledge: Knowledge) -> None:
    assert knowledge.search("残疾证去哪儿办", "620500").topic is not None
    poor = knowledge.search("你是机器吗")
    assert poor.topic is None and poor.outcome == "nothing"


@pytest.mark.parametrize("question", ["9", "5000", "１２３"])
def test_a_bare_number_is_no_question(knowledge: Knowledge, question: str) -> None:
    assert knowledge.search(question).outcome == "nothing"


def test_question_files_are_whole() -> None:
    ids = [
        question.id for name in sorted(path.name for path in Path(QUESTIONS).glob("*.jsonl")) for question in read(name)
    ]
    assert len(ids) == len(set(ids)) == 560
