"""A guided session in a chat: its clock moves by itself, can be paused, skipped and stopped, and outlives the bot."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.preview.records import Message
from tests.hands.conftest import labels, shipped_parts
from tests.hands.test_every_button import kind
from tests.hands.world import World, pressable, world_of
from tests.shipped import shipped

pytestmark = pytest.mark.anyio
STEPS = shipped().routines["neck_self_massage"].steps


async def begun(world: World, key: str = "ann", language: str = "en") -> Message:
    person = world.person(key, language)
    offered = (await world.says(person, "/session"))[-1]
    data = next(each for each in pressable(offered) if each == "v1:ses:begin.neck_self_massage")
    return (await world.presses(person, offered, data))[-1]


def now_shown(world: World, message: Message) -> Message:
    return world.state.messages[message.chat_id][message.message_id]


async def pressed(world: World, message: Message, wanted: str) -> Message:
    person = world.state.people[message.chat_id]
    data = next(each for each in pressable(now_shown(world, message)) if kind(each) == wanted)
    await world.presses(person, message, data)
    return now_shown(world, message)


@pytest.mark.parametrize(("key", "language", "left"), [("ann", "en", "left"), ("boris", "ru", "сталось")])
async def test_the_message_counts_down_by_itself_and_goes_on_to_the_next_step(
    world: World, key: str, language: str, left: str
):
    message = await begun(world, key, language)
    assert "3:00" in message.text
    assert left in message.text
    seen = []
    for _ in range(25):
        await world.moves_on(timedelta(seconds=8))
        seen.append(now_shown(world, message).text)
    assert any("2:52" in text for text in seen)
    assert STEPS[1].what.said(language) in seen[-1]
    assert all(text != after for text, after in pairwise(seen))
    assert "neck" in seen[-1], "each step shows its passage"


async def test_every_step_shows_its_passage_and_the_doctor_line(world: World):
    message = await begun(world)
    for number, step in enumerate(STEPS):
        shown = now_shown(world, message)
        assert shown.text.startswith(f"Step {number + 1} of {len(STEPS)}")
        assert "(neck; our own-words edition)" in shown.text
        assert f"{step.what.citation.lines[0]} (neck" in shown.text
        assert "See a doctor" in shown.text
        await pressed(world, message, "ses:next")
    assert "last step" in now_shown(world, message).text


async def test_a_pause_holds_it_as_long_as_wanted(world: World):
    message = await begun(world)
    await world.moves_on(timedelta(seconds=14))
    held = await pressed(world, message, "ses:pause")
    assert "⏸ Paused with 2:40 left" in held.text
    for _ in range(20):
        await world.moves_on(timedelta(seconds=60))
        assert now_shown(world, message) == held
    going = await pressed(world, message, "ses:go")
    assert "⏱ 2:40 left" in going.text


async def test_a_second_tap_on_pause_changes_nothing_and_is_answered(world: World):
    message = await begun(world)
    press = next(each for each in pressable(message) if kind(each) == "ses:pause")
    ann = world.person("ann", "en")
    await world.presses(ann, message, press)
    held = now_shown(world, message)
    assert await world.presses(ann, message, press) == []
    assert now_shown(world, message) == held


async def test_it_ends_by_itself_and_offers_what_comes_next(world: World):
    message = await begun(world)
    for _ in range(200):
        await world.moves_on(timedelta(seconds=7))
    over = now_shown(world, message)
    assert over.text.startswith("That was the last step: Neck self-massage")
    assert [kind(each) for each in pressable(over)] == ["rou:plan"]
    assert await world.store.seconds_to_next_dialog() is None


async def test_stop_and_cancel_end_the_clock(world: World):
    message = await begun(world)
    stopped = await pressed(world, message, "ses:stop")
    await world.moves_on(timedelta(seconds=60))
    assert now_shown(world, message) == stopped
    again = await begun(world)
    await world.says(world.person("ann", "en"), "/cancel")
    shown = now_shown(world, again)
    await world.moves_on(timedelta(seconds=60))
    assert now_shown(world, again) == shown
    assert await world.store.seconds_to_next_dialog() is None


async def test_a_question_in_between_does_not_stop_the_clock(world: World):
    message = await begun(world)
    ann = world.person("ann", "en")
    answer = (await world.says(ann, "how long should a neck massage last?"))[-1]
    vote = next(each for each in pressable(answer) if kind(each) == "did:y")
    await world.presses(ann, answer, vote)
    await world.moves_on(timedelta(seconds=20))
    assert "2:28" in now_shown(world, message).text


async def test_a_restarted_bot_goes_on_where_the_clock_is(world: World, tmp_path: Path):
    message = await begun(world)
    await world.moves_on(timedelta(seconds=8))
    await world.store.close()
    fresh = await world_of(shipped_parts(), world.at + timedelta(seconds=172), f"sqlite:///{tmp_path}/bot.db")
    fresh.state = world.state
    await fresh.settles()
    assert now_shown(fresh, message).text.startswith("Step 2 of 3")
    assert "4:00" in now_shown(fresh, message).text
    await fresh.moves_on(timedelta(minutes=20))
    assert "last step" in now_shown(fresh, message).text
    fresh.nothing_went_wrong()
    await fresh.store.close()


async def test_a_letter_that_waits_keeps_the_clock_from_piling_up_more(world: World):
    """While Telegram cannot be reached one change waits at most, and the next one shows the time as it is then."""
    message = await begun(world)
    world.is_cut_off = True
    for _ in range(10):
        await world.moves_on(timedelta(seconds=8))
        assert len((await world.store.export(message.chat_id)).get("outbox", [])) <= 1
    world.is_cut_off = False
    world.called.clear()
    for _ in range(6):
        await world.moves_on(timedelta(seconds=20))
    assert world.called.count("editMessageText") <= 7
    assert now_shown(world, message).text.startswith("Step 2 of 3")


async def test_deleting_everything_ends_the_session(world: World):
    message = await begun(world)
    ann = world.person("ann", "en")
    asked = (await world.says(ann, "/delete"))[-1]
    await world.presses(ann, asked, pressable(asked)[0])
    shown = now_shown(world, message)
    await world.moves_on(timedelta(minutes=2))
    assert now_shown(world, message) == shown
    assert await world.store.seconds_to_next_dialog() is None
    assert labels(shown)


async def test_two_people_have_two_clocks(world: World):
    ann, boris = await begun(world), await begun(world, "boris", "ru")
    await pressed(world, ann, "ses:pause")
    held = now_shown(world, ann)
    await world.moves_on(timedelta(seconds=16))
    assert now_shown(world, ann) == held
    assert now_shown(world, boris).text != boris.text
