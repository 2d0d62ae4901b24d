"""On which calendar days does something happen?

Every kind of day rule counts from a first day, which is itself a day of the rule. Days that a month or a year
does not have (31 April, 29 February) are skipped. Nothing happens after `LAST_DAY`.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import assert_never

LAST_DAY = date(2100, 12, 31)
LAST_OF_MONTH = -1
DAYS_IN_WEEK = 7
MONTHS_IN_YEAR = 12
MOST_DAYS_IN_MONTH = 31
MOST_WEEKS_IN_MONTH = 5
LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDay:
    """A single calendar day."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryFewDays:
    """Every day (1), every other day (2), every fourth day (4), in calendar days from the first one."""

    every: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWeekdays:
    """Named weekdays, Monday = 0, in every n-th week (Monday to Sunday) from the first day's week."""

    weekdays: tuple[int, ...]
    every: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.every)
        _sorted_within(self.weekdays, 0, DAYS_IN_WEEK - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMonthDays:
    """Numbered days 1-31 of every n-th month; -1 is the last day. A month without the day is skipped."""

    days: tuple[int, ...]
    every: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.every)
        if self.days != (LAST_OF_MONTH,):
            _sorted_within(self.days, 1, MOST_DAYS_IN_MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNthWeekday:
    """The first (1) to fifth (5) or last (-1) Monday (0) to Sunday (6) of every n-th month."""

    nth: int
    weekday: int
    every: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.every)
        _sorted_within((self.weekday,), 0, DAYS_IN_WEEK - 1)
        if self.nth != LAST_OF_MONTH:
            _sorted_within((self.nth,), 1, MOST_WEEKS_IN_MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnYearDay:
    """One day of the year, every n-th year; 29 February falls in leap years only."""

    month: int
    day: int
    every: int = 1

    def __post_init__(self) -> None:
        _at_least_one(self.every)
        date(LEAP_YEAR, self.month, self.day)


Days = OneDay | EveryFewDays | OnWeekdays | OnMonthDays | OnNthWeekday | OnYearDay


def first_from(days: Days, earliest: date) -> date | None:
    """Return the first day of a rule that starts no earlier than `earliest`."""
    match days:
        case EveryFewDays():
            return earliest if earliest <= LAST_DAY else None
        case OneDay() | OnWeekdays() | OnMonthDays() | OnNthWeekday() | OnYearDay():
            # With a step of one there is no phase to keep yet: the day found becomes the phase.
            return next_from(_every_time(days), earliest, earliest)
        case _:
            assert_never(days)


def next_from(days: Days, first: date, earliest: date) -> date | None:
    """Return the first day at or after `earliest` of a rule counted from `first`; None if there is none."""
    earliest = max(earliest, first)
    if earliest > LAST_DAY:
        return None
    match days:
        case OneDay(day=day):
            found = day if day >= earliest else None
        case EveryFewDays(every=every):
            found = earliest + timedelta(days=-(earliest - first).days % every)
        case OnWeekdays():
            found = _next_weekday(days, first, earliest)
        case OnMonthDays() | OnNthWeekday():
            found = _next_in_months(days, first, earliest)
        case OnYearDay():
            found = _next_in_years(days, first, earliest)
        case _:
            assert_never(days)
    return found if found is not None and found <= LAST_DAY else None


def nth_day(days: Days, first: date, number: int) -> date | None:
    """Return day `number` (0 = `first`) of a rule; None past `LAST_DAY`."""
    match days:
        case EveryFewDays(every=every):
            steps = every * number
            return first + timedelta(days=steps) if steps <= (LAST_DAY - first).days else None
        case OnWeekdays(weekdays=weekdays, every=every):
            weeks, place = divmod(weekdays.index(first.weekday()) + number, len(weekdays))
            steps = weeks * every * DAYS_IN_WEEK + weekdays[place] - first.weekday()
            return first + timedelta(days=steps) if steps <= (LAST_DAY - first).days else None
        case OneDay() | OnMonthDays() | OnNthWeekday() | OnYearDay():
            for place, day in enumerate(_walk(days, first)):
                if place == number:
                    return day
            return None
        case _:
            assert_never(days)


def how_many(days: Days, first: date, last: date) -> int:
    """Return how many days of a rule counted from `first` lie at or before `last`."""
    if last < first:
        return 0
    match days:
        case EveryFewDays(every=every):
            return (last - first).days // every + 1
        case OnWeekdays(weekdays=weekdays, every=every):
            weeks, beyond = divmod((_monday(last) - _monday(first)).days // DAYS_IN_WEEK, every)
            in_last_week = sum(beyond > 0 or weekday <= last.weekday() for weekday in weekdays)
            return weeks * len(weekdays) - weekdays.index(first.weekday()) + in_last_week
        case OneDay() | OnMonthDays() | OnNthWeekday() | OnYearDay():
            return sum(1 for day in _walk(days, first) if day <= last)
        case _:
            assert_never(days)


def month_after(year: int, month: int, steps: int) -> tuple[int, int]:
    """Return the year and month that lie `steps` months after the given ones."""
    years, place = divmod(month - 1 + steps, MONTHS_IN_YEAR)
    return year + years, place + 1


def day_of_month(year: int, month: int, day: int) -> date | None:
    """Return that day; -1 is the last one; None if the month does not have it."""
    length = calendar.monthrange(year, month)[1]
    if day == LAST_OF_MONTH:
        return date(year, month, length)
    return date(year, month, day) if day <= length else None


def _next_weekday(days: OnWeekdays, first: date, earliest: date) -> date:
    monday = _monday(earliest)
    beyond = (monday - _monday(first)).days // DAYS_IN_WEEK % days.every
    if beyond == 0:
        for weekday in days.weekdays:
            if weekday >= earliest.weekday():
                return monday + timedelta(days=weekday)
    return monday + timedelta(days=(days.every - beyond) * DAYS_IN_WEEK + days.weekdays[0])


def _next_in_months(days: OnMonthDays | OnNthWeekday, first: date, earliest: date) -> date | None:
    since = (earliest.year - first.year) * MONTHS_IN_YEAR + earliest.month - first.month
    step = since - since % days.every
    while True:
        year, month = month_after(first.year, first.month, step)
        if year > LAST_DAY.year:
            return None
        for day in _days_in_month(days, year, month):
            if day >= earliest:
                return day
        step += days.every


def _next_in_years(days: OnYearDay, first: date, earliest: date) -> date | None:
    year = earliest.year + -(earliest.year - first.year) % days.every
    while year <= LAST_DAY.year:
        day = day_of_month(year, days.month, days.day)
        if day is not None and day >= earliest:
            return day
        year += days.every
    return None


def _days_in_month(days: OnMonthDays | OnNthWeekday, year: int, month: int) -> Iterator[date]:
    if isinstance(days, OnMonthDays):
        wanted = (day_of_month(year, month, day) for day in days.days)
        return (day for day in wanted if day is not None)
    last = calendar.monthrange(year, month)[1]
    if days.nth == LAST_OF_MONTH:
        final = date(year, month, last)
        return iter((final - timedelta(days=(final.weekday() - days.weekday) % DAYS_IN_WEEK),))
    number = 1 + (days.weekday - date(year, month, 1).weekday()) % DAYS_IN_WEEK + (days.nth - 1) * DAYS_IN_WEEK
    return iter((date(year, month, number),) if number <= last else ())


def _walk(days: Days, first: date) -> Iterator[date]:
    day = next_from(days, first, first)
    while day is not None:
        yield day
        day = next_from(days, first, day + timedelta(days=1))


def _every_time(days: OneDay | OnWeekdays | OnMonthDays | OnNthWeekday | OnYearDay) -> Days:
    match days:
        case OneDay():
            return days
        case OnWeekdays(weekdays=weekdays):
            return OnWeekdays(weekdays=weekdays)
        case OnMonthDays(days=numbers):
            return OnMonthDays(days=numbers)
        case OnNthWeekday(nth=nth, weekday=weekday):
            return OnNthWeekday(nth=nth, weekday=weekday)
        case OnYearDay(month=month, day=day):
            return OnYearDay(month=month, day=day)
        case _:
            assert_never(days)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _at_least_one(every: int) -> None:
    if every < 1:
        raise ValueError(f"a step of {every} never comes back")


def _sorted_within(numbers: tuple[int, ...], lowest: int, highest: int) -> None:
    if not numbers or list(numbers) != sorted(set(numbers)) or numbers[0] < lowest or numbers[-1] > highest:
        raise ValueError(f"{numbers} must be different numbers from {lowest} to {highest}, in order")
