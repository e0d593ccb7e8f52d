"""Telephone numbers and names, however they are written."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conversations.understanding.contact import load_contacts, spaced, spaced_receipt

CONTACTS = load_contacts()
SCRIPTS = ("0123456789", "０１２３４５６７８９", "〇一二三四五六七八九", "零幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
LANDLINES = st.from_regex(r"0(10|2[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}", fullmatch=True)
BETWEEN = st.sampled_from(["", " ", "-", "—", "－", "  ", "·", "，", "、", "\u200b"])
AROUND = st.sampled_from([("", ""), ("我的电话是", ""), ("电话：", "，谢谢"), ("打", "就行"), ("我叫小王，手机", "。")])


@st.composite
def written(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> tuple[str, str]:
    """A number, and a way of writing it: each digit in some script, with something or nothing between."""
    number = draw(numbers)
    digits = [draw(st.sampled_from(SCRIPTS))[int(digit)] for digit in number]
    gaps = [draw(BETWEEN) for _ in digits[1:]] + [""]
    return number, "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True))


@given(written(MOBILES), AROUND, st.sampled_from(["", "+86", "86", "＋86 ", "0086-"]))
def test_a_mobile_number_is_read_however_it_is_written(
    mobile: tuple[str, str], around: tuple[str, str], prefix: str
) -> None:
    number, text = mobile
    assert CONTACTS.phone(f"{around[0]}{prefix}{text}{around[1]}") == number


@given(written(LANDLINES), AROUND)
@example(("01000861000", "01000861000"), ("", ""))
def test_a_number_at_home_is_read_however_it_is_written(landline: tuple[str, str], around: tuple[str, str]) -> None:
    number, text = landline
    assert CONTACTS.phone(f"{around[0]}{text}{around[1]}") == number


@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    phone, name = CONTACTS.phone(text), CONTACTS.name(text)
    assert phone is None or (phone.isascii() and phone.isdecimal())
    assert name is None or CONTACTS.problem(name) is None
    assert CONTACTS.phone(CONTACTS.without_phone(text)) is None or phone is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "12345", "1381234567", "138123456789", "23812345678", "8212345", "我45岁", "开了一年零三个月"),
        *("13812345678、13912345678", "110101199003070038", "12000000000", "00000000000"),
    ],
)
def test_what_is_no_number_or_more_than_one_is_none(text: str) -> None:
    assert CONTACTS.phone(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("45，13812345678", "13812345678"),
        ("13812345678，13812345678", "13812345678"),
        ("(0938)8212345", "09388212345"),
        ("+86 938 8212345", "09388212345"),
        ("13812340000 四川成都", "13812340000"),
        ("三十一 小强 13812340000 四川", "13812340000"),
        ("010-12345678", "01012345678"),
    ],
)
def test_a_number_is_told_from_what_stands_beside_it(text: str, number: str) -> None:
    assert CONTACTS.phone(text) == number


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫小王", "小王"),
        ("我叫小王，电话13812345678", "小王"),
        ("叫我王师傅就行", "王师傅"),
        ("我姓王", "王"),
        ("他叫强强", "强强"),
        ("姓名：张三", "张三"),
        ("名字是古丽·阿依", "古丽·阿依"),
        ("我弟叫小强", "小强"),
        ("是我自己 45岁 叫我老赵 电话13511112222", "老赵"),
        ("我叫小王 电话13511112222", "小王"),
        ("我叫小 王", "小 王"),
        ("名字也错了 叫老钊", "老钊"),
        ("姓名错了改成小刘", "小刘"),
        ("45岁，叫老钱，农村", "老钱"),
        ("叫人来", None),
        ("叫我", None),
        ("我叫什么", None),
        ("名字写错了", None),
        ("小王", None),
        ("我叫123456", None),
        ("我叫www.example.com", None),
        ("我叫你别问了", None),
    ],
)
def test_a_name_that_is_surely_told(text: str, name: str | None) -> None:
    assert CONTACTS.name(text) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        *(("小", None), ("王" * 20, None), ("王" * 21, "long"), ("王" * 200, "long"), ("Anna Wang", None)),
        *(("123", "digits"), ("１２３", "digits"), ("😀", "empty"), ("", "empty"), ("=1+1", "markup")),
        *(("@SUM(A1)", "link"), ("+小王", "markup"), ("<b>", "markup"), ("a.com", "link"), ("http://x", "link")),
    ],
)
def test_what_is_wrong_with_a_name(name: str, problem: str | None) -> None:
    assert CONTACTS.problem(name) == problem


@pytest.mark.parametrize("clause", ["不想说名字", "莫得名字", "没有", "随便叫", "我不写名字", "别问了"])
def test_who_will_not_tell_a_name_has_not_told_one(clause: str) -> None:
    assert CONTACTS.withheld(clause)


@pytest.mark.parametrize("name", ["小王", "莫小文", "布和", "别克", "就业小王"])
def test_a_name_is_not_taken_for_a_refusal(name: str) -> None:
    assert not CONTACTS.withheld(name)


def test_numbers_are_read_out_in_groups() -> None:
    assert spaced("13812345678") == "138 1234 5678"
    assert spaced("09388212345") == "0938 821 2345"
    assert spaced("01012345678") == "010 1234 5678"
    assert spaced_receipt("123456789") == "123 456 789"
