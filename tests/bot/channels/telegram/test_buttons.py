"""Programmes of a result by button: the list changes into one, and back; old buttons harm nothing."""

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.words import load_words
from conversations.wording import Wording
from tests.bot.channels.telegram.conftest import Run, Talk
from tests.botapi.bots import Bot
from tests.botapi.chats import Message
from tests.botapi.errors import bad
from tests.botapi.people import Person
from tests.botapi.server import BotApi

BACK = load_words().buttons.back


def tells(message: Message, name: str) -> bool:
    """Whether a message tells of one programme, and is no list."""
    return name in message.text.splitlines()[0]


async def result(person: Person) -> Message:
    """The list of what fits, with its buttons."""
    before = len(person.inbox)
    await person.says("我是天水的，视力一级，想开个按摩店")
    await person.waits_for(before + 1)
    await person.says("是第一次")
    inbox = await person.waits_for(before + 4)
    return next(message for message in inbox[before:] if message.buttons)


async def test_a_programme_is_expanded_in_place_and_the_list_comes_back(
    either: TelegramChannel, server: BotApi, wang: Person
) -> None:
    shown = await result(wang)
    before = shown.text
    assert shown.buttons == ["看第1项", "看第2项", "看第3项"]
    count = len(wang.inbox)
    press = await wang.presses("看第2项", shown)
    await server.until(lambda: BACK in shown.buttons)
    assert tells(shown, "盲人按摩培训") and shown.buttons == ["看第1项", "看第2项", "看第3项", BACK]
    assert press.answer == {}
    await wang.presses("看第1项", shown)
    await server.until(lambda: tells(shown, "盲人按摩首次"))
    assert shown.buttons == ["看第1项", "看第2项", "看第3项", BACK]
    await wang.presses(BACK, shown)
    await server.until(lambda: shown.text == before)
    assert shown.buttons == ["看第1项", "看第2项", "看第3项"]
    await server.idle()
    assert len(wang.inbox) == count and not server.refused


async def test_each_part_of_a_result_numbers_its_own(run: Run, wang: Person) -> None:
    async with run():
        await result(wang)
        buttons = [message.buttons for message in wang.inbox if message.buttons]
        assert buttons == [["看第1项", "看第2项", "看第3项"], ["看第4项", "看第5项"]]
        await wang.presses("看第4项")
        await wang.waits_for(lambda inbox: any(tells(message, "医疗按摩所") for message in inbox))
        await wang.presses(BACK)
        await wang.waits_for(lambda inbox: not any(BACK in message.buttons for message in inbox))


async def test_a_message_that_cannot_be_changed_is_said_anew(run: Run, server: BotApi, wang: Person) -> None:
    async with run():
        shown = await result(wang)
        server.fails("editMessageText", bad("message can't be edited"))
        await wang.presses("看第2项", shown)
        await wang.waits_for(lambda inbox: tells(inbox[-1], "盲人按摩培训"))
        assert shown.buttons and BACK in wang.inbox[-1].buttons
        await wang.presses(BACK, wang.inbox[-1])
        await wang.waits_for(lambda inbox: inbox[-1].text == shown.text)


async def test_a_button_of_a_message_that_is_gone_is_answered(run: Run, server: BotApi, wang: Person) -> None:
    async with run():
        shown = await result(wang)
        shown.deleted = True
        await wang.presses("看第2项", shown) if shown in wang.inbox else await wang._press(shown.data[1], shown)
        await wang.waits_for(lambda inbox: tells(inbox[-1], "盲人按摩培训"))


async def test_old_buttons_change_nothing_and_show_what_stands(
    run: Run, server: BotApi, bot: Bot, wang: Person, say: Wording
) -> None:
    async with run():
        shown = await result(wang)
        text = shown.text
        await wang.says("补贴 资格")
        await wang.waits_for(
            lambda inbox: "哪个县" in inbox[-1].text or "一类" in inbox[-1].text or bool(wang.keyboard)
        )
        count = len(wang.inbox)
        for data in (shown.data[0], "p:NO-1:1:0", "l:999:7", "nonsense", "p:x:y:z", "l:-1:-1", "p::::", "x" * 64):
            press = await wang._press(data, shown)
            count += 1
            await wang.waits_for(count)
            assert say("talk.old_button") in wang.inbox[-1].text
            await server.until(lambda: press.answer is not None)  # noqa: B023
        assert shown.text == text


async def test_a_list_that_no_key_opens_any_more_holds_nobody_up(
    run: Run, talk: Talk, wang: Person, say: Wording
) -> None:
    async with run():
        shown = await result(wang)
        await wang.presses("看第2项", shown)
        await wang.waits_for(lambda inbox: any(BACK in message.buttons for message in inbox))
        await talk.run(lambda service: service.store.database.execute("UPDATE turns SET sealed = ?", (b"damaged",)))
        await wang.presses(BACK, shown)
        await wang.waits_for(lambda inbox: say("talk.old_button") in inbox[-1].text)


async def test_a_press_that_expired_or_comes_twice_is_handled_once(
    run: Run, server: BotApi, bot: Bot, wang: Person
) -> None:
    async with run():
        shown = await result(wang)
        async with bot.held():
            press = await wang.presses("看第2项", shown)
            press.expires()
            await bot.hears_again()
        await server.until(lambda: tells(shown, "盲人按摩培训"))
        await server.idle()
    assert len(server.called("editMessageText")) == 1
