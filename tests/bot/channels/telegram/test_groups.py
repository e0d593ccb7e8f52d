"""In groups the bot answers questions from the texts when it is named, and nothing else."""

from typing import Any

from bot.channels.telegram.sending import CHANNEL
from bot.channels.telegram.words import load_words
from conversations.wording import Wording
from tests.bot.channels.telegram.conftest import Run, Talk
from tests.botapi.bots import Bot
from tests.botapi.entities import units
from tests.botapi.people import Person
from tests.botapi.server import BotApi

WORDS = load_words()


def mention(text: str, name: str = "@zhuye_bot") -> dict[str, Any]:
    offset = units(text.partition(name)[0])
    return {"text": text, "entities": [{"type": "mention", "offset": offset, "length": len(name)}]}


async def test_only_who_names_the_bot_is_answered(run: Run, server: BotApi, bot: Bot, wang: Person, talk: Talk) -> None:
    group = server.group(-5, "互助群")
    async with run():
        await group.adds_bot(wang)
        await wang.says("残疾人开店有补贴吗", to=group)
        await wang.sends(mention("@other_bot 残疾人开店有补贴吗", "@other_bot"), to=group)
        asked = await wang.sends(mention("😀 @Zhuye_bot 残疾人开店有补贴吗", "@Zhuye_bot"), to=group)
        (reply,) = await group.waits_for(1)
        assert (
            "写着：" in reply.text
            and "写“单位”" not in reply.text
            and reply.body["reply_to_message"]["message_id"] == asked.id
        )
        await wang.says("培训管吃住吗", to=group, reply_to=reply)
        await group.waits_for(2)
        await wang.sends(mention("@zhuye_bot"), to=group)
        await group.waits_for(3)
        await wang.says("/help@zhuye_bot", to=group)
        await group.waits_for(4)
        await wang.says("/apply@other_bot", to=group)
        await server.idle()
        sessions = await talk.run(lambda service: service.store.database.query("SELECT * FROM sessions"))
    assert [message.text for message in group.inbox[2:]] == [WORDS.notices.group_hello] * 2
    assert not sessions and not server.refused


async def test_what_is_personal_is_sent_to_the_private_chat(run: Run, server: BotApi, wang: Person) -> None:
    group = server.group(-5, "互助群")
    async with run():
        await group.adds_bot(wang)
        for command in ("register", "mydata"):
            await wang.says(f"/{command}@zhuye_bot", to=group)
        first, second = await group.waits_for(2)
    assert "https://t.me/zhuye_bot?start=register" in first.text
    assert "https://t.me/zhuye_bot?start=start" in second.text


async def test_an_id_number_in_a_group_is_deleted_where_that_is_allowed(
    run: Run, server: BotApi, bot: Bot, wang: Person, say: Wording
) -> None:
    group = server.group(-5, "互助群")
    async with run():
        await group.adds_bot(wang)
        async with bot.held():
            message = await wang.sends(mention("@zhuye_bot 11010519491231002X"), to=group)
            group.chat.status = "administrator"
        await group.waits_for(say("talk.id_number"))
    assert message.deleted


async def test_a_group_that_moves_is_answered_where_it_is_now(
    run: Run, server: BotApi, wang: Person, talk: Talk
) -> None:
    group = server.group(-5, "互助群")
    async with run():
        await group.adds_bot(wang)
        await wang.sends(mention("@zhuye_bot 残疾人开店有补贴吗"), to=group)
        await group.waits_for(1)
        moved = await group.becomes_supergroup(wang)
        await wang.sends(mention("@zhuye_bot 培训管吃住吗"), to=moved)
        await moved.waits_for(1)
        # An answer still owed to the old one.
        group.chat.status = "member"
        await wang.sends(mention("@zhuye_bot 残疾人开店有补贴吗"), to=group)
        await moved.waits_for(2)
        await server.idle()
    owed = await talk.run(lambda service: service.store.outbox.next_due(CHANNEL, 0))
    assert owed is None


async def test_a_group_that_throws_the_bot_out_is_left_alone(
    run: Run, server: BotApi, wang: Person, talk: Talk
) -> None:
    group = server.group(-5, "互助群")
    async with run():
        await group.adds_bot(wang)
        await wang.sends(mention("@zhuye_bot 残疾人开店有补贴吗"), to=group)
        await group.waits_for(1)
        await wang.sends(mention("@zhuye_bot 培训管吃住吗"), to=group)
        await group.removes_bot(wang)
        await server.until(lambda: [call.status for call in server.refused] == [403])
    owed = await talk.run(lambda service: service.store.outbox.next_due(CHANNEL, 0))
    assert owed is None
