"""When is the next moment? Wall-clock rules in a time zone, and elapsed intervals.

The wall clock and the zone are the truth: a daily reminder is never "the last one plus 24 hours". A wall time
that a clock change leaves out moves forward by the length of the gap; one that comes twice counts once, on
its first pass.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intents.days import LAST_DAY, Days, OneDay, first_from, how_many, next_from, nth_day

ONE_DAY: Final = timedelta(days=1)
ONE_SECOND: Final = timedelta(seconds=1)
# No clock was ever set forward by more than a day (Samoa skipped one in 2011).
LONGEST_GAP: Final = timedelta(hours=25)
SHORTEST_INTERVAL: Final = timedelta(minutes=1)
_END: Final = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """One exact moment in UTC, such as "in 20 minutes" when it was said."""

    at: datetime

    def __post_init__(self) -> None:
        _whole_utc_seconds(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """Every so much elapsed time; clock changes do not matter. `first` is the first moment, in UTC."""

    first: datetime
    every: timedelta

    def __post_init__(self) -> None:
        _whole_utc_seconds(self.first)
        if self.every < SHORTEST_INTERVAL or self.every.microseconds:
            raise ValueError(f"an interval of {self.every} is too short or not whole seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Wall-clock times on calendar days.

    `start` is the first of them, in local time without a zone; the phase counts from its day. A single day
    holds only the times that are meant.
    """

    days: Days
    times: tuple[time, ...]
    start: datetime

    def __post_init__(self) -> None:
        if not self.times or list(self.times) != sorted(set(self.times)):
            raise ValueError("times of a day must be different and in order")
        if any(each.second or each.microsecond or each.tzinfo for each in self.times):
            raise ValueError("times of a day are hours and minutes without a zone")
        if self.start.tzinfo is not None or self.start.time() not in self.times:
            raise ValueError("the start must be one of the times, in local time without a zone")
        first = self.start.date()
        if first_from(self.days, first) != first:
            raise ValueError("the start must be a day of the rule")
        if isinstance(self.days, OneDay) and self.start.time() != self.times[0]:
            raise ValueError("a single day holds only times from its start on")


