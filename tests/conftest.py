"""What do the tests share? The shipped content, read once."""

from __future__ import annotations

import pytest

from bot.answer import Answerer
from bot.assemble import Content, read_content
from corpus.yaml_source import Problems


@pytest.fixture(scope="session")
def content() -> Content:
    """Everything that is shipped; mistakes in it have tests of their own."""
    return read_content(problems=Problems())


@pytest.fixture(scope="session")
def answerer(content: Content) -> Answerer:
    """Whoever answers from the shipped content."""
    return content.answerer()
