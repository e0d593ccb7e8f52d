"""The desk bot in process: who is let in, each command and button, and what is refused."""

import datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.desk.accounts import OPERATOR
from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Document, Heard, Picture, Say
from bot.store.store import Store
from tests.bot.desk.conftest import Register
from tests.bot.desk.telegram.conftest import MAIJI, MONDAY, QINZHOU, Caller, Clock, Link, buttons, taken

DAY = datetime.timedelta(days=1)


def test_a_stranger_gets_one_line_a_day(front: Front, clock: Clock) -> None:
    stranger = Caller(front, 9)
    assert "只给残联工作人员用" in stranger.says("你好")
    assert stranger.says("/leads") == "" and stranger.presses("claim:123456782") == []
    assert Caller(front, 8).says("/start")
    clock.now += DAY
    assert "1 2 3 4 5" in stranger.says("你好")


def test_wrong_codes_are_answered_alike_and_not_for_ever(front: Front, clock: Clock) -> None:
    accounts = front.at.accounts
    over, used, disabled = (accounts.add(OPERATOR, name, "worker", MAIJI) for name in ("甲甲", "乙乙", "丙丙"))
    assert "登录好了" in Caller(front, 2).says(used)
    accounts.disable(OPERATOR, "丙丙")
    clock.now += 4 * DAY
    guesser = Caller(front, 9)
    told = [guesser.says(code) for code in (over, used, disabled, "0123456789", "9876543210")]
    assert len(set(told)) == 1 and "不能用" in told[0]
    good = accounts.new_code(OPERATOR, "甲甲")
    assert "1小时" in guesser.says(good) and guesser.says(good) == ""
    clock.now += datetime.timedelta(hours=1, minutes=1)
    assert "登录好了" in guesser.says(good)


@pytest.mark.parametrize("form", ["{}", "/start {}", "登录码：{}", "０"], ids=str)
def test_a_code_is_found_however_it_is_written(front: Front, form: str) -> None:
    code = front.at.accounts.add(OPERATOR, "王芳", "worker", MAIJI)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[:5]) + " " + code[5:]
    assert "甘肃省天水市麦积区" in Caller(front, 1).says(wide if form == "０" else form.format(code))


def test_an_account_has_one_user_and_a_user_one_account(front: Front, wang: Caller) -> None:
    other_code = front.at.accounts.add(OPERATOR, "李强", "worker", MAIJI)
    assert "登录好了" not in wang.says(other_code)
    new = Caller(front, 2)
    assert "登录好了" in new.says(front.at.accounts.new_code(OPERATOR, "王芳"))
    assert "只给残联工作人员用" in wang.says("帮助") and "王芳" in new.says("帮助")
    assert front.at.store.desk_links.of_caseworker("李强") is None


def test_a_disabled_account_is_cut_off_at_once(front: Front, wang: Caller, register: Register) -> None:
    receipt = register()
    wang.presses(f"note:{receipt}")
    front.at.accounts.disable(OPERATOR, "王芳")
    assert "只给残联工作人员用" in wang.says("已通话")
    assert wang.presses(f"claim:{receipt}") == []
    lead = front.at.store.leads.get(receipt)
    assert lead and lead.claimed_by is None
    assert [event.kind for event in front.at.store.leads.events(receipt)] == ["registered"]


def test_what_was_owed_to_a_disabled_account_is_not_sent(front: Front, wang: Caller) -> None:
    wang.front.receive(_heard(wang, "帮助"))
    front.at.accounts.disable(OPERATOR, "王芳")
    assert list(taken(front)) == []


def test_leaving_needs_a_yes_and_a_new_code_to_come_back(front: Front, wang: Caller) -> None:
    (asked,) = wang.does(text="退出")
    assert buttons(asked) == ["unlink:", "no:"]
    assert "不写了" in wang.told("no:")
    assert "已经退出" in wang.told("unlink:")
    assert "只给残联工作人员用" in wang.says("我的")


def test_an_update_that_comes_again_does_nothing(wang: Caller, front: Front, register: Register) -> None:
    receipt = register()
    wang.presses(f"note:{receipt}")
    assert wang.does("k1", text="已通话") and not wang.does("k1", text="已通话")
    assert [event.text for event in front.at.store.leads.events(receipt)][1:] == ["已通话"]


def test_in_a_group_nothing_is_shown(wang: Caller) -> None:
    (told,) = wang.does(text="/leads", private=False, chat="-5")
    assert isinstance(told, Say) and "私聊" in told.text
    assert not wang.does(text="/leads", private=False, chat="-5") and not wang.does(text="嗨", private=False, chat="-6")
    assert not wang.does(kind="button", data="list:leads:::::::", private=False, chat="-5")


