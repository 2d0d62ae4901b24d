"""Does whatever people type, press or send ever break the shipped bot, or make it send what Telegram refuses?"""

# ruff: noqa: E501, FBT001  a measurement has two forms

from __future__ import annotations

import asyncio
import random
import re
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from benchmarks.figures.measured import Figure, Measured
from benchmarks.figures.messages import tell
from bot.content_cache import content_for
from bot.preview import person_side
from bot.preview.person_api import SAMPLES
from bot.preview.person_side import LONGEST_TYPED
from bot.preview.records import Message, Person
from bot.settings import read_settings
from bot.telegram.assembled import parts
from bot.telegram.run import Parts
from tests.hands.world import World, pressable, world_of

OWN = Path(__file__).resolve().parents[2] / "tests" / "conversations"
BEGAN = datetime(2030, 1, 7, 8, tzinfo=UTC)
PER_PERSON = 100
PER_WORLD = 5_000
NOT_MODIFIED = "not modified"
"""The same screen again, which Telegram refuses and nobody notices."""
ODD = (
    *"\x00\x07\t\n\r\u00a0\u200b\u200d\u2028\u202e\ufeff\ufffd\U000e0041",
    *"<>&\"'`*_~|[](){}#+-=.!\\/@:;,?%$^",
    *"ßİıſﬁΩя́ё№…—«»“”日本語한국어العربيةעבריתไทย",
    *"👍🏽👩‍👩‍👧‍👦🇩🇪❤️🧖‍♀️",
)
PIECES = (
    "<b>", "</b>", "&amp;", "&#x0;", "<a href='tg://user?id=1'>x</a>", "<blockquote expandable>", "](http://x)", "/start",
    "/ask", "/remind", "/timezone", "@massage_preview_bot", "{what}", "%s", "{}", "\\u0000", "NaN", "1e400", "-0",
    "99999999999999999999", "25:61", "2027-13-45", "31.02.", "every 0 days", "каждый", "через", "until", "NULL", "'; --",
)  # fmt: skip
FORGED = (
    "",
    "v1:",
    "v1:rem:",
    "v2:x",
    "rem:snooze.",
    "pick:99",
    "save:save",
    "check:-1",
    "\u202e",
    ":",
    "v1:" + "9" * 61,
)


@cache
def own_sentences() -> tuple[str, ...]:
    """What our own tests say, in both languages."""
    said = re.compile(r"^- (?:ask: |\{says: \")([^\"\n]+)", re.MULTILINE)
    files = [file.read_text(encoding="utf-8") for file in sorted(OWN.rglob("*.yaml"))]
    return tuple(found[1] for text in files for found in said.finditer(text))


class Inputs:
    """Makes up what a person types; the same for the same seed."""

    def __init__(self, seed: int, commands: tuple[str, ...]) -> None:
        self.choice = random.Random(seed)
        self._commands = commands

    def text(self) -> str:
        """Something to type, at most as long as Telegram lets people type."""
        made = self.choice.choice((
            self._sentence, self._sentence, self._misspelt, self._misspelt, self._joined, self._command, self._odd,
            self._spliced, self._repeated,
        ))()  # fmt: skip
        return made[:LONGEST_TYPED] if made.strip() else "?"

    def _sentence(self) -> str:
        return self.choice.choice(own_sentences())

    def _misspelt(self) -> str:
        letters = list(self._sentence())
        for _ in range(self.choice.randint(1, 6)):
            place = self.choice.randrange(len(letters) + 1)
            match self.choice.randrange(4):
                case 0:
                    letters.insert(place, self.choice.choice((*ODD, *"abcdefабвгд0123456789 ")))
                case 1 if letters:
                    del letters[min(place, len(letters) - 1)]
                case 2 if 0 < place < len(letters):
                    letters[place - 1], letters[place] = letters[place], letters[place - 1]
                case _:
                    letters[place:place] = letters[max(0, place - 3) : place]
        changed = "".join(letters)
        return self.choice.choice((changed, changed.upper(), changed.title(), changed[::-1]))

    def _joined(self) -> str:
        between = self.choice.choice((" ", "\n\n", ". ", "; ", " and ", " и ", ""))
        return between.join(self._sentence() for _ in range(self.choice.randint(2, 12)))

    def _command(self) -> str:
        name = self.choice.choice((*self._commands, "nosuch", "START", ""))
        after = self.choice.choice(("", "@massage_preview_bot", "@somebody_else"))
        return f"/{name}{after} {self.choice.choice(('', self._sentence(), self._odd()))}"

    def _odd(self) -> str:
        return "".join(self.choice.choices(ODD, k=self.choice.randint(1, 60)))

    def _spliced(self) -> str:
        words = self._sentence().split()
        for _ in range(self.choice.randint(1, 4)):
            words.insert(self.choice.randrange(len(words) + 1), self.choice.choice(PIECES))
        return " ".join(words)

    def _repeated(self) -> str:
        return self.choice.choice((*PIECES, *ODD, self._sentence() + " ")) * self.choice.choice((3, 50, 1_500))

    def data(self, known: list[str]) -> str:
        """What a press carries: forged, cut or spoilt."""
        whole = self.choice.choice([*known, *FORGED])
        spoilt = self.choice.choice(
            (whole, whole[:-1], whole + "x", whole.swapcase(), whole.replace(":", "."), "v1:" + whole)
        )
        return spoilt.encode()[:64].decode(errors="ignore")


