"""No regular expression of ours takes long on the longest text that people may send.

Time is the processor's, so that a busy machine changes nothing; what grows with the square of the text or faster is
over the bound by orders of magnitude.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import bot
import corpus
import intents

LONGEST = 4096
SECONDS = 0.5
HOSTILE = ("a", " ", "1", "а", "<", "&", "_", "-", ".", ":", "1:", "a ", "a-", "1 ", "@a", "/a", "\n", "1-1 ")


def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern that stands in a module of ours, alone or in a container."""
    found = {}
    for package in (bot, corpus, intents):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    found |= {f"{module.name}.{name}{more}": one for more, one in inside(value)}
    return found


def inside(value: Any) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield "", value
    elif isinstance(value, dict | list | tuple):
        each = value.items() if isinstance(value, dict) else enumerate(value)
        yield from ((f"[{key}]", one) for key, one in each if isinstance(one, re.Pattern))


def slowest(pattern: re.Pattern[Any], *, longest: int = LONGEST) -> float:
    """Processor seconds for the worst of many hostile texts."""
    worst = 0.0
    for unit in HOSTILE:
        text: Any = (unit * longest)[:longest] + "!"
        if isinstance(pattern.pattern, bytes):
            text = text.encode()
        started = time.process_time()
        pattern.search(text)
        worst = max(worst, time.process_time() - started)
    return worst


PATTERNS = patterns()


def test_the_patterns_are_found():
    assert len(PATTERNS) >= 20


def test_a_dangerous_pattern_would_be_noticed():
    dangerous = re.compile(r"(\w+\s?)+$")
    assert slowest(dangerous, longest=19) > 20 * slowest(dangerous, longest=9)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_longest_message_takes_no_pattern_long(name):
    assert slowest(PATTERNS[name]) < SECONDS