def test_lists_have_pages_and_filters(wang: Caller, register: Register) -> None:
    receipts = [register(call_name=f"王{number}") for number in range(12)]
    register(region="510100")
    register(region=QINZHOU, needs=("massage",))
    (first,) = wang.does(text="登记 麦积区 找工作 2026-11-01")
    assert (
        isinstance(first, Say) and "共12份" in first.text and "甘肃省天水市麦积区、找工作、2026-11-01起" in first.text
    )
    assert "王*" in first.text and "13812345678" not in first.text and "王11" not in first.text
    shown = [data.partition(":")[2] for data in buttons(first) if data.startswith("show:")]
    assert shown == receipts[:-6:-1]
    pages = [first]
    while forward := [data for data in buttons(pages[-1]) if data.startswith("list:") and data.split(":")[2]]:
        (page,) = wang.presses(forward[-1])
        assert isinstance(page, Say) and page.edits == 7
        pages.append(page)
    assert len(pages) == 3 and sum(page.text.count("\n1") + page.text.count("\n2") for page in pages) >= 3
    (picking,) = wang.presses(buttons(first)[-1])
    (verified,) = wang.presses(buttons(picking)[1])
    assert isinstance(verified, Say) and "已核对信息" in verified.text and "没有符合" in verified.text
    assert "秦州区" in wang.says("/leads 盲人按摩") and "共1份" in wang.says("/leads 盲人按摩")


def test_words_that_choose_nothing_are_named(wang: Caller) -> None:
    assert "没看懂“火星 2026-13-01”" in wang.says("登记 火星 天水市 2026-13-01")
    assert "不在您负责的地方" in wang.says("登记 成都市")


def test_ones_own_and_what_is_due(wang: Caller, register: Register, clock: Clock) -> None:
    mine, other, ended = register(), register(), register()
    for receipt in (mine, ended):
        wang.presses(f"claim:{receipt}")
    wang.presses(f"status:{ended}:closed")
    wang.presses(f"due:{mine}:{MONDAY.date()}")
    assert mine in wang.says("我的") and other not in wang.says("我的") and ended not in wang.says("我的")
    assert mine in wang.says("/due")
    wang.presses(f"due:{mine}:{(MONDAY + DAY).date()}")
    assert "共0份" in wang.says("到期")
    clock.now += 2 * DAY
    assert mine in wang.says("到期")


@pytest.mark.parametrize("query", ["13812345678", "王小明", "138 1234 5678"])
def test_search(wang: Caller, register: Register, query: str) -> None:
    receipt, elsewhere = register(), register(region="510100")
    told = wang.says(f"找 {query}")
    assert receipt in told and elsewhere not in told and "王小明" not in told
    assert "没有找到" in wang.says("/find 13900000000") and "请写登记号" in wang.says("/find")
    assert "王**" in wang.says(f"{receipt[:3]} {receipt[3:]}") and "没有找到" in wang.says(elsewhere)


def test_work_on_a_lead(wang: Caller, link: Link, register: Register, front: Front) -> None:
    receipt = register()
    li = link(2, "李强", region=MAIJI)
    card, told = wang.presses(f"claim:{receipt}")
    assert isinstance(card, Say) and card.edits == 7 and "跟进人：王芳" in card.text and isinstance(told, Say)
    assert "由您跟进" in told.text and f"release:{receipt}" in buttons(card)
    assert "已经由王芳跟进" in li.told(f"claim:{receipt}") and "不能放回" in li.told(f"release:{receipt}")
    (asked,) = wang.presses(f"status:{receipt}")
    assert f"status:{receipt}:verified" in buttons(asked) and f"status:{receipt}:employed" not in buttons(asked)
    assert "现在是：已核对信息" in wang.told(f"status:{receipt}:verified")
    assert "可以改成：已评估能力、已结案" in wang.told(f"status:{receipt}:employed")
    (days,) = wang.presses(f"due:{receipt}")
    assert f"due:{receipt}:2026-11-30" in buttons(days)
    assert "没看懂这个日期" in wang.says("下周") and "2026-12-01" in wang.says("2026-12-1")
    assert "已经过去了" in wang.told(f"due:{receipt}:2026-11-01")
    assert "不再定跟进" in wang.told(f"due:{receipt}:none")
    assert "放回" in wang.told(f"release:{receipt}")
    kinds = [event.kind for event in front.at.store.leads.events(receipt)]
    assert kinds == ["registered", "claimed", "status", "due", "due", "released"]
    assert "认领" in wang.told(f"show:{receipt}")


def test_a_note_is_asked_for_and_the_question_outlives_a_restart(
    front: Front, wang: Caller, register: Register
) -> None:
    receipt = register()
    assert "请把内容发过来" in wang.told(f"note:{receipt}")
    again = Caller(Front(front.at, front.now), 1)
    assert "记下了" in again.says("我的天，电话打不通")
    assert front.at.store.leads.events(receipt)[-1].text == "我的天，电话打不通"
    assert "没看懂" in again.says("再说一句")


