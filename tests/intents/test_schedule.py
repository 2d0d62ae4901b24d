# ruff: noqa: DTZ001  (wall times have no zone)
"""Schedules keep their wall clock, agree with RFC 5545 rules, and can be printed, kept and read again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil import rrule
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from intents.days import (
    LAST_DAY,
    Days,
    EveryFewDays,
    OneDay,
    OnMonthDays,
    OnNthWeekday,
    OnWeekdays,
    OnYearDay,
    first_from,
)
from intents.schedule import Calendar, Elapsed, Instant, Schedule, on_the_clock, once, starting
from intents.when import SetReminder, understand

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "UTC",
]
FREQUENCY: dict[type, Any] = {
    EveryFewDays: rrule.DAILY,
    OnWeekdays: rrule.WEEKLY,
    OnMonthDays: rrule.MONTHLY,
    OnNthWeekday: rrule.MONTHLY,
    OnYearDay: rrule.YEARLY,
}

steps = st.integers(1, 5)
weekdays = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
month_days = st.sets(st.integers(1, 31), min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
nths = st.sampled_from([1, 2, 3, 4, 5, -1])
leap_days = st.dates(date(2028, 1, 1), date(2028, 12, 31))
repeated_days = st.one_of(
    st.builds(EveryFewDays, every=steps),
    st.builds(OnWeekdays, weekdays=weekdays, every=steps),
    st.builds(OnMonthDays, days=month_days, every=steps),
    st.just(OnMonthDays(days=(-1,))),
    st.builds(OnNthWeekday, nth=nths, weekday=st.integers(0, 6), every=steps),
    leap_days.map(lambda day: OnYearDay(month=day.month, day=day.day)),
)
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
times_of_day = st.sets(minutes, min_size=1, max_size=6).map(lambda found: tuple(sorted(found)))
walls = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1)).map(lambda each: each.replace(microsecond=0))
zones = st.sampled_from(ZONES)


@st.composite
def calendars(draw: st.DrawFn) -> Schedule:
    rule = starting(draw(repeated_days), draw(times_of_day), not_before=draw(walls))
    assume(rule is not None)
    assert rule is not None
    count = draw(st.none() | st.integers(1, 40))
    longest = (LAST_DAY - rule.start.date()).days
    until = draw(st.none() | st.integers(0, min(800, longest)).map(lambda days: rule.start.date() + timedelta(days)))
    return Schedule(rule=rule, zone=draw(zones), count=count, until=until)


@st.composite
def intervals(draw: st.DrawFn) -> Schedule:
    first = draw(walls).replace(tzinfo=UTC)
    every = timedelta(seconds=draw(st.integers(60, 400_000)))
    zone = draw(zones)
    return Schedule(rule=Elapsed(first=first, every=every), zone=zone, count=draw(st.none() | st.integers(1, 9)))


@st.composite
def single_days(draw: st.DrawFn) -> Schedule:
    day = draw(walls).date()
    rule = starting(OneDay(day=day), draw(times_of_day), not_before=datetime.combine(day, time()))
    assert rule is not None
    return Schedule(rule=rule, zone=draw(zones))


instants = st.builds(lambda wall, zone: Schedule(rule=Instant(at=wall.replace(tzinfo=UTC)), zone=zone), walls, zones)
schedules = st.one_of(calendars(), intervals(), single_days(), instants)


def _first(schedule: Schedule) -> datetime:
    first = schedule.after(datetime(2000, 1, 1, tzinfo=UTC))
    assert first is not None
    return first


@given(schedules)
@settings(deadline=None, max_examples=250)
def test_the_printed_sentence_is_read_back_to_an_equal_schedule(schedule: Schedule) -> None:
    now = _first(schedule) - timedelta(days=3)
    understood = understand(str(schedule), now=now, zone=schedule.zone)
    assert isinstance(understood, SetReminder), (str(schedule), understood)
    assert understood.schedule == schedule, str(schedule)
    assert understood.what == ""


@given(schedules)
@settings(deadline=None)
def test_what_is_kept_as_data_is_read_back_to_an_equal_schedule(schedule: Schedule) -> None:
    assert Schedule.from_json(schedule.to_json()) == schedule


@given(schedules, st.integers(1, 12))
@settings(deadline=None)
def test_moments_strictly_increase_and_end_with_the_last(schedule: Schedule, number: int) -> None:
    moments = schedule.moments(datetime(2025, 1, 1, tzinfo=UTC), number)
    assert moments == sorted(set(moments))
    last = schedule.last()
    if last is not None:
        assert schedule.after(last) is None
        assert schedule.after(last - timedelta(seconds=1)) == last
        assert all(moment <= last for moment in moments)


@given(schedules, walls)
@settings(deadline=None)
def test_any_moment_in_between_leads_to_the_same_next_one(schedule: Schedule, wall: datetime) -> None:
    moment = wall.replace(tzinfo=UTC)
    following = schedule.after(moment)
    if following is not None:
        assert following > moment
        assert schedule.after(following - timedelta(seconds=1)) == following


def _as_rrule(schedule: Schedule) -> list[datetime]:
    """Return the first wall times that dateutil finds for the same rule, on naive local time."""
    rule = schedule.rule
    assert isinstance(rule, Calendar)
    extra: dict[str, Any] = {}
    match rule.days:
        case OnWeekdays(weekdays=wanted):
            extra = {"byweekday": wanted}
        case OnMonthDays(days=wanted):
            extra = {"bymonthday": wanted}
        case OnNthWeekday(nth=nth, weekday=weekday):
            extra = {"byweekday": rrule.weekday(weekday, nth)}
        case OnYearDay(month=month, day=day):
            extra = {"bymonth": month, "bymonthday": day}
        case _:
            pass
    until = datetime.combine(schedule.until, time(23, 59)) if schedule.until else datetime(2100, 12, 31)
    days: Any = rrule.rrule(
        FREQUENCY[type(rule.days)],
        dtstart=datetime.combine(rule.start.date(), time()),
        interval=getattr(rule.days, "every", 1),
        until=until,
        **extra,
    )
    found: list[datetime] = []
    for day in days:
        found += [wall for each in rule.times if (wall := datetime.combine(day, each)) >= rule.start]
        if len(found) > 60:
            break
    return found[: schedule.count]


@given(calendars())
@settings(deadline=None)
@example(
    Schedule(
        rule=Calendar(days=EveryFewDays(), times=(time(2, 30), time(3, 0)), start=datetime(2027, 3, 27, 2, 30)),
        zone="Europe/Berlin",
        count=3,
    )
)
def test_dateutil_agrees_on_every_calendar_rule(schedule: Schedule) -> None:
    zone = ZoneInfo(schedule.zone)
    expected = sorted({on_the_clock(wall, zone) for wall in _as_rrule(schedule)})[:20]
    assert schedule.moments(datetime(2025, 1, 1, tzinfo=UTC), len(expected)) == expected


@given(calendars())
@settings(deadline=None)
def test_the_ending_counts_what_dateutil_counts(schedule: Schedule) -> None:
    assume(schedule.count is not None and schedule.ends is not None)
    assert schedule.ends is not None
    assert schedule.ends.count == min(len(_as_rrule(schedule)), schedule.count or 0)


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """Return the moments at which the offset of a zone changes, to the second, found by halving."""
    found = []
    month = timedelta(days=20)
    while first < last:
        after = first + month
        if first.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            low, high = first, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(zone).utcoffset() == first.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(microsecond=0))
        first = after
    return found


def _all_changes() -> dict[tuple[datetime, timedelta | None, timedelta | None], str]:
    """Return one zone for every different change from 2024 to 2030: equal changes need one look."""
    changes = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for change in _changes(zone, datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)):
            offsets = (
                (change - timedelta(seconds=1)).astimezone(zone).utcoffset(),
                change.astimezone(zone).utcoffset(),
            )
            changes[change, *offsets] = name
    return changes


def test_every_daily_moment_comes_once_around_every_clock_change_of_every_zone() -> None:
    """The stated wall time each day, moved on by a gap; on its first pass where it comes twice."""
    changes = _all_changes()
    assert len(changes) > 200
    for (change, before, after), name in changes.items():
        assert before is not None
        assert after is not None
        zone, shift = ZoneInfo(name), after - before
        edge = change.replace(tzinfo=None) + min(before, after)
        for minutes in (-30, -1, 0, 1, 15, 29, 30, 45, 59, 60, 61, 90, 120):
            wall = (edge + timedelta(minutes=minutes)).replace(second=0)
            _check_daily(wall, zone, name, shift)


def _check_daily(wall: datetime, zone: ZoneInfo, name: str, shift: timedelta) -> None:
    start = wall - timedelta(days=2)
    schedule = Schedule(rule=Calendar(days=EveryFewDays(), times=(wall.time(),), start=start), zone=name)
    moments = schedule.moments(on_the_clock(start, zone) - timedelta(seconds=1), 5)
    locals_ = [moment.astimezone(zone) for moment in moments]
    for number, local in enumerate(locals_):
        nominal = start + timedelta(days=number)
        exists = nominal.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == nominal
        expected = nominal if exists else nominal + shift
        assert local.replace(tzinfo=None, fold=0) == expected, (name, nominal, local)
        assert local.fold == 0, (name, nominal)


@given(st.sampled_from(sorted(available_timezones())), times_of_day, walls, st.integers(1, 3))
@settings(deadline=None)
def test_a_gap_moves_on_and_a_fold_counts_once_in_any_zone(
    name: str, times: tuple[time, ...], wall: datetime, every: int
) -> None:
    rule = starting(EveryFewDays(every=every), times, not_before=wall)
    assert rule is not None
    zone = ZoneInfo(name)
    for moment in Schedule(rule=rule, zone=name).moments(wall.replace(tzinfo=UTC) - timedelta(days=2), 15):
        local = moment.astimezone(zone)
        before = (moment - timedelta(hours=3)).astimezone(zone).utcoffset()
        now = local.utcoffset()
        assert before is not None
        assert now is not None
        shifted = (local.replace(tzinfo=None) - max(now - before, timedelta())).time().replace(fold=0)
        assert local.time().replace(fold=0) in times or shifted in times
        assert local.fold == 0


@pytest.mark.parametrize(
    "days",
    [
        OnMonthDays(days=(31,)),
        OnYearDay(month=2, day=29),
        OnNthWeekday(nth=5, weekday=0),
        OnWeekdays(weekdays=(2,), every=7),
        EveryFewDays(every=9),
    ],
)
def test_rules_run_to_the_end_of_the_century_and_stop(days: Days) -> None:
    rule = starting(days, (time(9),), not_before=datetime(2099, 1, 1))
    if rule is None:
        assert first_from(days, date(2099, 1, 1)) is None
        return
    schedule = Schedule(rule=rule, zone="Europe/Berlin")
    moments = schedule.moments(datetime(2099, 1, 1, tzinfo=UTC), 1000)
    assert moments[-1].year <= 2100
    assert schedule.after(datetime(9999, 12, 31, tzinfo=UTC)) is None


def test_a_month_without_the_day_is_skipped() -> None:
    rule = starting(OnMonthDays(days=(31,)), (time(9),), not_before=datetime(2027, 1, 1))
    assert rule is not None
    moments = Schedule(rule=rule, zone="UTC").moments(datetime(2027, 1, 1, tzinfo=UTC), 4)
    assert [moment.month for moment in moments] == [1, 3, 5, 7]


def test_an_interval_does_not_care_for_clock_changes() -> None:
    first = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    schedule = Schedule(rule=Elapsed(first=first, every=timedelta(hours=1)), zone="Europe/Berlin")
    local = [moment.astimezone(ZoneInfo("Europe/Berlin")).hour for moment in schedule.moments(first, 2)]
    assert local == [3, 4]


def test_an_interval_ends_with_its_last_day() -> None:
    first = datetime(2027, 1, 1, 10, tzinfo=UTC)
    schedule = Schedule(rule=Elapsed(first=first, every=timedelta(hours=5)), zone="UTC", until=date(2027, 1, 1))
    assert [moment.hour for moment in schedule.moments(first - timedelta(hours=1), 9)] == [10, 15, 20]


WRONG: dict[str, Callable[[], object]] = {
    "unknown zone": lambda: once(datetime(2027, 1, 1, 9), "Europe/Nowhere"),
    "zone with a way out": lambda: once(datetime(2027, 1, 1, 9), "../etc"),
    "no moment": lambda: Schedule(rule=_daily(), zone="UTC", count=0),
    "over before it starts": lambda: Schedule(rule=_daily(), zone="UTC", until=date(2026, 12, 31)),
    "two ends of one day": lambda: Schedule(rule=_one_day(), zone="UTC", count=1),
    "no step": lambda: EveryFewDays(every=0),
    "no weekday": lambda: OnWeekdays(weekdays=()),
    "eighth weekday": lambda: OnWeekdays(weekdays=(7,)),
    "32nd": lambda: OnMonthDays(days=(32,)),
    "sixth Monday": lambda: OnNthWeekday(nth=6, weekday=0),
    "30 February": lambda: OnYearDay(month=2, day=30),
    "no time": lambda: Calendar(days=EveryFewDays(), times=(), start=datetime(2027, 1, 1, 9)),
    "seconds": lambda: Calendar(days=EveryFewDays(), times=(time(9, 0, 1),), start=datetime(2027, 1, 1, 9, 0, 1)),
    "start at another time": lambda: Calendar(days=EveryFewDays(), times=(time(9),), start=datetime(2027, 1, 1, 8)),
    "start on another day": lambda: Calendar(
        days=OnWeekdays(weekdays=(0,)), times=(time(9),), start=datetime(2027, 1, 1, 9)
    ),
    "local instant": lambda: Instant(at=datetime(2027, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))),
    "too often": lambda: Elapsed(first=datetime(2027, 1, 1, tzinfo=UTC), every=timedelta(seconds=30)),
    "data of another version": lambda: Schedule.from_json({"version": 2}),
    "data without a rule": lambda: Schedule.from_json({"version": 1, "zone": "UTC", "count": None, "until": None}),
    "data of another kind": lambda: Schedule.from_json(
        {"version": 1, "zone": "UTC", "count": None, "until": None, "rule": {"kind": "lunar"}}
    ),
}


def _daily() -> Calendar:
    return Calendar(days=EveryFewDays(), times=(time(9),), start=datetime(2027, 1, 1, 9))


def _one_day() -> Calendar:
    return Calendar(days=OneDay(day=date(2027, 1, 1)), times=(time(9),), start=datetime(2027, 1, 1, 9))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_a_schedule_cannot_be_built(name: str) -> None:
    with pytest.raises(ValueError):
        WRONG[name]()
