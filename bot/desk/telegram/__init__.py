"""The desk as a Telegram bot, with python-telegram-bot, which only carries messages: the store owns the state."""