def test_what_is_asked_can_be_dropped_and_is_over_after_a_while(wang: Caller, register: Register, clock: Clock) -> None:
    receipt = register()
    wang.presses(f"note:{receipt}")
    assert "什么都没有改" in wang.says("取消") and "没有正在做的事" in wang.says("取消")
    wang.presses(f"note:{receipt}")
    assert "共" in wang.says("/mine") and "没看懂" in wang.says("已通话")
    wang.presses(f"note:{receipt}")
    clock.now += datetime.timedelta(hours=13)
    assert "没看懂" in wang.says("已通话")


def test_what_is_in_clear_needs_a_reason_which_is_recorded(wang: Caller, register: Register, store: Store) -> None:
    receipt = register()
    assert "写原因" in wang.told(f"reveal:{receipt}")
    told = wang.says("第一次联系本人")
    assert "13812345678" in told and "王小明" in told
    (entry,) = [entry for entry in store.access_log.entries(receipt) if entry.operation == "reveal"]
    assert (entry.caseworker, entry.reason) == ("王芳", "第一次联系本人")


def test_a_reason_that_is_too_long_can_be_written_again(wang: Caller, register: Register) -> None:
    wang.presses(f"reveal:{register()}")
    assert "1到200个字" in wang.says("长" * 201)
    assert "13812345678" in wang.says("第一次联系本人")


@pytest.mark.parametrize("action", ["claim", "note", "reveal", "status", "due"])
def test_who_may_only_read_is_refused(link: Link, register: Register, store: Store, action: str) -> None:
    receipt = register()
    viewer = link(3, "看看", role="viewer")
    (shown,) = viewer.presses(f"show:{receipt}")
    assert buttons(shown) == [f"show:{receipt}"]
    assert "没有做这件事的权限" in viewer.told(f"{action}:{receipt}")
    assert "没有做这件事的权限" in viewer.says("导出")
    assert "没有做这件事的权限" in viewer.told("export::::::")
    assert [event.kind for event in store.leads.events(receipt)] == ["registered"]


@pytest.mark.parametrize("action", ["claim", "show", "note", "reveal", "status", "due", "release", "status:X:verified"])
def test_another_places_lead_is_not_there(link: Link, register: Register, store: Store, action: str) -> None:
    receipt = register(region=QINZHOU)
    worker = link(3, "麦积", region=MAIJI)
    name, _, rest = action.partition(":X")
    assert "没有找到" in worker.told(f"{name}:{receipt}{rest}")
    assert [event.kind for event in store.leads.events(receipt)] == ["registered"]


def test_charts_and_exports_are_made_when_they_are_sent(wang: Caller, register: Register, store: Store) -> None:
    register()
    picture, table = wang.does(text="统计 麦积区")
    assert isinstance(picture, Picture) and isinstance(table, Say) and "就业需求登记" in table.text
    assert wang.presses(buttons(table)[0]) != [] and all(len(data.encode()) <= 64 for data in buttons(table))
    (sure,) = wang.does(text="导出 麦积区")
    assert isinstance(sure, Say) and "1份登记" in sure.text
    (document,) = wang.presses(buttons(sure)[0])
    assert isinstance(document, Document) and document.wanted.region == MAIJI
    assert "export" not in {entry.operation for entry in store.access_log.entries()}
    assert "没有导出" in wang.says("导出 秦州区")


def test_old_and_broken_buttons_change_nothing(wang: Caller, register: Register) -> None:
    receipt = register()
    broken = ["x", "", "list:nobody:::::::", "list:leads", "list:leads::a:b", f"status:{receipt}:king"]
    for data in (*broken, f"due:{receipt}:tomorrow", "list:leads:::99::::", "chart:step", "list:leads::::::20261399:"):
        assert "按钮旧了" in wang.told(data), data


# Hypothesis knows the code's own words: whoever unlinks is a stranger from then on.
@given(text=st.text(max_size=60).filter(lambda text: not text.startswith("unlink")))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_written_or_pressed_is_answered(wang: Caller, text: str) -> None:
    assert wang.does(text=f"{text} x") and wang.does(text=f"登记 {text}") and wang.does(text=f"找 {text}x")
    assert wang.presses(text) and wang.presses(f"list:{text}") and wang.presses(f"due:{text}")


def test_what_is_no_text_is_not_taken(wang: Caller) -> None:
    (told,) = wang.does(kind="other")
    assert isinstance(told, Say) and "没有留下" in told.text


def test_help_names_every_command(wang: Caller, front: Front) -> None:
    told = wang.says("帮助")
    for name, command in front.at.words.commands.items():
        assert f"/{name}" in told and all(wang.says(word) for word in command.words if name != "unlink")


def test_a_person_who_blocked_the_bot_is_left_alone(wang: Caller, front: Front) -> None:
    wang.does(kind="blocked")
    assert front.at.store.desk_links.reachable() == []
    wang.does(kind="unblocked")
    assert [who.name for _, who in front.at.store.desk_links.reachable()] == ["王芳"]


def _heard(caller: Caller, text: str) -> Heard:
    return Heard(key="once", user=caller.user, chat=caller.user, private=True, kind="text", text=text)
