import pytest

from knowledge.account import account_for
from knowledge.models import MAX_CLAUSE, Document
from knowledge.normalise import letters_and_digits
from knowledge.reading.document import UnreadableSource, read_document
from knowledge.snapshot import Ingredients

SOURCES = {"000": 73, "001": 103, "002": 67, "003": 57, "004": 131}


@pytest.fixture(params=SOURCES)
def document(request: pytest.FixtureRequest, ingredients: Ingredients) -> Document:
    return next(f.document for f in ingredients.folders if f.document.source == request.param)


def test_every_character_of_the_source_is_accounted_for_once(document: Document) -> None:
    account = account_for(document)
    assert account.unaccounted == 0
    assert sum(account.kept.values()) + sum(account.dropped.values()) == account.characters
    places = [place for fate in document.fates for place in range(fate.start, fate.end)]
    assert places == list(range(document.source_length))


def test_clauses_partition_the_clean_text(document: Document) -> None:
    assert len(document.clauses) == SOURCES[document.source]
    assert all(clause.text == document.text[clause.start : clause.end] for clause in document.clauses)
    assert letters_and_digits("".join(c.text for c in document.clauses)) == letters_and_digits(document.text)
    assert all(a.end <= b.start for a, b in zip(document.clauses, document.clauses[1:], strict=False))
    assert max(len(clause.text) for clause in document.clauses) <= MAX_CLAUSE


def test_a_card_states_only_what_its_source_says(document: Document) -> None:
    stated = {field for clause in document.clauses for field in clause.states}
    assert stated == {fact.field for fact in document.card.facts}


def test_the_damaged_half_of_the_interview_is_dropped_and_its_date_kept(ingredients: Ingredients) -> None:
    gansu = ingredients.folders[0].document
    assert "the text again, in a damaged encoding" in account_for(gansu).dropped
    assert gansu.clauses[-1].text == "甘肃省政府网站2022-09-19"


def test_departments_in_brackets_belong_to_every_clause_of_their_paragraph(ingredients: Ingredients) -> None:
    tianshui = ingredients.folders[1].document
    subsidy = next(clause for clause in tianshui.clauses if "5000元" in clause.text)
    assert subsidy.responsible[0] == "市人社局" and len(subsidy.responsible) == 6
    assert subsidy.path == ("三、主要措施", "(六)实施农村困难残疾人就业帮扶行动")


def test_a_source_that_is_not_utf8_is_refused_with_what_to_do(ingredients: Ingredients) -> None:
    with pytest.raises(UnreadableSource, match="save the source as UTF-8"):
        read_document("x", "补贴".encode("gbk"), ingredients.folders[0].document.card)
