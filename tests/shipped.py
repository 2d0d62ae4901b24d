"""The shipped content, read once for all tests that need it whole."""

from __future__ import annotations

from functools import cache

from bot.assemble import Content, read_content
from corpus.yaml_source import Problems


@cache
def shipped() -> Content:
    """Everything, also when it has mistakes: `tests/bot/test_checking.py` tells those."""
    return read_content(problems=Problems())
