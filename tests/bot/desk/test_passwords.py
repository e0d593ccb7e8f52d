"""Which passwords are good enough, and that they are kept as they should be."""

import pytest
from argon2 import PasswordHasher

from bot.desk.passwords import LONGEST, Passwords, weakness

NAME = "秦州-王芳"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("x7#Kp2!mQz9", "short"),
        ("x" * (LONGEST + 1), "long"),
        ("password1234", "common"),
        ("P@ssw0rd2026!", "common"),
        ("qwertyuiop123456", "common"),
        ("1qaz2wsx3edc", "common"),
        ("woaini5201314", "common"),
        ("aaaaaaaaaaaaaaaa", "common"),
        ("abcdefghijklmnop", "common"),
        ("蓝信封蓝信封蓝信封蓝信封", "common"),
        ("秦州王芳2026残联123", "common"),
        ("ＰＡＳＳＷＯＲＤ１２３４", "common"),
        ("correct horse battery staple", None),
        ("x7#Kp2!mQz9L", None),
        ("四匹马 蓝信封 慢慢走 七号桥", None),
    ],
)
def test_a_password_is_long_and_not_what_everybody_thinks_of(password: str, wrong: str | None) -> None:
    assert weakness(password, NAME) == wrong


def test_only_the_same_password_is_right() -> None:
    kept = CHEAP.hash("correct horse battery staple")
    assert kept.startswith("$argon2id$") and "horse" not in kept
    assert CHEAP.verify(kept, "correct horse battery staple")
    assert not CHEAP.verify(kept, "correct horse battery stapl") and not CHEAP.verify(None, "")
    assert not CHEAP.verify("damaged", "correct horse battery staple")
    assert CHEAP.verify(CHEAP.hash("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301")


def test_what_was_hashed_more_cheaply_is_hashed_anew() -> None:
    assert Passwords().outdated(CHEAP.hash("x")) and not CHEAP.outdated(CHEAP.hash("x"))
