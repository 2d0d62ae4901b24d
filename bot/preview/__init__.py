"""A local Bot API and its chat page: the real bot without a token."""
