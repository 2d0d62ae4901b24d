"""Figure about the whole conversation: many people, in any order, against the strict local Bot API."""

# ruff: noqa: FBT001  the long or the short form

from __future__ import annotations

import asyncio
from typing import Final

from benchmarks.figures.measured import Figure, Measured
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.crowd import Crowd
from tests.hands.world import world_of

NEVER: Final = ("failures", "refused by Telegram", "dead buttons", "unanswered presses", "foreign words")


def any_order(long: bool) -> Measured:
    """Two crowds; everything that must never happen is counted."""
    messages, people = (5_000, 200) if long else (150, 12)
    return asyncio.run(_crowds(messages, people, seeds=(1, 2) if long else (3,)))


async def _crowds(messages: int, people: int, seeds: tuple[int, ...]) -> Measured:
    counted: dict[str, float] = {"messages": messages * len(seeds), "people": people * len(seeds)}
    wrong = dict.fromkeys(NEVER, 0.0)
    pressed = 0
    for seed in seeds:
        world = await world_of(shipped_parts(), MONDAY)
        crowd = Crowd(world, seed, people)
        await crowd.goes_on(messages)
        wrong["failures"] += len(crowd.failures())
        wrong["refused by Telegram"] += len(crowd.refused())
        wrong["dead buttons"] += len(crowd.dead)
        wrong["unanswered presses"] += len(world.state.unanswered_presses())
        wrong["foreign words"] += len(crowd.foreign_words())
        pressed += len(world.state.presses)
        await world.store.close()
    return Measured(numbers={**counted, "buttons pressed": pressed, **wrong}, at_most=dict.fromkeys(wrong, 0))


FIGURES = (
    Figure(
        name="any-order",
        says="5,000 messages, presses and look-ups of 200 people in any order, twice: nothing breaks or leaks.",
        run=any_order,
    ),
)
