"""How is a schedule said in one English sentence?

The sentence leaves nothing out, so that `when.understand` reads it back to an equal schedule.
"""

import calendar
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, assert_never

from intents.days import (
    LAST_OF_MONTH,
    Days,
    EveryFewDays,
    OneDay,
    OnMonthDays,
    OnNthWeekday,
    OnWeekdays,
    OnYearDay,
)
from intents.schedule import Calendar, Elapsed, Instant, Schedule, known_zone, on_the_clock

NTH: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST_OF_MONTH: "last"}
FEWEST_TIMES_OF_A_WINDOW: Final = 4
SECONDS_IN_MINUTE: Final = 60
MINUTES_IN_HOUR: Final = 60


def sentence(schedule: Schedule) -> str:
    """Return the schedule in words: days, times, start, end."""
    match schedule.rule:
        case Instant(at=at):
            return f"at {at.astimezone(known_zone(schedule.zone)).isoformat()}"
        case Elapsed(first=first, every=every):
            return f"every {_length(every)}, starting {_stamp(first, schedule.zone)}{_end(schedule)}"
        case Calendar(days=OneDay(day=day), times=times):
            return f"on {_date(day)} {_times(times)}"
        case Calendar(days=days, times=times):
            return f"{_days(days)} {_times(times)}, starting {_start(schedule.rule)}{_end(schedule)}"
        case _:
            assert_never(schedule.rule)


def _days(days: Days) -> str:
    match days:
        case OneDay(day=day):
            return f"on {_date(day)}"
        case EveryFewDays(every=every):
            return f"every {_several(every, 'day')}"
        case OnWeekdays(weekdays=weekdays, every=1):
            return f"every {_listed([calendar.day_name[each] for each in weekdays])}"
        case OnWeekdays(weekdays=weekdays, every=every):
            return f"every {every} weeks on {_listed([calendar.day_name[each] for each in weekdays])}"
        case OnMonthDays(days=(-1,), every=every):
            return f"every {_several(every, 'month')} on the last day"
        case OnMonthDays(days=numbers, every=every):
            return f"every {_several(every, 'month')} on day {_listed([str(each) for each in numbers])}"
        case OnNthWeekday(nth=nth, weekday=weekday, every=every):
            return f"every {_several(every, 'month')} on the {NTH[nth]} {calendar.day_name[weekday]}"
        case OnYearDay(month=month, day=day, every=every):
            return f"every {_several(every, 'year')} on {day} {calendar.month_name[month]}"
        case _:
            assert_never(days)


def _times(times: Sequence[time]) -> str:
    step = _even_step(times)
    if step is not None:
        return f"every {_length(step)} from {times[0]:%H:%M} to {times[-1]:%H:%M}"
    return f"at {_listed([f'{each:%H:%M}' for each in times])}"


def _even_step(times: Sequence[time]) -> timedelta | None:
    """Return the step between the times if it is the same throughout, as in a window."""
    if len(times) < FEWEST_TIMES_OF_A_WINDOW:
        return None
    minutes = [each.hour * MINUTES_IN_HOUR + each.minute for each in times]
    steps = {later - earlier for earlier, later in pairwise(minutes)}
    return timedelta(minutes=steps.pop()) if len(steps) == 1 else None


def _start(rule: Calendar) -> str:
    if rule.start.time() == rule.times[0]:
        return _date(rule.start.date())
    return f"{_date(rule.start.date())} {rule.start:%H:%M}"


def _end(schedule: Schedule) -> str:
    until = f", until {_date(schedule.until)}" if schedule.until else ""
    count = f", {schedule.count} times" if schedule.count else ""
    return until + count


def _stamp(moment: datetime, zone: str) -> str:
    """Return the local date and time, with the offset where the wall clock alone is not enough."""
    local = moment.astimezone(known_zone(zone))
    plain = local.replace(tzinfo=None, fold=0)
    if on_the_clock(plain, known_zone(zone)) == moment and not local.second:
        return f"{plain:%Y-%m-%dT%H:%M}"
    return local.isoformat()


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds % SECONDS_IN_MINUTE:
        return _several(seconds, "second")
    minutes = seconds // SECONDS_IN_MINUTE
    if minutes % MINUTES_IN_HOUR:
        return _several(minutes, "minute")
    return _several(minutes // MINUTES_IN_HOUR, "hour")


def _several(number: int, unit: str) -> str:
    return unit if number == 1 else f"{number} {unit}s"


def _date(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
