"""The routines of the articles: every figure has its place, and the suggested times are understood."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intents.understood import SetReminder
from intents.when import understand
from tests.shipped import shipped

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROUTINES = shipped().routines


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", sorted(ROUTINES))
def test_the_suggested_times_of_a_routine_set_a_reminder_that_ends(name, language):
    meant = understand(ROUTINES[name].suggest[language], now=NOW, zone="Europe/Berlin")
    assert isinstance(meant, SetReminder)
    assert meant.schedule.ends is not None


def test_both_languages_suggest_the_same_times():
    for routine in ROUTINES.values():
        english, russian = (understand(routine.suggest[each], now=NOW, zone="UTC") for each in ("en", "ru"))
        assert isinstance(english, SetReminder)
        assert isinstance(russian, SetReminder)
        assert english.schedule == russian.schedule


def test_the_minutes_of_neck_self_massage_show_both_figures_with_their_places():
    minutes = {value: place.place for value, place in ROUTINES["neck_self_massage"].minutes}
    assert minutes == {10: "neck 116", 15: "neck 78"}


def test_a_course_of_a_counted_number_of_sessions_suggests_that_many():
    for name, sessions in (("back_course", 10), ("sciatica_course", 15)):
        meant = understand(ROUTINES[name].suggest["en"], now=NOW, zone="UTC")
        assert isinstance(meant, SetReminder)
        assert meant.schedule.ends is not None
        assert meant.schedule.ends.count == sessions


def test_every_step_says_what_to_do_in_both_languages_and_takes_time():
    for routine in ROUTINES.values():
        for step in routine.steps:
            assert step.seconds > 0
            assert step.what.said("en") != step.what.said("ru")
