"""Many people write, press and wait in any order: nothing breaks, nobody sees what is another's."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from bot.preview import person_side
from bot.preview.person_api import SAMPLES
from bot.preview.records import Message, Person
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.test_every_button import OPENINGS
from tests.hands.world import World, pressable, world_of

pytestmark = pytest.mark.anyio

MESSAGES = int(os.environ.get("MASSAGE_BOT_CROWD", "300"))
"""5,000 in the long form: MASSAGE_BOT_CROWD=5000 pytest tests/hands/test_many_people.py"""
PEOPLE = max(12, MESSAGES // 25)
WORDS = (
    "kneading",
    "cervical",
    "spine",
    "Финалгон",
    "stroke",
    "oil",
    "хондроз",
    "fever",
    "numb",
    "10",
    "?",
    "/ask",
    "or",
)

HARMLESS = ("not modified", "there is no text in the message to edit")
"""The same screen again; and a made-up button below a file, which is answered by a new message instead."""


def secret(person: Person) -> str:
    """A word that only this person writes."""
    return f"zanzibar{person.id}x"


class Crowd:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.choice = random.Random(seed)
        self.people = [world.person(f"p{n}", ("en", "ru")[n % 2]) for n in range(PEOPLE)]
        self.group = next(chat.id for chat in world.state.chats.values() if not chat.is_private)

    async def moves(self) -> None:
        person = self.choice.choice(self.people)
        match self.choice.choices(range(8), weights=[30, 45, 5, 5, 4, 6, 3, 5])[0]:
            case 0:
                await self.world.says(person, self.words(person))
            case 1:
                await self.presses(person)
            case 2:
                await self.world.does(person, SAMPLES[self.choice.choice(sorted(SAMPLES))])
            case 3:
                await self.world.moves_on(timedelta(seconds=self.choice.choice((8, 60, 1_200, 5_400, 43_200))))
            case 4:
                await self.world.says(person, f"remind me every day at 9:30 to {secret(person)}")
            case 5:
                shown = self.shown(person)
                if shown:
                    foreign = self.choice.choice(self.people)
                    theirs = [each for message in self.shown(foreign) for each in pressable(message)]
                    if theirs:
                        await self.world.presses(person, shown[-1], self.choice.choice(theirs))
            case 6:
                words = " ".join(self.choice.choices(WORDS, k=self.choice.randint(0, 6)))
                somebody = self.world.current(person)
                person_side.ask_inline(self.world.state, somebody, words, now=self.world.now().timestamp())
                await self.world.settles()
            case _:
                await self.world.says(person, " ".join(self.choice.choices(WORDS, k=self.choice.randint(1, 6))))

    def words(self, person: Person) -> str:
        commands = sorted(self.world.parts.words.conversation.commands)  # type: ignore[attr-defined]
        said = [*OPENINGS[person.language or "en"], *(f"/{name}" for name in commands), "/start p_neck-no-medicine"]
        return self.choice.choice(said)

    def shown(self, person: Person) -> list[Message]:
        return [each for each in self.world.state.messages[person.id].values() if each.is_from_bot]

    async def presses(self, person: Person) -> None:
        with_buttons = [each for each in self.shown(person) if pressable(each)]
        if with_buttons:
            message = with_buttons[-1] if self.choice.random() < 0.8 else self.choice.choice(with_buttons)
            before = len(self.world.state.refusals)
            data = self.choice.choice(pressable(message))
            answer = await self.world.presses(person, message, data)
            same = any("not modified" in each.description for each in self.world.state.refusals[before:])
            assert answer or same, f"{data} below {message.text[:60]!r} did nothing"

    def nobody_sees_what_is_anothers(self) -> None:
        for person in self.people:
            others = [secret(each) for each in self.people if each.id != person.id]
            for message in self.shown(person):
                labels = " ".join(button["text"] for button in message.buttons)
                assert not [word for word in others if word in message.text or word in labels]


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_crowd_in_any_order(seed):
    world = await world_of(shipped_parts(), MONDAY)
    crowd = Crowd(world, seed)
    for person in crowd.people:
        await world.says(person, "/start")
    for _ in range(MESSAGES):
        await crowd.moves()
    world.state.refusals = [
        each for each in world.state.refusals if not any(words in each.description for words in HARMLESS)
    ]
    world.nothing_went_wrong()
    crowd.nobody_sees_what_is_anothers()
    await world.store.close()
