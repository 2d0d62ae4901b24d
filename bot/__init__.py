"""How it reaches people: Telegram, terminal, batch, reminders, storage."""
