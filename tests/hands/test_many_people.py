"""Many people write, press and wait in any order: nothing breaks, nobody sees what is another's."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.preview.records import Person
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.crowd import WORDS, Crowd, secret
from tests.hands.test_every_button import OPENINGS
from tests.hands.world import World, world_of

MESSAGES, PEOPLE = 300, 12
"""5,000 messages of 200 people are the figure `any-order`: python -m benchmarks.figures any-order"""


@pytest.mark.anyio
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_crowd_in_any_order(seed):
    world = await world_of(shipped_parts(), MONDAY)
    crowd = Crowd(world, seed, PEOPLE)
    await crowd.goes_on(MESSAGES)
    assert (crowd.dead, crowd.refused(), crowd.failures(), crowd.foreign_words()) == ([], [], [], [])
    assert world.state.unanswered_presses() == []
    await world.store.close()


person_numbers = st.integers(min_value=0, max_value=2)
buttons = st.integers(min_value=0, max_value=40)
texts = st.sampled_from([*OPENINGS["en"], *OPENINGS["ru"]]) | st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join)


class AnyConversation(RuleBasedStateMachine):
    """Three people and whatever they may do next; after every single step all that must hold is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.world: World = self.loop.run(world_of(shipped_parts(), MONDAY))
        self.crowd = Crowd(self.world, 0, 3)

    @initialize()
    def everybody_begins(self) -> None:
        self.loop.run(self.crowd.goes_on(0))

    def who(self, number: int) -> Person:
        return self.crowd.people[number]

    @rule(number=person_numbers, text=texts)
    def writes(self, number: int, text: str) -> None:
        self.loop.run(self.world.says(self.who(number), text))

    @rule(number=person_numbers, command=st.sampled_from(sorted(shipped_parts().words.conversation.commands)))  # type: ignore[attr-defined]
    def commands(self, number: int, command: str) -> None:
        self.loop.run(self.world.says(self.who(number), f"/{command}"))

    @rule(number=person_numbers)
    def sets_a_reminder_with_a_word_of_their_own(self, number: int) -> None:
        words = f"remind me every day at 9:30 to {secret(self.who(number))}"
        self.loop.run(self.world.says(self.who(number), words))

    @rule(number=person_numbers, back=st.integers(min_value=0, max_value=3), button=buttons)
    def presses(self, number: int, back: int, button: int) -> None:
        self.loop.run(self.crowd.presses_one(self.who(number), back, button))

    @rule(number=person_numbers, other=person_numbers, button=buttons)
    def presses_what_another_was_offered(self, number: int, other: int, button: int) -> None:
        self.loop.run(self.crowd.presses_foreign(self.who(number), self.who(other), button))

    @rule(number=person_numbers, text=texts)
    def types_after_the_name(self, number: int, text: str) -> None:
        self.loop.run(self.crowd.looks_up(self.who(number), text))

    @rule(seconds=st.sampled_from((8, 60, 1_200, 43_200, 200_000)))
    def time_goes_on(self, seconds: int) -> None:
        self.loop.run(self.crowd.waits(seconds))

    def teardown(self) -> None:
        crowd = self.crowd
        try:
            assert (crowd.dead, crowd.refused(), crowd.failures(), crowd.foreign_words()) == ([], [], [], [])
            assert self.world.state.unanswered_presses() == []
        finally:
            self.loop.run(self.world.store.close())
            self.loop.close()


AnyConversation.TestCase.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyConversation = AnyConversation.TestCase
