"""What the bot is compared with: the smallest bots that other frameworks' own first example shows."""
