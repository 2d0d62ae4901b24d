"""The local Bot API keeps Telegram's rules, and its page is a chat."""
