import datetime
import threading
from concurrent.futures import ThreadPoolExecutor

from bot.settings import Settings
from bot.store.base import KeptSession
from bot.store.store import Store, open_store
from bot.store.transcripts import LONGEST, Said

AT = datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC)


def keep(store: Store, number: int, said: Said) -> int:
    store.turns.keep("s", f"m{number}", KeptSession(b"{}", number), b'[{"text": "reply %d"}]' % number, AT)
    return store.transcripts.add("s", f"m{number}", said)


def test_the_last_turns_are_shown_in_order_and_older_ones_go(store: Store) -> None:
    positions = [keep(store, number, Said(f"said {number}")) for number in range(1, LONGEST + 4)]
    assert positions == list(range(1, LONGEST + 4))
    shown = store.transcripts.last("s")
    assert [exchange.position for exchange in shown] == positions[3:]
    assert shown[-1].said.text == f"said {LONGEST + 3}" and shown[-1].replies == [{"text": f"reply {LONGEST + 3}"}]
    assert [e.position for e in store.transcripts.last("s", after=LONGEST + 1)] == [LONGEST + 2, LONGEST + 3]
    assert [e.position for e in store.transcripts.last("s", 1)] == [LONGEST + 3]
    assert len(store.database.query("SELECT 1 FROM transcripts")) == LONGEST
    assert store.transcripts.last("other") == []


def test_it_is_sealed_and_can_be_forgotten(store: Store) -> None:
    keep(store, 1, Said("天水", many=True))
    (row,) = store.database.query("SELECT sealed FROM transcripts")
    assert "天水".encode() not in row["sealed"] and "天水".encode() in store.keys.unseal(row["sealed"])
    assert store.transcripts.last("s")[0].said == Said("天水", many=True)
    store.transcripts.forget("s")
    assert store.transcripts.last("s") == []


def test_what_is_told_unasked_is_among_the_turns_sealed_and_no_turn(store: Store) -> None:
    keep(store, 1, Said("said"))
    assert store.transcripts.tell("s", "可以来") == 2
    assert keep(store, 2, Said("said again")) == 3
    shown = store.transcripts.last("s")
    assert [(e.position, e.unasked, e.replies[0]["text"]) for e in shown] == [
        (1, False, "reply 1"), (2, True, "可以来"), (3, False, "reply 2"),
    ]  # fmt: skip
    assert {"ask", "verdicts", "passages", "receipt"} < set(shown[1].replies[0])
    assert not any(
        "可以来".encode() in bytes(row["sealed"]) for row in store.database.query("SELECT * FROM transcripts")
    )
    store.transcripts.tell("s", "再来")
    last = store.transcripts.last_turn("s")
    assert last and last.said.text == "said again"
    assert (store.transcripts.position("s"), store.transcripts.position("s", "m1")) == (4, 1)
    assert store.transcripts.position("s", "m7") == store.transcripts.position("nobody") == 0
    assert store.transcripts.last_turn("nobody") is None
    for number in range(LONGEST):
        store.transcripts.tell("s", f"told {number}")
    assert len(store.transcripts.last("s")) == LONGEST and store.transcripts.last_turn("s") is None


def test_a_turn_and_what_is_told_at_the_same_time_both_have_their_place(place: Settings) -> None:
    def tell(number: int) -> list[int]:
        with open_store(place) as store:
            barrier.wait()
            return [store.transcripts.tell("s", f"{number}-{n}") for n in range(12)]

    barrier = threading.Barrier(3)
    with open_store(place) as store:
        with ThreadPoolExecutor(3) as threads:
            positions = [one for some in threads.map(tell, range(3)) for one in some]
        assert sorted(positions) == list(range(1, 37))
        assert len(store.transcripts.last("s")) == 36
