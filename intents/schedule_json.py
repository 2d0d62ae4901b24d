"""How is a schedule kept as plain data?"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, assert_never

from intents.days import Days, EveryFewDays, OneDay, OnMonthDays, OnNthWeekday, OnWeekdays, OnYearDay
from intents.schedule import Calendar, Elapsed, Instant, Rule, Schedule

VERSION: Final = 1


def written(schedule: Schedule) -> dict[str, Any]:
    """Return plain data (text, numbers, lists, dicts) that `read` turns back into an equal schedule."""
    return {
        "version": VERSION,
        "zone": schedule.zone,
        "rule": _rule_written(schedule.rule),
        "count": schedule.count,
        "until": schedule.until.isoformat() if schedule.until else None,
    }


def read(data: Mapping[str, Any]) -> Schedule:
    """Return the schedule that was written. Raises ValueError for data that `written` did not make."""
    if data.get("version") != VERSION:
        raise ValueError(f"a schedule of version {data.get('version')!r} is not known here")
    try:
        until = data["until"]
        return Schedule(
            rule=_rule_read(data["rule"]),
            zone=data["zone"],
            count=data["count"],
            until=date.fromisoformat(until) if until else None,
        )
    except (KeyError, TypeError) as problem:
        raise ValueError(f"this is not a schedule: {problem!r}") from problem


def _rule_written(rule: Rule) -> dict[str, Any]:
    match rule:
        case Instant(at=at):
            return {"kind": "instant", "at": at.isoformat()}
        case Elapsed(first=first, every=every):
            return {"kind": "elapsed", "first": first.isoformat(), "seconds": int(every.total_seconds())}
        case Calendar(days=days, times=times, start=start):
            return {
                "kind": "calendar",
                "days": _days_written(days),
                "times": [f"{each:%H:%M}" for each in times],
                "start": start.isoformat(),
            }
        case _:
            assert_never(rule)


def _rule_read(data: Mapping[str, Any]) -> Rule:
    match data["kind"]:
        case "instant":
            return Instant(at=_moment(data["at"]))
        case "elapsed":
            return Elapsed(first=_moment(data["first"]), every=timedelta(seconds=data["seconds"]))
        case "calendar":
            times = tuple(time.fromisoformat(each) for each in data["times"])
            days = _days_read(data["days"])
            return Calendar(days=days, times=times, start=datetime.fromisoformat(data["start"]))
        case kind:
            raise ValueError(f"a rule of kind {kind!r} is not known here")


def _days_written(days: Days) -> dict[str, Any]:
    match days:
        case OneDay(day=day):
            return {"kind": "one", "day": day.isoformat()}
        case EveryFewDays(every=every):
            return {"kind": "daily", "every": every}
        case OnWeekdays(weekdays=weekdays, every=every):
            return {"kind": "weekly", "weekdays": list(weekdays), "every": every}
        case OnMonthDays(days=numbers, every=every):
            return {"kind": "monthly", "days": list(numbers), "every": every}
        case OnNthWeekday(nth=nth, weekday=weekday, every=every):
            return {"kind": "nth weekday", "nth": nth, "weekday": weekday, "every": every}
        case OnYearDay(month=month, day=number, every=every):
            return {"kind": "yearly", "month": month, "day": number, "every": every}
        case _:
            assert_never(days)


def _days_read(data: Mapping[str, Any]) -> Days:
    reader = _READERS.get(data["kind"])
    if reader is None:
        raise ValueError(f"days of kind {data['kind']!r} are not known here")
    return reader(data)


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Days]]] = {
    "one": lambda data: OneDay(day=date.fromisoformat(data["day"])),
    "daily": lambda data: EveryFewDays(every=data["every"]),
    "weekly": lambda data: OnWeekdays(weekdays=tuple(data["weekdays"]), every=data["every"]),
    "monthly": lambda data: OnMonthDays(days=tuple(data["days"]), every=data["every"]),
    "nth weekday": lambda data: OnNthWeekday(nth=data["nth"], weekday=data["weekday"], every=data["every"]),
    "yearly": lambda data: OnYearDay(month=data["month"], day=data["day"], every=data["every"]),
}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
