"""People who write, press, look up and wait in any order; what they saw can be asked for afterwards."""

from __future__ import annotations

import random
from datetime import timedelta

from bot.preview import person_side
from bot.preview.person_api import SAMPLES
from bot.preview.records import Message, Person
from tests.hands.test_every_button import OPENINGS
from tests.hands.world import World, pressable

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
    def __init__(self, world: World, seed: int, people: int) -> None:
        self.world = world
        self.choice = random.Random(seed)
        self.people = [world.person(f"p{n}", ("en", "ru")[n % 2]) for n in range(people)]
        self.dead: list[str] = []
        """Buttons that did nothing."""
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
                await self.waits(self.choice.choice((8, 60, 1_200, 5_400, 43_200)))
            case 4:
                await self.world.says(person, f"remind me every day at 9:30 to {secret(person)}")
            case 5:
                await self.presses_foreign(person, self.choice.choice(self.people), self.choice.randrange(100))
            case 6:
                await self.looks_up(person, " ".join(self.choice.choices(WORDS, k=self.choice.randint(0, 6))))
            case _:
                await self.world.says(person, " ".join(self.choice.choices(WORDS, k=self.choice.randint(1, 6))))

    def words(self, person: Person) -> str:
        commands = sorted(self.world.parts.words.conversation.commands)  # type: ignore[attr-defined]
        said = [*OPENINGS[person.language or "en"], *(f"/{name}" for name in commands), "/start p_neck-no-medicine"]
        return self.choice.choice(said)

    def shown(self, person: Person) -> list[Message]:
        return [each for each in self.world.state.messages[person.id].values() if each.is_from_bot]

    async def presses(self, person: Person) -> None:
        """Mostly a button of the newest message that has any."""
        back = 0 if self.choice.random() < 0.8 else self.choice.randrange(50)
        await self.presses_one(person, back, self.choice.randrange(100))

    async def presses_one(self, person: Person, back: int, button: int) -> None:
        """A button of the message so far back; a dead one is noted."""
        with_buttons = [each for each in self.shown(person) if pressable(each)]
        if not with_buttons:
            return
        message = with_buttons[-1 - back % len(with_buttons)]
        data = pressable(message)[button % len(pressable(message))]
        before = len(self.world.state.refusals)
        answer = await self.world.presses(person, message, data)
        same = any("not modified" in each.description for each in self.world.state.refusals[before:])
        if not answer and not same:
            self.dead.append(f"{data} below {message.text[:60]!r}")

    async def presses_foreign(self, person: Person, other: Person, button: int) -> None:
        """What only a made-up client can do: a button that another person was shown."""
        shown = self.shown(person)
        theirs = [each for message in self.shown(other) for each in pressable(message)]
        if shown and theirs:
            await self.world.presses(person, shown[-1], theirs[button % len(theirs)])

    async def looks_up(self, person: Person, words: str) -> None:
        """Types after the bot's name."""
        somebody = self.world.current(person)
        person_side.ask_inline(self.world.state, somebody, words, now=self.world.now().timestamp())
        await self.world.settles()

    async def waits(self, seconds: int) -> None:
        """Nobody does anything."""
        await self.world.moves_on(timedelta(seconds=seconds))

    def foreign_words(self) -> list[str]:
        """Words of one person in the chat of another."""
        found = []
        for person in self.people:
            others = [secret(each) for each in self.people if each.id != person.id]
            for message in self.shown(person):
                read = " ".join([message.text, *(button["text"] for button in message.buttons)])
                found += [word for word in others if word in read]
        return found

    def refused(self) -> list[str]:
        """What Telegram refused, but for what does no harm."""
        said = [each.description for each in self.world.state.refusals]
        return [each for each in said if not any(words in each for words in HARMLESS)]

    def failures(self) -> list[str]:
        """Messages that own up to an error of ours."""
        every = [each for chat in self.world.state.messages.values() for each in chat.values()]
        return [each.text for each in every if each.is_from_bot and "(error u" in each.text]

    async def goes_on(self, messages: int) -> None:
        """Everybody begins; then so many things happen, in any order."""
        for person in self.people:
            await self.world.says(person, "/start")
        for _ in range(messages):
            await self.moves()
