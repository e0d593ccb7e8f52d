import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.store.store import Store
from conversations.messages import ConsentGiven, Unanswered
from tests.bot.store.madeup import AT

TODAY = datetime.date(2026, 11, 22)


def test_every_yes_and_no_is_kept_with_its_text_its_time_and_its_channel(store: Store) -> None:
    later = AT.astimezone(ZoneInfo("Asia/Shanghai")) + datetime.timedelta(minutes=1)
    store.ledger.consent("u", ConsentGiven("sensitive", "2026-11", True), AT, "chat")
    store.ledger.consent("other", ConsentGiven("sensitive", "2026-11", True), AT, "chat")
    store.ledger.consent("u", ConsentGiven("sensitive", "2026-12", False), later, "web")
    first, second = store.ledger.consents("u")
    assert (first["consent"], first["text_version"], first["given"], first["channel"]) == (
        *("sensitive", "2026-11", 1, "chat"),
    )
    assert (second["text_version"], second["given"]) == ("2026-12", 0)
    assert first["at"] < second["at"] and second["at"].endswith("+00:00"), "in one zone, so that times compare as text"
    store.ledger.forget("u")
    assert store.ledger.consents("u") == [] and len(store.ledger.consents("other")) == 1


def test_what_is_asked_in_vain_is_counted_most_often_first(store: Store) -> None:
    for words, region, day in (
        *(("低保多少钱", "620500", 1), ("低保多少钱", "620500", 20), ("低保多少钱", None, 20), ("车票", None, 21)),
        *(("低保多少钱", "620500", 22), ("", None, 22), ("车票", None, 22)),
    ):
        store.ledger.unanswered(Unanswered("not_held", region, words), datetime.date(2026, 11, day))
    found = store.ledger.questions(datetime.date(2026, 11, 20))
    assert [(row["words"], row["region"], row["times"], row["last"]) for row in found] == [
        *(
            ("低保多少钱", "620500", 2, "2026-11-22"),
            ("车票", None, 2, "2026-11-22"),
            ("低保多少钱", None, 1, "2026-11-20"),
        ),
    ]
    assert store.ledger.questions(TODAY + datetime.timedelta(days=1)) == []


@pytest.mark.parametrize("column", ["words", "region", "outcome"])
def test_different_questions_are_counted_apart(store: Store, column: str) -> None:
    for value in ("a", "b"):
        store.ledger.unanswered(Unanswered(**{"outcome": "x", "region": "y", "words": "z", column: value}), TODAY)
    assert {row[column] for row in store.ledger.questions(TODAY)} == {"a", "b"}
