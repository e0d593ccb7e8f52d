"""The demand registration (就业需求登记): notice, consents, one question after the other, a look over it, and sent."""

from conversations.dialogs.registration.answering import not_an_answer, reading_of, take_answer
from conversations.dialogs.registration.deciding import amend, which_item, withdraw
from conversations.dialogs.registration.flow import back, begin_for_another, change, go_on, settled, start

__all__ = [
    "amend",
    "back",
    "begin_for_another",
    "change",
    "go_on",
    "not_an_answer",
    "reading_of",
    "settled",
    "start",
    "take_answer",
    "which_item",
    "withdraw",
]
