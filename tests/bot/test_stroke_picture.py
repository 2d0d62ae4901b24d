"""The order of strokes as a picture: a panel for each step, a sign for each movement, the same for every language."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.stroke_picture import _PLACES, _SIGNS, strokes_in_order
from intents.routines import STROKES, ZONES
from tests.shipped import shipped

STEP = shipped().routines["neck_self_massage"].steps[0]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(("steps", "columns", "rows"), [(1, 1, 1), (3, 3, 1), (4, 3, 2), (7, 3, 3), (30, 3, 10)])
def test_there_is_a_panel_for_each_step_and_telegram_takes_the_picture(steps: int, columns: int, rows: int):
    one, many = opened(strokes_in_order([STEP])), opened(strokes_in_order([STEP] * steps))
    assert (many.width - one.width) % max(1, columns - 1) == 0
    assert (many.height > one.height) == (rows > 1)
    assert many.width + many.height <= 10_000
    assert max(many.width / many.height, many.height / many.width) <= 20


def test_every_movement_and_every_place_can_be_drawn_and_looks_different():
    assert _SIGNS.keys() == set(STROKES)
    assert _PLACES.keys() == set(ZONES)
    assert len({strokes_in_order([replace(STEP, stroke=stroke)]) for stroke in STROKES}) == len(STROKES)
    assert len({strokes_in_order([replace(STEP, zones=(zone,))]) for zone in ZONES}) == len(ZONES)


def test_the_order_and_the_place_in_the_article_make_a_difference():
    steps = shipped().routines["back_course"].steps
    assert strokes_in_order(steps) != strokes_in_order(tuple(reversed(steps)))
    moved = replace(STEP, what=replace(STEP.what, citation=steps[0].what.citation))
    assert strokes_in_order([STEP]) != strokes_in_order([moved])


def test_no_steps_make_no_picture():
    with pytest.raises(ValueError, match="without steps"):
        strokes_in_order([])


def test_the_back_session_has_the_five_steps_of_the_article_in_their_order():
    places = [step.what.citation.place for step in shipped().routines["back_course"].steps]
    assert places == ["back 80", "back 81", "back 82", "back 83", "back 84"]
