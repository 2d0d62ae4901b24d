"""`python -m bot` is `massage-bot`."""

from bot.cli import main

main()
