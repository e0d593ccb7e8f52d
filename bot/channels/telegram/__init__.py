"""The public bot on Telegram."""
