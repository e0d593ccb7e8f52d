import datetime

from bot.store.base import KeptSession
from bot.store.store import Store
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
