"""What the server accepts, refuses and shows, call by call."""

import json
from typing import Any

import aiohttp
import pytest

from tests.botapi.conftest import Api
from tests.botapi.entities import formatted, parse_html
from tests.botapi.errors import Refused
from tests.botapi.people import Person
from tests.botapi.server import BotApi

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def keyboard(*labels: str, data: str = "") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": data or f"data:{label}"}] for label in labels]}


async def test_a_bot_is_who_its_token_says(api: Api) -> None:
    me = await api("getMe")
    assert me["id"] == 7001 and me["is_bot"] is True and me["username"] == "zhuye_bot"
    assert await api("getme") == me, "the names of methods may be in any case"
    assert await api("getMe", token="7001:other") == "Unauthorized"


async def test_a_bot_cannot_write_first(api: Api, wang: Person) -> None:
    assert await api("sendMessage", chat_id=1, text="你好") == "Bad Request: chat not found"
    await wang.says("/start")
    sent = await api("sendMessage", chat_id=1, text="你好")
    assert sent["chat"] == {"id": 1, "type": "private", "first_name": "王芳"}
    assert sent["from"]["is_bot"] and isinstance(sent["date"], int)
    assert [message.text for message in wang.inbox] == ["你好"]


@pytest.mark.parametrize("form", [True, False])
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"text": "字" * 4096}, None),
        ({"text": "字" * 4097}, "message is too long"),
        ({"text": f"<b>{'字' * 4096}</b>", "parse_mode": "HTML"}, None),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({}, "message text is empty"),
        ({"text": "[1, 2]"}, None),
        ({"text": "a", "txet": "b"}, "sendMessage has no parameter txet"),
        ({"text": "a", "chat_id": 99}, "chat not found"),
        ({"text": "a", "parse_mode": "Markdown"}, "this test server reads no parse_mode Markdown"),
        ({"text": "<i>", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding to start tag"),
        ({"text": "a", "reply_parameters": '{"message_id": 99}'}, "message to be replied not found"),
        ({"text": "a", "disable_notification": "perhaps"}, "can't parse disable_notification"),
    ],
)
async def test_a_text_has_its_limits(
    api: Api, wang: Person, fields: dict[str, Any], refusal: str | None, form: bool
) -> None:
    await wang.says("/start")
    if not form and "reply_parameters" in fields:
        fields = fields | {"reply_parameters": json.loads(fields["reply_parameters"])}
    answer = await api("sendMessage", form=form, **{"chat_id": 1, **fields})
    if refusal is None:
        assert answer["text"] == fields["text"].removeprefix("<b>").removesuffix("</b>")
    else:
        assert answer.startswith(f"Bad Request: {refusal}")
        assert not wang.inbox


