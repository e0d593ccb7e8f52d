from hypothesis import given
from hypothesis import strategies as st

from knowledge.models import MAX_CLAUSE
from knowledge.reading.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_a_clause_is_a_sentence() -> None:
    assert cut("给予补贴。按规定办理；没有的不办") == ["给予补贴。", "按规定办理；", "没有的不办"]


def test_closing_quotes_stay_with_their_sentence() -> None:
    assert cut("他说：“可以。”然后走了。") == ["他说：“可以。”", "然后走了。"]


def test_a_sentence_that_announces_others_is_one_clause_with_the_next() -> None:
    text = "做好以下几项工作。一是抓好政策措施的落地。要压实责任。再做别的。"
    assert cut(text) == ["做好以下几项工作。一是抓好政策措施的落地。要压实责任。", "再做别的。"]


def test_a_long_sentence_is_cut_evenly_at_pauses() -> None:
    text = "，".join("残疾人就业" for _ in range(60)) + "。"
    parts = cut(text)
    assert len(parts) == -(-len(text) // MAX_CLAUSE)
    assert all(part[-1] in "，。" for part in parts)


@given(st.text("残疾人就业。；，、”）\n", max_size=900))
def test_clauses_cover_the_text_without_gap_or_overlap_and_none_is_too_long(text: str) -> None:
    parts = cut(text)
    assert "".join(parts) == text
    assert all(0 < len(part) <= MAX_CLAUSE for part in parts)
