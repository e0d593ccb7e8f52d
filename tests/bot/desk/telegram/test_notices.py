"""A person who asked for it is told when their registration moves on, in the desk's own transaction."""

import pytest

from bot.desk.leads import Desk
from bot.desk.models import Caseworker
from bot.desk.names import load_names
from bot.desk.permissions import Refused
from bot.desk.telegram.front import Front
from bot.service import Service
from bot.store.store import Store
from conversations.materials import Materials
from tests.bot.desk.conftest import SOMEBODY
from tests.bot.desk.telegram.conftest import MONDAY, TIANSHUI, Clock
from tests.bot.desk.telegram.test_questions import Asker

WHO = Caseworker("王芳", "worker", TIANSHUI)
RECEIPT = "123456782"


@pytest.fixture
def asker(front: Front, materials: Materials) -> Asker:
    asker = Asker(Service(materials, front.at.store, front.now))
    front.at.store.registrations.add(
        front.at.store.sender("telegram", asker.user), RECEIPT, SOMEBODY, MONDAY, "telegram"
    )
    return asker


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, load_names(), clock)


def test_each_step_is_told_until_it_is_stopped(desk: Desk, asker: Asker, store: Store) -> None:
    assert "走到下一步" in asker.says("通知我")
    desk.claim(WHO, RECEIPT)
    told = asker.hears()
    assert "123 456 782" in told and "开始跟进" in told and "停止通知" in told and "王芳" not in told
    for step, words in (
        ("verified", "核对好了"),
        ("assessed", "评估做好了"),
        ("served", "就业服务"),
        ("closed", "已经结束"),
    ):
        desk.set_status(WHO, RECEIPT, step)  # type: ignore[arg-type]
        assert words in asker.hears()
    assert "不再通知" in asker.says("停止通知")
    desk.set_status(WHO, RECEIPT, "registered")
    assert asker.hears() == ""
    consents = store.ledger.consents(store.sender("telegram", asker.user))
    assert [(row["consent"], row["given"]) for row in consents] == [("notices", 1), ("notices", 0)]


def test_who_did_not_ask_is_told_nothing(desk: Desk, asker: Asker) -> None:
    desk.claim(WHO, RECEIPT)
    assert asker.hears() == ""


def test_asking_a_human_is_not_asking_for_notices(desk: Desk, asker: Asker, store: Store) -> None:
    store.recipients.keep(store.sender("telegram", asker.user), "telegram", asker.user, notices=False)
    desk.claim(WHO, RECEIPT)
    assert asker.hears() == ""


def test_what_is_refused_is_not_told(desk: Desk, asker: Asker) -> None:
    asker.says("通知我")
    with pytest.raises(Refused):
        desk.set_status(WHO, RECEIPT, "employed")
    assert asker.hears() == ""


def test_who_deleted_everything_is_told_nothing(desk: Desk, asker: Asker, store: Store) -> None:
    asker.says("通知我")
    asker.says("删除我的信息")
    assert store.recipients.get(store.sender("telegram", asker.user)) is None


def test_without_a_registration_or_a_channel_there_is_nothing_to_tell(asker: Asker) -> None:
    assert "没有登记" in Asker(asker.service, "78").says("通知我")
    assert "不能自己发消息" in Asker(asker.service, "79", channel="chat").says("通知我")
    assert "不能自己发消息" in Asker(asker.service, "79", channel="chat").says("停止通知")