@pytest.mark.parametrize(
    ("markup", "refusal"),
    [
        (keyboard("好", data="字" * 21 + "a"), None),
        (keyboard("好", data="字" * 21 + "ab"), "BUTTON_DATA_INVALID"),
        (keyboard(" "), "button text must be non-empty"),
        (keyboard(*map(str, range(100))), None),
        (keyboard(*map(str, range(101))), "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "好"}]]}, "text buttons are unallowed in the inline keyboard"),
        ({"inline_keyboard": [[{"text": "a", "url": "https://a.example", "callback_data": "a"}]]}, "an inline button"),
        ({"inline_keyboard": [[{"text": "a", "callbackdata": "a"}]]}, "sendMessage was given unknown fields: callb"),
        ({"keyboard": []}, "reply keyboard is empty"),
    ],
)
async def test_a_keyboard_has_its_limits(api: Api, wang: Person, markup: dict[str, Any], refusal: str | None) -> None:
    await wang.says("/start")
    answer = await api("sendMessage", form=True, chat_id=1, text="选", reply_markup=json.dumps(markup))
    if refusal is None:
        assert answer["reply_markup"] == markup
    else:
        assert answer.startswith(f"Bad Request: {refusal}")


async def test_the_inbox_shows_edits_and_deletions(api: Api, wang: Person) -> None:
    said = await wang.says("/start")
    first = await api("sendMessage", chat_id=1, text="选", reply_markup=keyboard("是", "否"))
    at = {"chat_id": 1, "message_id": first["message_id"]}
    assert wang.inbox[0].buttons == ["是", "否"] and wang.inbox[0].data == ["data:是", "data:否"]
    assert await api("editMessageText", **at, text="选", reply_markup=keyboard("是", "否")) == NOT_MODIFIED
    bold = await api("editMessageText", **at, text="<b>选</b>", parse_mode="HTML")
    assert bold["entities"] == [{"type": "bold", "offset": 0, "length": 1}] and "edit_date" in bold
    assert sorted(await api("editMessageText", **at, text="选")) == sorted(set(bold) - {"entities"})
    await api("editMessageText", **at, text="好")
    assert [(message.text, message.buttons) for message in wang.inbox] == [("好", [])]
    assert await api("editMessageReplyMarkup", **at) == NOT_MODIFIED
    await api("editMessageReplyMarkup", **at, reply_markup=keyboard("走"))
    assert wang.inbox[0].buttons == ["走"]
    assert (
        await api("editMessageText", chat_id=1, message_id=said.id, text="a") == "Bad Request: message can't be edited"
    )
    assert await api("deleteMessage", **at) is True and not wang.inbox
    assert await api("deleteMessage", **at) == "Bad Request: message to delete not found"
    assert await api("editMessageText", **at, text="a") == "Bad Request: message to edit not found"


async def test_old_messages_stay(api: Api, wang: Person) -> None:
    said = await wang.says("/start")
    said.becomes_old()
    assert await api("deleteMessage", chat_id=1, message_id=said.id) == "Bad Request: message can't be deleted"
    sent = await api("sendMessage", chat_id=1, text="a")
    assert await api("deleteMessages", chat_id=1, message_ids=[said.id, sent["message_id"], 99]) is True
    assert wang.chat.shown == [said]


async def test_a_pressed_button_is_answered_once(api: Api, wang: Person) -> None:
    await wang.says("/start")
    await api("sendMessage", chat_id=1, text="选", reply_markup=keyboard("是"))
    press = await wang.presses("是")
    assert press.data == "data:是" and press.answer is None
    assert await api("answerCallbackQuery", callback_query_id=press.id, text="好") is True
    assert press.answer == {"text": "好"}
    assert await api("answerCallbackQuery", callback_query_id=press.id) == TOO_OLD
    late = await wang.presses("data:是")
    late.expires()
    assert await api("answerCallbackQuery", callback_query_id=late.id) == TOO_OLD
    with pytest.raises(AssertionError, match="no button '否'"):
        await wang.presses("否")


async def test_a_button_of_a_deleted_message_is_inaccessible(api: Api, wang: Person) -> None:
    await wang.says("/start")
    sent = await api("sendMessage", chat_id=1, text="选", reply_markup=keyboard("是"))
    (message,) = wang.inbox
    await wang.presses("是")
    await api("deleteMessage", chat_id=1, message_id=sent["message_id"])
    await wang.presses("是", message)
    shown, gone = [update["callback_query"] for update in (await api("getUpdates"))[1:]]
    assert shown["message"]["text"] == "选" and shown["chat_instance"] == gone["chat_instance"]
    assert gone["message"] == {"message_id": message.id, "chat": message.body["chat"], "date": 0}


async def test_a_reply_keyboard_sends_its_labels(api: Api, wang: Person) -> None:
    await wang.says("/start")
    await api("sendMessage", chat_id=1, text="选", reply_markup={"keyboard": [[{"text": "登记"}, {"text": "帮助"}]]})
    assert wang.keyboard == ["登记", "帮助"]
    assert (await wang.taps("登记")).text == "登记"
    await api("sendMessage", chat_id=1, text="好", reply_markup={"remove_keyboard": True})
    assert wang.keyboard == []


async def test_what_people_send_can_be_fetched(server: BotApi, api: Api, wang: Person) -> None:
    await wang.sends_photo(caption="证")
    await wang.sends_voice()
    await wang.sends_sticker()
    await wang.sends_location(34.58, 105.72)
    await wang.sends_contact("13900000000")
    await wang.forwards("转", of="李")
    await wang.edits(await wang.says("/help@zhuye_bot 天水"), "改 /start")
    document = await wang.sends_document(b"%PDF-1", "证.pdf", caption="看")
    messages = [update.get("message") for update in await api("getUpdates")]
    assert [kind in message for kind, message in zip(
        ("photo", "voice", "sticker", "location", "contact", "forward_origin", "text"), messages, strict=False
    )] == [True] * 7  # fmt: skip
    assert messages[6]["entities"] == [{"type": "bot_command", "offset": 0, "length": 15}]
    file = await api("getFile", file_id=document.body["document"]["file_id"])
    async with aiohttp.ClientSession() as session:
        address = f"{server.base}/file/bot7001:public/{file['file_path']}"
        async with session.get(address) as response:
            assert await response.read() == b"%PDF-1"
        async with session.get(f"{address}x") as response:
            assert response.status == 404


async def test_a_bot_sends_files_and_copies(api: Api, server: BotApi, wang: Person) -> None:
    await wang.says("/start")
    sent = await wang.sends_photo()
    again = await api("sendPhoto", chat_id=1, photo=sent.body["photo"][0]["file_id"], caption="字" * 1024)
    assert again["photo"] == sent.body["photo"]
    assert await api("sendPhoto", chat_id=1, photo="?", caption="") == (
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    )
    long = {"chat_id": 1, "photo": again["photo"][0]["file_id"], "caption": "字" * 1025}
    assert await api("sendPhoto", **long) == "Bad Request: message caption is too long"
    copied = await api("copyMessage", chat_id=1, from_chat_id=1, message_id=again["message_id"])
    assert wang.inbox[-1].id == copied["message_id"] and wang.inbox[-1].text == "字" * 1024


async def test_the_menu_and_the_texts_are_kept_by_language(api: Api) -> None:
    commands = [{"command": "start", "description": "开始"}]
    assert await api("setMyCommands", commands=commands) is True
    assert await api("getMyCommands") == commands
    assert await api("getMyCommands", language_code="zh") == []
    for name in ("Start", "a" * 33, "开始", ""):
        wrong = [{"command": name, "description": "开始"}]
        assert await api("setMyCommands", commands=wrong) == "Bad Request: BOT_COMMAND_INVALID"
    assert await api("getMyCommands") == commands
    for kind, longest in (("Name", 64), ("Description", 512), ("ShortDescription", 120)):
        key = {"ShortDescription": "short_description"}.get(kind, kind.lower())
        assert await api(f"setMy{kind}", **{key: "字" * longest, "language_code": "zh"}) is True
        assert await api(f"getMy{kind}", language_code="zh") == {key: "字" * longest}
        assert await api(f"getMy{kind}") == {key: "助业" if kind == "Name" else ""}
        assert (await api(f"setMy{kind}", **{key: "字" * (longest + 1)})).startswith("Bad Request")


async def test_unknown_methods_are_bad_requests(api: Api) -> None:
    assert await api("sendMesage") == "Bad Request: method sendMesage not found"
    assert await api("sendDice", chat_id=1) == "Bad Request: this test server does not do sendDice"


async def test_groups_and_channels(server: BotApi, api: Api, wang: Person) -> None:
    group = server.group(-5, "残联")
    await group.adds_bot(wang)
    said = await wang.says("/start", to=group)
    assert await api("sendMessage", chat_id=1, text="a") == "Bad Request: chat not found", "it was not told privately"
    for number in (said.id, (await api("sendMessage", chat_id=-5, text="a"))["message_id"]):
        deleted = await api("deleteMessage", chat_id=-5, message_id=number)
        assert deleted == ("Bad Request: message can't be deleted" if number == said.id else True)
    await api("sendMessage", chat_id=-5, text="好")
    assert [message.text for message in await group.waits_for("好")] == ["好"]
    big = await group.becomes_supergroup(wang)
    assert await api("sendMessage", chat_id=-5, text="a") == (
        "Bad Request: group chat was upgraded to a supergroup chat"
    )
    assert (await api("sendMessage", chat_id=big.id, text="a"))["chat"]["type"] == "supergroup"
    assert (await api("getChat", chat_id=big.id))["title"] == "残联"
    assert await api("leaveChat", chat_id=big.id) is True
    assert await api("sendMessage", chat_id=big.id, text="a") == (
        "Forbidden: bot is not a member of the supergroup chat"
    )
    channel = server.channel(9, "公告")
    await channel.posts("新政策")
    kinds = [sorted(set(update) - {"update_id"})[0] for update in await api("getUpdates")]
    assert kinds == ["my_chat_member", "message", "message", "message", "channel_post"]


async def test_a_person_who_blocks_the_bot_is_not_written_to(api: Api, wang: Person) -> None:
    await wang.says("/start")
    await wang.blocks()
    assert await api("sendMessage", chat_id=1, text="a") == "Forbidden: bot was blocked by the user"
    assert await api("sendChatAction", chat_id=1, action="typing") == "Forbidden: bot was blocked by the user"
    await wang.unblocks()
    assert await api("sendChatAction", chat_id=1, action="typing") is True
    assert await api("sendChatAction", chat_id=1, action="sleeping") == "Bad Request: wrong parameter action in request"
    changes = [u["my_chat_member"]["new_chat_member"]["status"] for u in (await api("getUpdates"))[1:]]
    assert changes == ["kicked", "member"]


def test_html_becomes_entities_that_count_utf_16() -> None:
    text, entities = parse_html(
        "\N{WAVING HAND SIGN}<b>甲 &lt;<i>乙</i></b><a href='https://a.example/?a=1&amp;b'>丙</a>"
    )
    assert text == "\N{WAVING HAND SIGN}甲 <乙丙"
    assert entities == [
        {"type": "bold", "offset": 2, "length": 4},
        {"type": "italic", "offset": 5, "length": 1},
        {"type": "text_link", "offset": 6, "length": 1, "url": "https://a.example/?a=1&b"},
    ]


def test_white_space_around_a_text_is_lost_and_entities_move() -> None:
    bold = [{"type": "bold", "offset": 0, "length": 4}]
    assert formatted("  甲乙 ", None, bold) == ("甲乙", [{"type": "bold", "offset": 0, "length": 2}])
    with pytest.raises(Refused, match="ENTITY_BOUNDS_INVALID"):
        formatted("甲", None, bold)


@pytest.mark.parametrize("text", ["<p>a</p>", "a < b", "<b>a</i>", "a</b>", "<b>a"])
def test_wrong_html_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="can't parse entities"):
        parse_html(text)
