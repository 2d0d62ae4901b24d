"""A message costs what its length costs: no cue, alias or sign makes a long one dearer than that.

Counted in steps of the interpreter, so that the machine and its load do not matter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType
from typing import Any, Final

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.assemble import INTENTS
from corpus.pattern import example_words
from tests.shipped import shipped

SHORT: Final = 1_000
"""Characters: beyond the reach of any cue, so that what is added looks like what stands there."""
TIMES: Final = 4
MOST: Final = 1.6
"""What a character of the longer message may cost, against one of the shorter. A square would give 4."""
SEPARATORS: Final = (" ", ", ", ". ", "? ", "\n", " and ", " и ")


@cache
def spellings() -> list[str]:
    """Every alias, cue and sign as somebody would write it, and the sentences beside them."""
    files = [INTENTS / "cues.yaml", INTENTS / "red_flags.yaml", INTENTS / "scopes.yaml"]
    texts = [spelling.pattern for spelling in shipped().rulebook.spellings]
    for file in files:
        texts += leaves(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    written = (example_words(text)[:1] for text in dict.fromkeys(texts))
    return [" ".join(word.form for word in words) for found in written for words in found]


def leaves(value: Any) -> Iterator[str]:
    """All texts of a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)


def steps(work: Callable[[], object]) -> int:
    """How many steps the interpreter takes."""
    taken = 0

    def traced(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal taken
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        taken += event == "opcode"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


def cost(text: str) -> int:
    recognise = shipped().recogniser.recognise
    recognise(text)  # what is worked out once is no part of it
    return steps(lambda: recognise(text))


def test_a_step_is_counted() -> None:
    assert (
        steps(lambda: sum(number for number in range(1000))) > steps(lambda: sum(number for number in range(10))) + 900
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.deferred(lambda: st.sampled_from(spellings())), min_size=1, max_size=4),
    st.sampled_from(SEPARATORS),
)
@example(["my"], " ")
@example(["моя"], " ")
@example(["neck of my", "my", "my", "my"], " ")
@example(["is"], "? ")
@example(["no"], ", ")
@example(["my brother has"], " ")
@example(["fever"], "? ")
@example(["38.5"], " ")
def test_four_times_the_text_costs_four_times_as_much(written: list[str], separator: str) -> None:
    unit = separator.join([*written, ""])
    short = unit * (SHORT // len(unit) + 1)
    assert cost(short * TIMES) <= MOST * TIMES * cost(short)
