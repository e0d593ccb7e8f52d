import pytest

from bot.channels.web import limits
from bot.channels.web.limits import Buckets, Limit, TooOften, network


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_so_many_a_minute() -> None:
    clock = Clock()
    buckets = Buckets(Limit(3, 6), clock)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooOften) as refused:
        buckets.take("a")
    assert refused.value.seconds == 10
    buckets.take("b")
    clock.now += 10
    buckets.take("a")
    with pytest.raises(TooOften):
        buckets.take("a")
    clock.now += 1000
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooOften):
        buckets.take("a")


def test_not_more_names_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_NAMES", 3)
    buckets = Buckets(Limit(1, 1), Clock())
    for name in "abcd":
        buckets.take(name)
    buckets.take("a")
    with pytest.raises(TooOften):
        buckets.take("d")


def test_a_household_has_one_network() -> None:
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("unix") == "unix"
