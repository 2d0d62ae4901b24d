"""Every command and every button, in both languages: something happens, nothing is refused, none spins on."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bot.presses import Press
from bot.preview.person_api import SAMPLES
from bot.preview.records import Message
from bot.reports import REASONS
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.world import World, pressable, world_of

pytestmark = pytest.mark.anyio

OPENINGS = {
    "en": [
        "remind me every day at 8:30 to stretch",
        "remind me to stretch at 7",
        "remind me tomorrow at 18:00",
        "massage with high blood pressure?",
        "how long does a massage last?",
        "more",
        "why?",
        "and for sciatica?",
        "in Russian please",
        "/timezone Berlin",
        "/timezone Tokyo",
        "pause my reminders",
        "done",
    ],
    "ru": [
        "напоминай каждый день в 8:30 размяться",
        "напомни размяться в 7",
        "напомни завтра в 18:00",
        "массаж при высоком давлении?",
        "сколько длится массаж?",
        "ещё",
        "почему?",
        "а при ишиасе?",
        "по-английски, пожалуйста",
        "/timezone Москва",
        "/timezone Токио",
        "поставь напоминания на паузу",
        "сделал",
    ],
}
STALE = {"en": "This button belongs", "ru": "Эта кнопка от того"}
STEPS = 600


def kind(data: str) -> str:
    """What a button does, without to what: `rem:snooze.15`, `ses:next`, `check:3`."""
    press = Press.parse(data)
    assert press is not None, data
    first, _, rest = press.argument.partition(".")
    if press.act == "check":
        return f"check:{rest}"
    if press.act in {"rem", "me", "rou", "ses", "did", "rep"}:
        return f"{press.act}:{first}"
    return press.act


class Walk:
    """Goes through the bot as somebody does who tries every button they have not tried yet."""

    def __init__(self, world: World, language: str) -> None:
        self.world = world
        self.language = language
        self.person = world.person("walker", language)
        self.pressed: set[str] = set()
        self.choice = random.Random(7)
        commands = sorted(f"/{name}" for name in world.parts.words.conversation.commands)  # type: ignore[attr-defined]
        self.said = [*commands, *OPENINGS[language]]

    async def presses(self, shown: Message, wanted: str) -> Message:
        """Presses the first button of a kind."""
        data = next(each for each in pressable(shown) if kind(each) == wanted)
        self.pressed.add(wanted)
        return (await self.world.presses(self.person, shown, data))[-1]

    async def plans_a_routine_and_is_asked_before_two_sessions(self) -> None:
        await self.world.says(self.person, "/start")
        shown = (await self.world.says(self.person, "/routines"))[-1]
        for wanted in ("rou:show", "rou:plan", *["check:none"] * 6, "rem:save", "rem:agree"):
            shown = await self.presses(shown, wanted)
        for wanted in (("rem:some", "rem:today"), ("rem:none", "rem:done")):
            await self.world.moves_on(timedelta(days=1))
            shown = list(self.world.state.messages[self.person.id].values())[-1]
            for each in wanted:
                shown = await self.presses(shown, each)

    async def skips_one_and_stops_it(self) -> None:
        shown = (await self.world.says(self.person, OPENINGS[self.language][0]))[-1]
        await self.presses(shown, "rem:save")
        for wanted in ("rem:skip", "rem:stop"):
            await self.world.moves_on(timedelta(days=1))
            shown = list(self.world.state.messages[self.person.id].values())[-1]
            await self.presses(shown, wanted)

    async def goes_through_two_sessions(self) -> None:
        for steering in (("ses:pause", "ses:go", "ses:next"), ("ses:stop",)):
            shown = (await self.world.says(self.person, "/session"))[-1]
            for wanted in ("ses:begin", *steering):
                shown = await self.presses(shown, wanted)
                self.world.at += timedelta(seconds=11)

    async def votes_and_reports(self) -> None:
        question = OPENINGS[self.language][3]
        await self.presses((await self.world.says(self.person, question))[-1], "did:y")
        for reason in (*REASONS, "drop"):
            shown = await self.presses((await self.world.says(self.person, question))[-1], "did:n")
            for wanted in ("rep:ask", f"rep:{reason}"):
                shown = await self.presses(shown, wanted)

    async def looks_at_the_order_of_strokes(self) -> None:
        for command in ("/session", "/browse"):
            photo = await self.presses((await self.world.says(self.person, command))[-1], "rou:picture")
            assert "photo" in photo.content
        await self.presses(photo, "ses:begin")

    async def moves_and_steers_it(self) -> None:
        for zone, wanted in (("Berlin", "me:home"), ("Tokyo", "me:local")):
            await self.presses((await self.world.says(self.person, f"/timezone {zone}"))[-1], wanted)
        shown = (await self.world.says(self.person, "/reminders"))[-1]
        for wanted in (
            "rem:one",
            "rem:pause",
            "rem:list",
            "rem:one",
            "rem:resume",
            "rem:list",
            "rem:one",
            "rem:delete",
        ):
            shown = await self.presses(shown, wanted)

    async def goes(self, steps: int) -> None:
        await self.world.says(self.person, "/start")
        shown = (await self.world.says(self.person, self.said[0]))[-1]
        for step in range(1, steps):
            known = [data for data in pressable(shown) if kind(data) != "me:erase" or step > steps - 150]
            fresh = [data for data in known if kind(data) not in self.pressed]
            if fresh:
                data = self.choice.choice(fresh)
            elif known and self.choice.random() < 0.6:
                data = self.choice.choice(known)
            else:
                data = ""
            if self.choice.random() < 0.05:
                before = set(self.world.state.messages[self.person.id])
                await self.world.moves_on(timedelta(hours=self.choice.choice((1, 13, 24))))
                came = [
                    each for number, each in self.world.state.messages[self.person.id].items() if number not in before
                ]
                shown = came[-1] if came else (await self.world.says(self.person, "/start"))[-1]
                continue
            if data:
                self.pressed.add(kind(data))
                answer = await self.world.presses(self.person, shown, data)
                again = answer or [shown]  # the same screen once more: Telegram says "not modified"
                assert not again[-1].text.startswith(tuple(STALE.values())), f"{data} below {shown.text[:80]!r}"
                shown = again[-1]
            else:
                answer = await self.world.says(self.person, self.said[step % len(self.said)])
                assert answer, self.said[step % len(self.said)]
                shown = answer[-1]


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_button_that_is_shown_does_something(language):
    world = await world_of(shipped_parts(), MONDAY)
    walk = Walk(world, language)
    await walk.plans_a_routine_and_is_asked_before_two_sessions()
    await walk.moves_and_steers_it()
    await walk.skips_one_and_stops_it()
    await walk.votes_and_reports()
    await walk.goes_through_two_sessions()
    await walk.looks_at_the_order_of_strokes()
    await walk.goes(STEPS)
    world.state.refusals = [each for each in world.state.refusals if "not modified" not in each.description]
    world.nothing_went_wrong()
    talk = world.parts.words.conversation
    acts = {name.partition(":")[0] for name in walk.pressed}
    assert acts >= set(talk._presses)
    reminders = {f"rem:{name}" for name in talk._reminders._acts} - {"rem:end"}  # "stop my reminder", among several
    assert walk.pressed >= reminders | {f"me:{name}" for name in talk._person._acts}
    assert walk.pressed >= {f"ses:{name}" for name in talk._routines._steps} | {
        "ses:begin",
        "rou:show",
        "rou:plan",
        "rou:picture",
    }
    assert walk.pressed >= {"check:none", "check:done", "check:back", "check:cancel"}
    assert walk.pressed >= {"did:y", "did:n", "rep:ask", "rep:drop", *(f"rep:{reason}" for reason in REASONS)}
    assert walk.pressed >= {"check:yes-emergency", "check:yes-self_harm"}
    await world.store.close()


async def test_a_button_of_something_that_is_over_says_so_and_offers_what_there_is():
    world = await world_of(shipped_parts(), MONDAY)
    ann = world.person("ann", "en")
    await world.says(ann, "/start")
    first = (await world.says(ann, "/check"))[-1]
    data = pressable(first)[0]
    await world.says(ann, "/cancel")
    for old in (
        data,
        "v1:rem:done.r1-1@1",
        "v1:rem:pick.9",
        "v0:what:ever",
        "nonsense",
        "v1:sec:neck.99",
        "v1:ses:next.1",
    ):
        answer = await world.presses(ann, first, old)
        assert answer[-1].text.startswith(STALE["en"]), old
        assert pressable(answer[-1])
    world.nothing_went_wrong()
    await world.store.close()


async def test_a_kind_line_for_what_holds_no_words_comes_once_a_minute():
    world = await world_of(shipped_parts(), MONDAY)
    ann, boris = world.person("ann", "en"), world.person("boris", "ru")
    for person in (ann, boris):
        await world.says(person, "/start")
        first = await world.does(person, SAMPLES["voice"])
        assert len(first) == 1
        for other in ("photo", "sticker", "document", "dice", "contact"):
            assert await world.does(person, SAMPLES[other]) == []
        world.at += timedelta(seconds=61)
        assert len(await world.does(person, SAMPLES["sticker"])) == 1
    world.nothing_went_wrong()
    await world.store.close()


async def test_in_a_group_nothing_personal_is_answered_or_remembered():
    world = await world_of(shipped_parts(), MONDAY)
    ann, boris = world.person("ann", "en"), world.person("boris", "ru")
    group = next(chat.id for chat in world.state.chats.values() if not chat.is_private)
    personal = "check report session remind reminders settings export delete privacy routines"
    for command in personal.split():
        answer = (await world.says(ann, f"/{command}", chat=group))[-1]
        assert answer.buttons[0]["url"].startswith("https://t.me/"), command
        assert pressable(answer) == []
    assert (await world.says(ann, "remind me at 19:00 to stretch", chat=group)) == []
    bot = world.state.bot_user()["username"]
    asked = (await world.says(ann, f"@{bot} massage with high blood pressure?", chat=group))[-1]
    assert "high blood pressure" in asked.text
    dialog = await world.store.dialog(group, ann.id)
    assert dialog is not None
    assert orjson_conditions(dialog.data) == []
    other = (await world.says(boris, f"@{bot} сколько длится массаж шеи?", chat=group))[-1]
    assert "В источниках" in other.text or "Кратко" in other.text
    for data in pressable(other):
        assert await world.presses(ann, other, data) or world.state.refusals == []
    world.nothing_went_wrong()
    await world.store.close()


def orjson_conditions(data: str) -> list[str]:
    import json  # noqa: PLC0415  the only use

    found: list[str] = json.loads(data)["topic"]["conditions"]
    return found