Rule = Instant | Elapsed | Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a schedule ends: how many moments it has and the last one, in UTC."""

    count: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When something happens.

    `count` counts moments from the start, `until` is the last local day; whichever comes first ends it.
    Raises ValueError for an unknown zone, a count below one, or an `until` before the start.
    """

    rule: Rule
    zone: str
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        zone = known_zone(self.zone)
        if self.count is not None and self.count < 1:
            raise ValueError("a schedule has at least one moment")
        if _ends_by_itself(self.rule) and (self.count or self.until):
            raise ValueError("one moment or one day needs no end")
        if self.until is not None and self.until < first_day(self.rule, zone):
            raise ValueError("the schedule ends before it starts")

    def after(self, moment: datetime) -> datetime | None:
        """Return the first moment strictly after `moment` (aware), in UTC; None if none follows by 2100."""
        moment = moment.astimezone(UTC)
        if moment >= _END:
            return None
        match self.rule:
            case Instant(at=at):
                return at if at > moment else None
            case Elapsed():
                return self._after_elapsed(self.rule, moment)
            case Calendar():
                return self._after_on_calendar(self.rule, moment)
            case _:
                assert_never(self.rule)

    def moments(self, after: datetime, n: int) -> list[datetime]:
        """Return up to `n` moments strictly after `after`, in order, in UTC."""
        found: list[datetime] = []
        moment = self.after(after)
        while moment is not None and len(found) < n:
            found.append(moment)
            moment = self.after(moment)
        return found

    def last(self) -> datetime | None:
        """Return the final moment in UTC; None when there is no end."""
        return self.ends.last if self.ends else None

    @property
    def ends(self) -> Ending | None:
        """How many moments there are and the final one; None when there is no end."""
        return _ending(self)

    @property
    def repeats(self) -> bool:
        """Whether there is more than one moment."""
        return self.ends is None or self.ends.count > 1

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` reads back to an equal schedule."""
        from intents.schedule_json import written  # noqa: PLC0415  (it needs this module's types)

        return written(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Schedule":
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        from intents.schedule_json import read  # noqa: PLC0415  (it needs this module's types)

        return read(data)

    def __str__(self) -> str:
        """Return an English sentence that `when.understand` reads back to an equal schedule."""
        from intents.schedule_text import sentence  # noqa: PLC0415  (it needs this module's types)

        return sentence(self)

    def _after_elapsed(self, rule: Elapsed, moment: datetime) -> datetime | None:
        steps = max(0, (moment - rule.first) // rule.every + 1)
        found = rule.first + steps * rule.every
        last = self.last() or _END
        return found if found <= last else None

    def _after_on_calendar(self, rule: Calendar, moment: datetime) -> datetime | None:
        zone = ZoneInfo(self.zone)
        best: datetime | None = None
        best_wall = datetime.max  # noqa: DTZ901  (wall time has no zone)
        for wall in _walls(rule, _earliest_wall(moment, zone), _last_wall(self)):
            if wall >= best_wall:
                break
            found = on_the_clock(wall, zone)
            if found > moment and (best is None or found < best):
                best = found
                best_wall = found.astimezone(zone).replace(tzinfo=None)
        return best


def starting(days: Days, times: tuple[time, ...], *, not_before: datetime) -> Calendar | None:
    """Return the rule from its first moment at or after `not_before` (local time); None if it has none."""
    day = first_from(days, not_before.date())
    if day is None:
        return None
    if day == not_before.date() and times[-1] < not_before.time():
        day = first_from(days, day + ONE_DAY)
    if day is None:
        return None
    first = next((each for each in times if datetime.combine(day, each) >= not_before), times[0])
    if isinstance(days, OneDay):
        times = times[times.index(first) :]
    return Calendar(days=days, times=times, start=datetime.combine(day, first))


def once(wall: datetime, zone: str) -> Schedule:
    """Return the schedule of one wall-clock moment (naive local time)."""
    rule = Calendar(days=OneDay(day=wall.date()), times=(wall.time(),), start=wall)
    return Schedule(rule=rule, zone=zone)


def on_the_clock(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, of a wall-clock time: moved on by a gap, the first pass of a fold."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def known_zone(name: str) -> ZoneInfo:
    """Return the IANA zone of that name. Raises ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ValueError(f"there is no time zone {name!r}") from problem


def first_day(rule: Rule, zone: ZoneInfo) -> date:
    """Return the local day of a rule's first moment."""
    match rule:
        case Instant(at=at):
            return at.astimezone(zone).date()
        case Elapsed(first=first):
            return first.astimezone(zone).date()
        case Calendar(start=start):
            return start.date()
        case _:
            assert_never(rule)


def _earliest_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a wall time early enough: a gap may have moved a moment on, from before `moment`."""
    local = moment.astimezone(zone)
    before = moment - LONGEST_GAP
    if before.astimezone(zone).utcoffset() == local.utcoffset():
        return local.replace(tzinfo=None)
    return local.replace(tzinfo=None) - LONGEST_GAP


def _walls(rule: Calendar, earliest: datetime, last: datetime | None) -> Iterator[datetime]:
    """Yield the rule's wall times in order, from `earliest` to `last`, both included."""
    earliest = max(earliest, rule.start)
    first = rule.start.date()
    day = next_from(rule.days, first, earliest.date())
    skip = bisect_left(rule.times, earliest.time()) if day == earliest.date() else 0
    while day is not None:
        for each in rule.times[skip:]:
            wall = datetime.combine(day, each)
            if last is not None and wall > last:
                return
            yield wall
        skip = 0
        day = next_from(rule.days, first, day + ONE_DAY)


def _last_wall(schedule: Schedule) -> datetime | None:
    return _final(schedule)[1] if _must_end(schedule) else None


def _must_end(schedule: Schedule) -> bool:
    return _ends_by_itself(schedule.rule) or schedule.count is not None or schedule.until is not None


def _ends_by_itself(rule: Rule) -> bool:
    return isinstance(rule, Instant) or (isinstance(rule, Calendar) and isinstance(rule.days, OneDay))


@lru_cache(maxsize=4096)
def _final(schedule: Schedule) -> tuple[int, datetime | None]:
    """Return how many wall times an ending schedule has, and the last one (None: past the end of 2100)."""
    rule = schedule.rule
    assert isinstance(rule, Calendar)
    first, per_day = rule.start.date(), len(rule.times)
    missed_on_first_day = rule.times.index(rule.start.time())
    until = first if isinstance(rule.days, OneDay) else schedule.until
    counts = [schedule.count] if schedule.count is not None else []
    if until is not None:
        counts.append(how_many(rule.days, first, until) * per_day - missed_on_first_day)
    count = min(counts)
    day_number, place = divmod(missed_on_first_day + count - 1, per_day)
    day = nth_day(rule.days, first, day_number)
    return count, datetime.combine(day, rule.times[place]) if day else None


@lru_cache(maxsize=4096)
def _ending(schedule: Schedule) -> Ending | None:
    zone = ZoneInfo(schedule.zone)
    match schedule.rule:
        case Instant(at=at):
            return Ending(count=1, last=at)
        case Elapsed():
            return _ending_of_interval(schedule, schedule.rule, zone)
        case Calendar():
            return _ending_on_calendar(schedule, schedule.rule, zone) if _must_end(schedule) else None
        case _:
            assert_never(schedule.rule)


def _ending_of_interval(schedule: Schedule, rule: Elapsed, zone: ZoneInfo) -> Ending | None:
    counts = [schedule.count] if schedule.count is not None else []
    if schedule.until is not None:
        midnight = on_the_clock(datetime.combine(schedule.until + ONE_DAY, time()), zone)
        counts.append((midnight - ONE_SECOND - rule.first) // rule.every + 1)
    if not counts:
        return None
    count = min(*counts, (_END - rule.first) // rule.every + 1)
    return Ending(count=count, last=rule.first + (count - 1) * rule.every)


def _ending_on_calendar(schedule: Schedule, rule: Calendar, zone: ZoneInfo) -> Ending | None:
    count, last = _final(schedule)
    if last is None:
        return None
    # Near a gap an earlier wall time can come after a later one.
    near_the_end = _walls(rule, last - LONGEST_GAP, last)
    return Ending(count=count, last=max(on_the_clock(wall, zone) for wall in near_the_end))


def _whole_utc_seconds(moment: datetime) -> None:
    if moment.tzinfo is not UTC or moment.microsecond:
        raise ValueError("a moment is kept in UTC and whole seconds")
