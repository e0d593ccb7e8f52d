import pytest

from conversations.understanding.kinship import load_kinship


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("给我妈登记", "child"),
        ("帮俺爹报个名", "child"),
        ("我想替我老婆登记", "spouse"),
        ("我想替我们家老二媳妇登记", None),
        ("给娃报名", "parent"),
        ("替我小妹来问", "sibling"),
        ("帮邻居填一下", "neighbour_or_cadre"),
        ("给我爸妈登记，也给我弟登记", None),
        ("给我妈的邻居登记", None),
        ("替我妹夫登记", None),
        ("我儿子帮我登记", None),
        ("我妈让我登记", None),
        ("", None),
    ],
)
def test_who_helps_is_heard_from_whom_they_help(text: str, relation: str | None) -> None:
    assert load_kinship().relation(text) == relation
