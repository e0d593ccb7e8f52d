"""A Telegram update as what somebody did."""

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.desk.telegram.messages import Heard

KINDS = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)
"""The updates that we ask for."""


def heard(update: Update) -> Heard | None:
    """What an update tells; None if it is nothing to us."""
    if update.callback_query:
        return _pressed(update.callback_query)
    if update.message:
        return _said(update.message)
    return _member(update.my_chat_member, update.update_id) if update.my_chat_member else None


def _pressed(query: CallbackQuery) -> Heard | None:
    if query.message is None:
        return None
    chat = query.message.chat
    return Heard(
        key=f"press:{query.id}",
        user=str(query.from_user.id),
        chat=str(chat.id),
        private=chat.type == ChatType.PRIVATE,
        kind="button",
        data=query.data or "",
        # A message that Telegram does not show us any more cannot be changed either.
        message=query.message.message_id if isinstance(query.message, Message) else None,
    )


def _said(message: Message) -> Heard | None:
    if message.from_user is None:
        return None
    return Heard(
        key=f"message:{message.chat.id}:{message.message_id}",
        user=str(message.from_user.id),
        chat=str(message.chat.id),
        private=message.chat.type == ChatType.PRIVATE,
        kind="text" if message.text else "other",
        text=message.text or "",
        answers=_first_button(message.reply_to_message),
    )


def _first_button(message: Message | None) -> str:
    if message is None or message.reply_markup is None:
        return ""
    data = message.reply_markup.inline_keyboard[0][0].callback_data
    return data if isinstance(data, str) else ""


def _member(change: ChatMemberUpdated, number: int) -> Heard:
    gone = change.new_chat_member.status in (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
    return Heard(
        key=f"member:{number}:{change.date.timestamp()}",
        user=str(change.from_user.id),
        chat=str(change.chat.id),
        private=change.chat.type == ChatType.PRIVATE,
        kind="blocked" if gone else "unblocked",
    )
