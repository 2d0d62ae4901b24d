"""The calendar of a course: one row a week, a mark for each kind of day."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from PIL import Image

from bot.calendar_picture import course_calendar
from bot.reminders import OccurrenceState

MONDAY = date(2030, 1, 7)


def opened(days: dict[date, OccurrenceState]) -> Image.Image:
    return Image.open(io.BytesIO(course_calendar(days)))


@pytest.mark.parametrize(("length", "weeks"), [(1, 1), (7, 1), (8, 2), (14, 2), (15, 3), (800, 53)])
def test_there_is_a_row_for_each_week_and_at_most_a_year_of_them(length: int, weeks: int):
    days = {MONDAY + timedelta(days=number): OccurrenceState.DONE for number in range(length)}
    one, many = opened({MONDAY: OccurrenceState.DONE}), opened(days)
    assert many.width == one.width
    assert (many.height - one.height) % max(1, weeks - 1) == 0
    assert sum(many.size) <= 10_000, "Telegram takes no larger picture"


def test_each_kind_of_day_looks_different():
    pictures = {course_calendar({MONDAY: state}) for state in OccurrenceState}
    assert len(pictures) == len(OccurrenceState) - 1, "sent and snoozed are both unanswered"


def test_no_days_make_no_picture():
    with pytest.raises(ValueError, match="empty"):
        course_calendar({})
