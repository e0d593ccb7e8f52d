"""One letter of the outbox to Telegram, and what its failures mean."""

import datetime
import io

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.outbox_sender import Gone, Later, Never, Turn
from bot.desk.drafts import Drafts
from bot.desk.permissions import Refused
from bot.desk.telegram import cards, questions
from bot.desk.telegram.front import Front
from bot.desk.telegram.messages import Asked, Content, Document, New, Picture, Rows, Say, content_of
from bot.desk.telegram.outputs import File, drawn, exported
from bot.store.outbox import Owed
from bot.worker import Worker

UPLOAD_SECONDS = 120
"""How long a file may take."""
LEASE_SECONDS = 60.0
"""Longer than a file takes to be made, while which this process cannot say that it is still on its way."""
MOST_AT_ONCE = 20
"""Files that are on their way are held in memory."""


class Sending:
    """Sends letters through a bot. What is drawn or exported is made now, for the account as it is now."""

    def __init__(self, bot: Bot, front: Worker[Front], drafts: Drafts) -> None:
        self._bot = bot
        self._front = front
        self._drafts = drafts

    async def send(self, owed: Owed, turn: Turn) -> None:
        """Send one.

        Raises:
            Later, Never, Gone: it was not sent.

        """
        chat = owed.letter.address
        made = await self._front.run(self._made, content_of(owed.letter))
        if made is None:
            return
        await turn(chat)
        try:
            await (self._say(int(chat), made) if isinstance(made, Say) else self._upload(int(chat), made))
        except RetryAfter as error:
            wait = error.retry_after
            raise Later(wait.total_seconds() if isinstance(wait, datetime.timedelta) else wait) from error
        except (Forbidden, ChatMigrated) as error:
            raise Gone from error
        except BadRequest as error:
            raise Never(str(error)) from error
        except (NetworkError, InvalidToken) as error:
            raise Later from error
        except TelegramError as error:
            raise Never(str(error)) from error

    def _made(self, front: Front, content: Content) -> Say | File | None:
        """What is to be sent; words in its place if the account may not have it any more, or nothing."""
        at, words = front.at, front.at.words
        try:
            match content:
                case New():
                    return cards.new(at, content)
                case Asked():
                    return questions.shown(at, content)
                case Picture():
                    return drawn(at, content) or Say(words.say("old_button"))
                case Document():
                    return exported(at, content, self._drafts, front.now().date().isoformat())
                case Say():
                    return content
        except Refused as refused:
            return Say(words.say("export_large" if refused.code == "export_large" else "not_any_more"))

    async def _upload(self, chat: int, file: File) -> None:
        if file.picture:
            await self._bot.send_photo(chat, io.BytesIO(file.data), caption=file.caption, write_timeout=UPLOAD_SECONDS)
            return
        await self._bot.send_document(
            chat,
            io.BytesIO(file.data),
            filename=file.name,
            caption=file.caption,
            protect_content=True,
            write_timeout=UPLOAD_SECONDS,
        )

    async def _say(self, chat: int, content: Say) -> None:
        """A text; one that cannot take another's place is said anew."""
        keyboard = _keyboard(content.buttons)
        if content.edits is not None:
            try:
                await self._bot.edit_message_text(content.text, chat, content.edits, reply_markup=keyboard)
                return
            except BadRequest as error:
                if "not modified" in str(error):
                    return
        await self._bot.send_message(chat, content.text, reply_markup=keyboard, protect_content=True)


def _keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.data) for button in row] for row in rows]
    )
