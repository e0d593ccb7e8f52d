import pytest

from knowledge.codec import Damaged, decode, encode
from knowledge.search import Knowledge


def test_a_snapshot_survives_being_kept(knowledge: Knowledge) -> None:
    again = Knowledge(decode(encode(knowledge.snapshot)))
    question = "残疾人开店给补贴吗"
    assert again.search(question) == knowledge.search(question)
    assert again.documents == knowledge.documents


@pytest.mark.parametrize("data", [b"", b"\x00", b"not a snapshot", b"\x98\xc0"])
def test_what_is_no_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        decode(data)


def test_half_a_snapshot_is_refused(knowledge: Knowledge) -> None:
    data = encode(knowledge.snapshot)
    with pytest.raises(Damaged):
        decode(data[: len(data) // 2])
