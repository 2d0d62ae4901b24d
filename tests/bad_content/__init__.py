"""Damaged content, and what must be said of it."""
