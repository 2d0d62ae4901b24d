"""The Telegram edge."""
