"""What operators are told of a request for updates that failed, whichever bot and framework asked."""

from bot.store.base import StoreError
from bot.store.sealing import BadKeys


def why(error: Exception, token: str, conflict: type[Exception], wait: type[Exception]) -> str:
    """What is wrong, in the words of the setting at fault; `token` names the bot's.

    `conflict` and `wait` are the framework's errors for "somebody else asks" and for "too many requests".
    """
    if isinstance(error, StoreError | BadKeys):
        return str(error)
    if isinstance(error, conflict):
        return f"another process asks with the same {token}"
    if isinstance(error, wait):
        return "Telegram asks us to wait"
    return f"ZHUYE_TELEGRAM_API cannot be used now ({type(error).__name__})"
