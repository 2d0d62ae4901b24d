"""The clock of a guided session: beginning, pauses and the moment decide what is shown, and nothing else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.session_clock import (
    LATEST,
    SOONEST,
    Session,
    View,
    ends,
    moved_on,
    next_look,
    paused,
    resumed,
    view,
)

lengths = st.lists(st.integers(min_value=1, max_value=600), min_size=1, max_size=6)
seconds = st.integers(min_value=0, max_value=4_000)
BEGAN = 1_900_000_000
FRESH = Session(began=BEGAN)


def test_a_session_begins_with_its_first_step_in_full():
    assert view(FRESH, [150, 60], BEGAN) == View(step=0, left=150, paused=False)


def test_the_next_step_follows_by_itself_and_after_the_last_it_is_over():
    assert view(FRESH, [150, 60], BEGAN + 149) == View(step=0, left=1, paused=False)
    assert view(FRESH, [150, 60], BEGAN + 150) == View(step=1, left=60, paused=False)
    assert view(FRESH, [150, 60], BEGAN + 210).over


def test_a_clock_that_was_set_back_shows_the_beginning():
    assert view(FRESH, [150, 60], BEGAN - 1_000) == View(step=0, left=150, paused=False)


@given(lengths=lengths, first=seconds, more=seconds)
def test_time_only_brings_a_session_further(lengths: list[int], first: int, more: int):
    earlier, later = view(FRESH, lengths, BEGAN + first), view(FRESH, lengths, BEGAN + first + more)
    assert (later.step, -later.left) >= (earlier.step, -earlier.left)


@given(lengths=lengths, before=seconds, pause=seconds, after=seconds)
def test_a_pause_of_any_length_costs_nothing(lengths: list[int], before: int, pause: int, after: int):
    held = paused(FRESH, BEGAN + before)
    assert view(held, lengths, BEGAN + before + pause) == view(held, lengths, BEGAN + before)
    going = resumed(held, BEGAN + before + pause)
    assert view(going, lengths, BEGAN + before + pause + after) == view(FRESH, lengths, BEGAN + before + after)


@given(lengths=lengths, when=seconds)
def test_next_leads_to_the_beginning_of_the_next_step(lengths: list[int], when: int):
    shown = view(FRESH, lengths, BEGAN + when)
    after = view(moved_on(FRESH, lengths, BEGAN + when), lengths, BEGAN + when)
    if shown.step + 1 < len(lengths):
        assert after == View(step=shown.step + 1, left=lengths[shown.step + 1], paused=False)
    else:
        assert after.over


@given(lengths=lengths, when=seconds, later=seconds)
def test_pausing_or_going_on_twice_is_as_good_as_once(lengths: list[int], when: int, later: int):
    held = paused(FRESH, BEGAN + when)
    assert paused(held, BEGAN + when + later) == held
    going = resumed(held, BEGAN + when + later)
    assert resumed(going, BEGAN + when + 2 * later) == going


@given(lengths=lengths, when=seconds)
def test_it_is_over_when_it_says(lengths: list[int], when: int):
    end = ends(FRESH, lengths, BEGAN + when)
    assert view(FRESH, lengths, end).over
    if not view(FRESH, lengths, BEGAN + when).over:
        assert not view(FRESH, lengths, end - 1).over


@given(lengths=lengths, when=seconds)
def test_a_message_is_changed_every_five_to_ten_seconds_and_never_to_the_same(lengths: list[int], when: int):
    shown = view(FRESH, lengths, BEGAN + when)
    look = next_look(shown)
    if shown.over:
        assert look is None
    else:
        assert look is not None
        assert SOONEST <= look <= LATEST
        assert view(FRESH, lengths, BEGAN + when + look) != shown


def test_a_paused_one_is_not_looked_at():
    assert next_look(view(paused(FRESH, BEGAN), [150], BEGAN + 9)) is None


@given(began=seconds, paused_for=seconds, ahead=seconds, held=st.none() | seconds)
def test_what_is_remembered_is_read_back(began: int, paused_for: int, ahead: int, held: int | None):
    session = Session(began=began, paused=paused_for, ahead=ahead, held=held)
    assert Session.from_json(session.to_json()) == session


def test_what_is_not_ours_is_no_session():
    assert Session.from_json({"number": 3}) is None
    assert Session.from_json({"began": "now", "paused": 0, "ahead": 0}) is None
