"""What a person wrote is nowhere once they say so: not in the database, its WAL, or the logs."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.test_every_button import kind
from tests.hands.world import World, pressable, world_of

pytestmark = pytest.mark.anyio

CANARIES = [f"kanareika{number:02}word" for number in range(50)]


async def lives(world: World) -> None:
    """Questions, reminders and settings that hold every canary word."""
    ann = world.person("ann", "en")
    await world.says(ann, "/start")
    for number, word in enumerate(CANARIES):
        if number % 2:
            await world.says(ann, f"may I have a massage with {word}?")
            continue
        proposed = (await world.says(ann, f"remind me every day at 8:{10 + number} to {word}"))[-1]
        asked = (await world.presses(ann, proposed, pressable(proposed)[0]))[-1]
        if kind(pressable(asked)[0]) == "rem:agree":
            await world.presses(ann, asked, pressable(asked)[0])
    await world.says(ann, f"/timezone {CANARIES[3]}")
    await world.says(ann, f"remind me to {CANARIES[5]} tomorrow")


def held(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


async def test_after_delete_no_word_of_theirs_is_left(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    world = await world_of(shipped_parts(), MONDAY, f"sqlite:///{tmp_path}/bot.db")
    await lives(world)
    assert sum(word.encode() in held(tmp_path) for word in CANARIES) >= 25, "the reminders are stored"
    ann = world.person("ann", "en")
    asked = (await world.says(ann, "/delete"))[-1]
    assert [kind(data) for data in pressable(asked)] == ["me:erase", "me:keep"]
    gone = (await world.presses(ann, asked, pressable(asked)[0]))[-1]
    assert "has been deleted" in gone.text
    assert [word for word in CANARIES if word.encode() in held(tmp_path)] == []
    assert [word for word in CANARIES if word in caplog.text] == []
    assert await world.store.person(ann.id) is None
    assert await world.store.reminders(ann.id) == []
    assert await world.store.dialog(ann.id, ann.id) is None
    world.nothing_went_wrong()
    await world.store.close()


async def test_a_question_leaves_no_word_behind_once_the_hourly_sweep_has_run(tmp_path: Path):
    world = await world_of(shipped_parts(), MONDAY, f"sqlite:///{tmp_path}/bot.db")
    ann = world.person("ann", "en")
    await world.says(ann, "/start")
    for word in CANARIES:
        await world.says(ann, f"may I have a massage with {word}?")
    await world.store.sweep()
    assert [word for word in CANARIES if word.encode() in held(tmp_path)] == []
    await world.store.close()


async def test_the_export_is_a_json_file_with_everything_in_it_and_says_what_it_rests_on(tmp_path: Path):
    world = await world_of(shipped_parts(), MONDAY, f"sqlite:///{tmp_path}/bot.db")
    ann = world.person("ann", "en")
    await world.says(ann, "/start")
    await lives(world)
    answer = (await world.says(ann, "/export"))[-1]
    document = answer.content["document"]
    assert document["file_name"] == "massage-bot.json"
    exported = json.loads(world.state.files[document["file_id"]].content)
    assert len(exported["reminders"]) == 25
    caption = answer.content["caption"]
    assert "25 reminders" in caption
    assert "What is stored about you" in caption, "it cites what it rests on"
    assert "doctor" in caption
    world.nothing_went_wrong()
    await world.store.close()
