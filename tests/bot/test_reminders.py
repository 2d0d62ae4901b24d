"""What is due, what was missed, how long the streak is: decisions without a database."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.reminders import Occurrence, OccurrenceId, OccurrenceState, catch_up, streak
from tests.bot.fakes import DAY, HOUR, MINUTE, NOON, Every

Done, Skipped, Sent = OccurrenceState.DONE, OccurrenceState.SKIPPED, OccurrenceState.SENT
Excused, Failed, Snoozed = OccurrenceState.EXCUSED, OccurrenceState.FAILED, OccurrenceState.SNOOZED


def days(*states):
    return [
        Occurrence(
            id=OccurrenceId(reminder_id="neck", due=NOON + n * DAY),
            state=state,
            sent=None,
            message_id=None,
            late_by=timedelta(0),
            skipped=0,
        )
        for n, state in enumerate(states)
    ]


def test_on_time_nothing_is_skipped():
    caught = catch_up(Every(NOON, DAY), NOON, NOON)
    assert (caught.due, caught.skipped, caught.next) == (NOON, 0, NOON + DAY)


def test_a_one_off_is_never_skipped():
    caught = catch_up(None, NOON, NOON + 400 * DAY)
    assert (caught.due, caught.skipped, caught.next) == (NOON, 0, None)


def test_a_year_of_missed_minutes_is_caught_up_at_once():
    now = NOON + 365 * DAY + timedelta(seconds=30)
    caught = catch_up(Every(NOON, MINUTE), NOON, now)
    assert (caught.due, caught.next) == (NOON + 365 * DAY, NOON + 365 * DAY + MINUTE)


def test_a_rule_of_minutes_that_ended_long_ago_stops_at_its_last_moment():
    caught = catch_up(Every(NOON, MINUTE, last=NOON + 20 * HOUR), NOON, NOON + 400 * DAY)
    assert (caught.due, caught.next) == (NOON + 20 * HOUR, None)


@given(step=st.integers(60, 90_000), down=st.integers(0, 5_000_000))
def test_the_latest_missed_moment_is_sent_and_the_next_one_is_still_to_come(step, down):
    rule = Every(NOON, timedelta(seconds=step))
    now = NOON + timedelta(seconds=down)
    caught = catch_up(rule, NOON, now)
    assert caught.due <= now < caught.next
    assert caught.due == NOON + (down // step) * timedelta(seconds=step)
    assert caught.skipped == min(down // step, 500)


def test_days_kept_in_a_row_are_counted():
    assert streak(days(Done, Done, Done)).current == 3


def test_one_skipped_day_does_not_break_a_streak():
    assert streak(days(Done, Skipped, Done)).current == 2


def test_a_second_miss_soon_after_does():
    kept = streak(days(Done, Done, Skipped, Done, Sent, Done))
    assert (kept.current, kept.best) == (1, 3)


def test_a_week_of_keeping_gives_the_budget_back():
    kept = streak(days(Done, Skipped, *[Done] * 7, Skipped, Done))
    assert kept.current == 9


def test_a_day_off_for_good_reason_and_a_failure_of_ours_cost_nothing():
    kept = streak(days(Done, Excused, Failed, Done))
    assert (kept.current, kept.misses_left) == (2, 1)


def test_today_is_not_lost_while_it_is_open():
    assert streak(days(Done, Sent)).misses_left == 1
    assert streak(days(Done, Snoozed)).misses_left == 1
    assert streak(days(Done, Sent, Done)).misses_left == 0


def test_no_days_make_no_streak():
    assert streak([]).current == 0


@given(st.lists(st.sampled_from(list(OccurrenceState)), max_size=40))
def test_one_more_day_kept_never_shortens_a_streak(states):
    assert streak(days(*states, Done)).current >= 1
    assert streak(days(*states, Done)).best >= streak(days(*states)).best
