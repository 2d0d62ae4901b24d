"""In which order do the strokes of a session follow each other? A picture of the steps, side by side, without a word.

Each step shows a person from behind with the places it works on, numbered where they come one after another, a sign for
the movement, its minutes, and the place of the article it rests on. Digits and places are in Pillow's own built-in font
(Aileron, CC0), which has no Cyrillic; that is why there are no words, and why the picture serves every language.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from intents.routines import Step

_WIDTH: Final = 320
_HEIGHT: Final = 460
_PER_ROW: Final = 3
_EDGE: Final = 20
_FINE: Final = 2
"""Drawn larger and made smaller, so that slanting lines look smooth."""
_PAPER: Final = "#fdfcf8"
_INK: Final = "#1f2d2a"
_SKIN: Final = "#e9ded0"
_WORKED: Final = "#2a6f61"
_SIGN: Final = "#8a5a12"
_FAINT: Final = "#8a9692"
_LINE: Final = 5

Point = tuple[float, float]
_PLACES: Final[Mapping[str, tuple[tuple[float, float, float, float], ...]]] = {
    "head": ((116, 92, 204, 186),),
    "ears": ((110, 140, 134, 172), (186, 140, 210, 172)),
    "neck": ((138, 168, 182, 212),),
    "neck_middle": tuple((154, y, 166, y + 12) for y in (160, 176, 192, 208)),
    "shoulders": ((78, 196, 130, 228), (190, 196, 242, 228)),
    "arms": ((58, 236, 88, 300), (232, 236, 262, 300)),
    "forearms": ((46, 306, 74, 372), (246, 306, 274, 372)),
    "beside_spine": ((116, 226, 150, 374), (170, 226, 204, 374)),
}
"""Where each zone is, as ovals of a panel."""


def strokes_in_order(steps: Sequence[Step]) -> bytes:
    """A PNG of the steps, from left to right and row by row. Raises ValueError when there are none."""
    if not steps:
        raise ValueError("a routine without steps has no order of strokes")
    return _drawn(tuple((step.stroke, step.zones, step.seconds, step.what.citation.place) for step in steps))


@lru_cache(maxsize=32)
def _drawn(steps: tuple[tuple[str, tuple[str, ...], int, str], ...]) -> bytes:
    columns, rows = min(len(steps), _PER_ROW), math.ceil(len(steps) / _PER_ROW)
    size = (columns * _WIDTH + 2 * _EDGE, rows * _HEIGHT + 2 * _EDGE)
    picture = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), _PAPER)
    pen = _Pen(ImageDraw.Draw(picture))
    for number, (stroke, zones, seconds, place) in enumerate(steps):
        row, column = divmod(number, _PER_ROW)
        pen.at(_EDGE + column * _WIDTH, _EDGE + row * _HEIGHT)
        _body(pen)
        _worked_on(pen, zones)
        _SIGNS[stroke](pen)
        pen.disc(34, 34, 24, _INK)
        pen.text(34, 34, str(number + 1), _PAPER, 28)
        pen.text(160, 34, f"{seconds // 60}:{seconds % 60:02}", _INK, 26)
        pen.text(160, 432, place, _FAINT, 22)
        if number + 1 < len(steps) and column + 1 < _PER_ROW:
            pen.arrow((_WIDTH - 34, 34), (_WIDTH - 4, 34), _FAINT)
    written = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()


class _Pen:
    """Draws in the measures of one panel."""

    def __init__(self, drawing: ImageDraw.ImageDraw) -> None:
        self._drawing = drawing
        self._corner: Point = (0, 0)

    def at(self, left: float, top: float) -> None:
        """Everything drawn from here on counts from this corner."""
        self._corner = (left, top)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.oval((x - radius, y - radius, x + radius, y + radius), colour)

    def oval(self, box: tuple[float, float, float, float], colour: str) -> None:
        self._drawing.ellipse((*self._placed(box[:2]), *self._placed(box[2:])), fill=colour)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        self._drawing.polygon([self._placed(point) for point in points], fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float = _LINE) -> None:
        placed = [self._placed(point) for point in points]
        self._drawing.line(placed, fill=colour, width=round(width * _FINE), joint="curve")
        for x, y in (placed[0], placed[-1]):
            half = width * _FINE / 2
            self._drawing.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    def arrow(self, start: Point, end: Point, colour: str) -> None:
        self.line((start, end), colour)
        self.head(start, end, colour)

    def head(self, before: Point, tip: Point, colour: str) -> None:
        """The point of an arrow that comes from `before`."""
        angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
        for turn in (2.5, -2.5):
            self.line((tip, (tip[0] + 15 * math.cos(angle + turn), tip[1] + 15 * math.sin(angle + turn))), colour)

    def text(self, x: float, y: float, text: str, colour: str, size: int) -> None:
        font = ImageFont.load_default(size=size * _FINE)
        self._drawing.text(self._placed((x, y)), text, fill=colour, font=font, anchor="mm")

    def _placed(self, point: Sequence[float]) -> Point:
        return ((self._corner[0] + point[0]) * _FINE, (self._corner[1] + point[1]) * _FINE)


def _body(pen: _Pen) -> None:
    """Somebody seen from behind."""
    pen.shape(((138, 170), (182, 170), (188, 206), (132, 206)), _SKIN)
    pen.shape(((132, 200), (188, 200), (240, 214), (252, 240), (226, 396), (94, 396), (68, 240), (80, 214)), _SKIN)
    for side in (1, -1):
        for start, end, width in (((90, 236), (72, 304), 36), ((72, 304), (60, 372), 28)):
            line = [(160 + side * (x - 160), y) for x, y in (start, end)]
            pen.line(line, _SKIN, width)
    pen.oval((120, 84, 200, 182), _SKIN)
    for x in (112, 192):
        pen.oval((x, 126, x + 16, 152), _SKIN)
    pen.line(((160, 214), (160, 386)), _FAINT, 2)


def _worked_on(pen: _Pen, zones: Sequence[str]) -> None:
    for number, zone in enumerate(zones, 1):
        ovals = _PLACES[zone]
        for oval in ovals:
            pen.oval(oval, _WORKED)
        if len(zones) > 1:
            left, top, right, bottom = ovals[-1]
            pen.text((left + right) / 2, (top + bottom) / 2, str(number), _PAPER, 22)


def _curve(
    centre: Point, radius: float, start: float, end: float, *, shrink: float = 0.0, flat: float = 1.0
) -> list[Point]:
    """Points of an arc, or of a spiral when it shrinks; angles in turns."""
    steps = 28
    found = []
    for step in range(steps + 1):
        part = step / steps
        angle = 2 * math.pi * (start + (end - start) * part)
        reach = radius * (1 - shrink * part)
        found.append((centre[0] + reach * math.cos(angle), centre[1] + flat * reach * math.sin(angle)))
    return found


def _follow(pen: _Pen, points: Sequence[Point]) -> None:
    pen.line(points, _SIGN)
    pen.head(points[-3], points[-1], _SIGN)


def _stroke(pen: _Pen) -> None:
    _follow(pen, [(284 + 16 * math.sin(number / 2.2), 176 - 3 * number) for number in range(28)])


def _deep_stroke(pen: _Pen) -> None:
    _stroke(pen)
    pen.line(((260, 194), (308, 194)), _SIGN, 10)


def _rub(pen: _Pen) -> None:
    points = [(262 + 44 * (number % 2), 92 + 14 * number) for number in range(7)]
    pen.line(points, _SIGN)
    pen.head(points[-2], points[-1], _SIGN)


def _knead(pen: _Pen) -> None:
    pen.line(_curve((284, 142), 16, 0.5, 1.0), _SIGN)
    pen.arrow((246, 142), (264, 142), _SIGN)
    pen.arrow((320, 142), (304, 142), _SIGN)


def _circle(pen: _Pen) -> None:
    _follow(pen, _curve((284, 132), 28, 0.0, 1.8, shrink=0.55))


def _tilt(pen: _Pen) -> None:
    _follow(pen, _curve((160, 150), 88, -0.25, -0.08))
    _follow(pen, _curve((160, 150), 88, -0.25, -0.42))


def _tuck(pen: _Pen) -> None:
    pen.arrow((284, 96), (284, 150), _SIGN)
    pen.arrow((262, 172), (306, 150), _SIGN)


def _turn(pen: _Pen) -> None:
    _follow(pen, _curve((284, 132), 32, 0.15, 0.85, flat=0.5))
    pen.arrow((284, 200), (284, 164), _SIGN)


_SIGNS: Final[Mapping[str, Callable[[_Pen], None]]] = {
    "stroke": _stroke,
    "deep_stroke": _deep_stroke,
    "rub": _rub,
    "knead": _knead,
    "circle": _circle,
    "tilt": _tilt,
    "tuck": _tuck,
    "turn": _turn,
}
"""One sign for each of `STROKES`."""
