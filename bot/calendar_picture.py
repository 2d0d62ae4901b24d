"""How did a course go, at one look? A calendar of its days, week by week, drawn without a word, so for any language.

A full circle is a day kept, an empty one a day skipped, a half one a day left out because of the check; a dot means no
answer.
The digits are Pillow's own built-in font (Aileron, CC0).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.reminders import OccurrenceState

_CELL: Final = 88
_EDGE: Final = 28
_RADIUS: Final = 24
_LINE: Final = 4
_PAPER: Final = "#fdfcf8"
_INK: Final = "#1f2d2a"
_FAINT: Final = "#8a9692"
_KEPT: Final = "#2a6f61"
_LEFT_OUT: Final = "#8a5a12"
_DAYS: Final = 7
_MOST_WEEKS: Final = 53


def course_calendar(days: Mapping[date, OccurrenceState]) -> bytes:
    """A PNG of the weeks (Monday first) from the first to the last of these days; at most a year of them.

    Raises ValueError when there are no days.
    """
    first, last = min(days), max(days)
    start = first - timedelta(days=first.weekday())
    weeks = min(_MOST_WEEKS, (last - start).days // _DAYS + 1)
    picture = Image.new("RGB", (_DAYS * _CELL + 2 * _EDGE, weeks * _CELL + 2 * _EDGE), _PAPER)
    drawing = ImageDraw.Draw(picture)
    for number in range(weeks * _DAYS):
        day = start + timedelta(days=number)
        row, column = divmod(number, _DAYS)
        place = (_EDGE + column * _CELL, _EDGE + row * _CELL)
        _draw_day(drawing, place, day, days.get(day))
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _draw_day(drawing: ImageDraw.ImageDraw, place: tuple[int, int], day: date, state: OccurrenceState | None) -> None:
    left, top = place
    ink = _FAINT if state is None else _INK
    drawing.text((left + 10, top + 6), str(day.day), fill=ink, font=ImageFont.load_default(size=18))
    if state is None:
        return
    x, y = left + _CELL // 2, top + _CELL // 2 + 10
    circle = (x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS)
    match state:
        case OccurrenceState.DONE:
            drawing.ellipse(circle, fill=_KEPT)
        case OccurrenceState.SKIPPED:
            drawing.ellipse(circle, outline=_FAINT, width=_LINE)
        case OccurrenceState.EXCUSED:
            drawing.ellipse(circle, outline=_LEFT_OUT, width=_LINE)
            drawing.pieslice(circle, 90, 270, fill=_LEFT_OUT)
        case OccurrenceState.SENT | OccurrenceState.SNOOZED:
            drawing.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_FAINT)
        case OccurrenceState.FAILED:
            drawing.line((x - 12, y - 12, x + 12, y + 12), fill=_FAINT, width=_LINE)
            drawing.line((x - 12, y + 12, x + 12, y - 12), fill=_FAINT, width=_LINE)