class Crowd:
    """People of one world, each of whom does a number of things."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.inputs = Inputs(seed, tuple(sorted(world.parts.words.conversation.commands)))  # type: ignore[attr-defined]
        self.choice = self.inputs.choice
        self.group = next(chat.id for chat in world.state.chats.values() if not chat.is_private)
        self.crashes: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        self._presses: list[str] = []

    async def come(self, number: int) -> None:
        """One person comes, and does what people do."""
        language = self.choice.choice(("en", "ru", "de", "pt-br", "ar", ""))
        person = self.world.person(f"g{number}", language)
        for _ in range(PER_PERSON):
            does = self.choice.choices(
                (
                    self._types,
                    self._presses_one,
                    self._forges,
                    self._sends,
                    self._waits,
                    self._edits,
                    self._inline,
                    self._group,
                ),
                weights=(50, 25, 6, 5, 3, 4, 4, 3),
            )[0]
            self.did[does.__name__.strip("_")] += 1
            try:
                await does(person)
            except Exception:  # noqa: BLE001  the next input still counts
                self.crashes[traceback.format_exc(limit=-3)] += 1

    async def _types(self, person: Person) -> None:
        await self.world.says(person, self.inputs.text())

    async def _presses_one(self, person: Person) -> None:
        shown = [each for each in self._shown(person) if pressable(each)]
        if not shown:
            return await self._types(person)
        message = shown[-1] if self.choice.random() < 0.8 else self.choice.choice(shown)
        data = self.choice.choice(pressable(message))
        self._presses = [*self._presses[-200:], data]
        await self.world.presses(person, message, data)
        return None

    async def _forges(self, person: Person) -> None:
        shown = [each for each in self._shown(person) if "text" in each.content]
        if shown:
            await self.world.presses(person, self.choice.choice(shown), self.inputs.data(self._presses))

    async def _sends(self, person: Person) -> None:
        await self.world.does(person, SAMPLES[self.choice.choice(sorted(SAMPLES))])

    async def _waits(self, _person: Person) -> None:
        await self.world.moves_on(timedelta(minutes=self.choice.choice((1, 20, 90, 720, 3_000))))

    async def _edits(self, person: Person) -> None:
        own = [
            each
            for each in self.world.state.messages[person.id].values()
            if not each.is_from_bot and "text" in each.content
        ]
        if own:
            person_side.edit(
                self.world.state, self.world.current(person), person.id, self.choice.choice(own).message_id,
                self.inputs.text(), now=self.world.now().timestamp(),
            )  # fmt: skip
            await self.world.settles()

    async def _inline(self, person: Person) -> None:
        person_side.ask_inline(
            self.world.state, self.world.current(person), self.inputs.text()[:256], now=self.world.now().timestamp()
        )
        await self.world.settles()

    async def _group(self, _person: Person) -> None:
        member = self.world.person(self.choice.choice(("ann", "boris")), "en")
        addressed = self.choice.choice(("", "/ask ", "@massage_preview_bot "))
        self.world.at += timedelta(seconds=10)
        await self.world.says(member, f"{addressed}{self.inputs.text()}"[:LONGEST_TYPED], self.group)

    def _shown(self, person: Person) -> list[Message]:
        return [each for each in self.world.state.messages[person.id].values() if each.is_from_bot]


def generated(long: bool) -> Measured:
    """See its figure."""
    inputs = 100_000 if long else 600
    per_world = min(PER_WORLD, inputs)
    worlds = range(inputs // per_world)
    totals: Counter[str] = Counter()
    with ProcessPoolExecutor(max_workers=2) as processes:
        for counted in processes.map(_one_world, worlds, [per_world] * len(worlds)):
            totals.update(counted)
    names = ("inputs", "crashes", "apologies", "refusals", "not modified", "presses unanswered", "answers")
    bounds = {"crashes": 0, "apologies": 0, "refusals": 0, "presses unanswered": 0}
    return Measured(numbers={name: totals[name] for name in names}, at_most=bounds)


@cache
def _shipped() -> Parts:
    settings = read_settings(None)
    return parts(settings, content_for(settings))


def _one_world(seed: int, inputs: int) -> Counter[str]:
    return asyncio.run(_lived(seed, inputs))


async def _lived(seed: int, inputs: int) -> Counter[str]:
    started = time.monotonic()
    world = await world_of(_shipped(), BEGAN)
    crowd = Crowd(world, seed)
    for number in range(inputs // PER_PERSON):
        await crowd.come(number)
    refused = Counter(
        "not modified" if NOT_MODIFIED in each.description else f"{each.method}: {each.description}"
        for each in world.state.refusals
    )
    same = refused.pop("not modified", 0)
    said = [each for chat in world.state.messages.values() for each in chat.values() if each.is_from_bot]
    apologies = [each.text for each in said if "(error u" in each.text]
    for what in (*refused.items(), *crowd.crashes.items(), *apologies[:3]):
        tell(f"world {seed}: {what}")
    tell(f"world {seed}: {crowd.did.total()} inputs in {time.monotonic() - started:.0f} s, {dict(crowd.did)}")
    counted = {
        "inputs": crowd.did.total(), "crashes": crowd.crashes.total(), "apologies": len(apologies), "answers": len(said),
        "refusals": refused.total(), "not modified": same, "presses unanswered": len(world.state.unanswered_presses()),
    }  # fmt: skip
    await world.store.close()
    return Counter(counted)


FIGURES = (
    Figure(
        name="generated-inputs",
        says="100,000 generated inputs to the shipped bot: text, presses, files, edits, inline questions, groups, time.",
        run=generated,
    ),
)
