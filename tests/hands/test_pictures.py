"""The picture of the order of strokes: a photo whose caption tells the same in words, with source and doctor line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.incoming import Door, Incoming, Pressed, Say
from bot.render import render
from intents.wording import SPOKEN
from tests.hands.conftest import MONDAY, shipped_parts
from tests.hands.world import pressable, world_of
from tests.shipped import shipped

pytestmark = pytest.mark.anyio
PICTURED = {name: routine for name, routine in shipped().routines.items() if routine.steps}


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("name", sorted(PICTURED))
async def test_a_picture_says_in_its_caption_what_it_shows_and_where_that_stands(name: str, language: str):
    world = await world_of(shipped_parts(), MONDAY)
    ann = world.person(f"somebody-{language}", language)
    await world.says(ann, "/start")
    shown = (await world.says(ann, "/routines"))[-1]
    routine = (await world.presses(ann, shown, f"v1:rou:show.{name}"))[-1]
    button = next(data for data in pressable(routine) if data == f"v1:rou:picture.{name}")
    photo = (await world.presses(ann, routine, button))[-1]
    caption = photo.content["caption"]
    assert len(caption) <= 1024
    assert PICTURED[name].called(language) in caption
    for number, step in enumerate(PICTURED[name].steps, 1):
        assert f"{number}. {step.what.said(language)}" in caption
        assert f"({step.what.citation.place})" in caption
    assert {"en": "See a doctor", "ru": "врач"}[language] in caption
    assert {"en": "own-words edition", "ru": "в нашем пересказе"}[language] in caption
    largest = photo.content["photo"][-1]
    assert world.state.files[largest["file_id"]].content.startswith(b"\x89PNG")
    world.nothing_went_wrong()
    await world.store.close()


@pytest.mark.parametrize("language", SPOKEN)
async def test_pictures_are_among_what_can_be_browsed_and_gone_through(language: str):
    world = await world_of(shipped_parts(), MONDAY)
    ann = world.person(f"somebody-{language}", language)
    await world.says(ann, "/start")
    for command in ("/browse", "/session"):
        offered = pressable((await world.says(ann, command))[-1])
        assert {f"v1:rou:picture.{name}" for name in PICTURED} <= set(offered)
    world.nothing_went_wrong()
    await world.store.close()


@pytest.mark.parametrize("language", SPOKEN)
def test_a_caption_fits_however_long_the_steps_of_a_clinic_are(language: str):
    content = shipped()
    long = dict.fromkeys(SPOKEN, "words " * 60)
    routine = content.routines["back_course"]
    step = routine.steps[0]
    steps = tuple(replace(step, what=replace(step.what, texts=long)) for _ in range(12))
    talk = replace(content, routines={"long": replace(routine, steps=steps)}).conversation()
    incoming = Incoming(
        chat=1,
        person=1,
        door=Door.PRIVATE,
        act=Pressed(press="v1:rou:picture.long"),
        message=1,
        at=MONDAY,
        language_code=language,
    )
    (said,) = talk.answer(incoming, {}).said
    assert isinstance(said, Say)
    assert said.reply.attachment is not None
    assert render(said.reply).html.count("(back 80)") == len(steps)
