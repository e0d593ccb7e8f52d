"""`python -m bot` is `zhuye`."""

from bot.cli import main

main()
