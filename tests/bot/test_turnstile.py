"""How much one person may ask."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import Rate
from bot.turnstile import Passing, Turnstile
from tests.bot.fakes import NOON, SECOND

RATE = Rate(every=2 * SECOND, burst=3)


def test_a_burst_is_answered_then_one_notice_then_silence_then_answers_again():
    one = Turnstile(RATE)
    at_once = [one.passing(1, NOON) for _ in range(6)]
    assert at_once == [Passing.OPEN] * 3 + [Passing.NOTICE] + [Passing.SHUT] * 2
    assert one.passing(1, NOON + 2 * SECOND) is Passing.OPEN
    assert one.passing(1, NOON + 2 * SECOND) is Passing.NOTICE


def test_nobody_is_blamed_for_others():
    one = Turnstile(RATE)
    for _ in range(9):
        one.passing(1, NOON)
    assert one.passing(2, NOON) is Passing.OPEN


def test_messages_of_an_outage_count_by_when_they_were_written():
    one = Turnstile(RATE)
    written = [NOON + timedelta(minutes=minute) for minute in range(30)]
    assert {one.passing(1, at) for at in written} == {Passing.OPEN}


def test_it_remembers_so_many_people_and_no_more():
    one = Turnstile(RATE, kept=10)
    for person in range(1000):
        one.passing(person, NOON)
    assert len(one._paces) == 10


@given(st.lists(st.integers(-100_000, 100_000), max_size=60))
def test_whoever_waits_long_enough_is_answered_whatever_was_before(moments):
    one = Turnstile(RATE)
    for moment in moments:
        one.passing(1, NOON + moment * SECOND)
    assert one.passing(1, NOON + timedelta(days=3)) is Passing.OPEN
