from knowledge.reading.mojibake import REPEATS, decode_gbk_shown_as_latin1, drop_repeated_tail
from knowledge.reading.traced import Ledger, Traced

TEXT = "促进残疾人就业三年行动。\n经济发展和社会大局稳定，都要看就业。\n首次创办小微企业的，给予补贴。\n" * 3


def damaged(text: str) -> str:
    """GBK bytes shown as Latin-1, with every 0xAD lost, as in the Gansu source."""
    return text.encode("gbk").replace(b"\xad", b"").decode("latin-1")


def dropped(text: str) -> tuple[str, Ledger]:
    ledger = Ledger(text)
    return drop_repeated_tail(Traced.whole(text), ledger).text, ledger


def test_a_lost_byte_is_restored() -> None:
    assert damaged("经济") != "经济".encode("gbk").decode("latin-1")
    assert decode_gbk_shown_as_latin1(damaged("经济发展")) == "经济发展"


def test_readable_text_is_not_taken_for_a_damaged_one() -> None:
    assert decode_gbk_shown_as_latin1("促进就业 2022-2024") is None
    assert decode_gbk_shown_as_latin1("café") is None


def test_a_damaged_repetition_is_dropped_wherever_it_begins() -> None:
    for extra in ("", "中间还有一段别的话，说的是另外的事。\n" * 4):
        kept, ledger = dropped(TEXT + extra + damaged(TEXT))
        assert kept == TEXT + extra
        assert set(ledger.reasons[len(kept) :]) == {REPEATS}
        assert "repeat" in ledger.notes[0]


def test_a_damaged_tail_that_says_something_new_is_kept_and_reported() -> None:
    new = damaged("完全不同的另一份文件，说的是养老保险怎么缴费。\n" * 5)
    kept, ledger = dropped(TEXT + new)
    assert kept == TEXT + new
    assert "read them by hand" in ledger.notes[0]


def test_a_text_without_damage_is_left_alone() -> None:
    kept, ledger = dropped(TEXT)
    assert kept == TEXT and not ledger.notes
