"""Which schedule do the findings of a sentence amount to, or what has to be asked?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, assert_never

from intents.date_words import WEEKEND
from intents.days import (
    DAYS_IN_WEEK,
    LAST_DAY,
    LAST_OF_MONTH,
    MONTHS_IN_YEAR,
    Days,
    EveryFewDays,
    OneDay,
    OnMonthDays,
    OnNthWeekday,
    OnWeekdays,
    OnYearDay,
    day_of_month,
    first_from,
    month_after,
    next_from,
)
from intents.facts import (
    HOURS_IN_DAY,
    MINUTES_IN_HOUR,
    NOON,
    Ahead,
    Clock,
    Day,
    DayNumbers,
    Duration,
    EitherDate,
    EndOf,
    Every,
    Named,
    NthWeekday,
    OnDate,
    Reason,
    Starting,
    Until,
    Window,
)
from intents.findings import CLOCK_UNITS, Findings
from intents.schedule import (
    ONE_DAY,
    ONE_SECOND,
    SHORTEST_INTERVAL,
    Calendar,
    Elapsed,
    Instant,
    Schedule,
    known_zone,
    on_the_clock,
    once,
    starting,
)
from intents.understood import AskBack, Impossible, Note, Question, SetReminder
from intents.when_words import Piece

EARLY_HOURS: Final = 6
ONE_MINUTE: Final = timedelta(minutes=1)
SHORT_MONTHS_LACK: Final = 29
LEAP_YEARS_APART: Final = 8

Outcome = SetReminder | AskBack | Impossible


class _UnclearError(Exception):
    """Something has to be asked first."""

    def __init__(self, question: Question, candidates: Iterable[Schedule] = ()) -> None:
        super().__init__(question.value)
        self.question = question
        self.candidates = tuple(candidates)


class _ImpossibleError(Exception):
    """The reminder cannot be: past, or not in the calendar."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


def outcome(found: Findings, *, now: datetime, zone: str) -> Outcome:
    """Return the reminder that the findings describe, or what to ask, or why it cannot be."""
    what = found.rest
    try:
        schedule = Moment(now=now, zone=zone).schedule(found)
    except _UnclearError as unclear:
        return AskBack(question=unclear.question, what=what, candidates=unclear.candidates)
    except _ImpossibleError as problem:
        return Impossible(reason=problem.reason, detail=problem.detail or found.text, what=what)
    if schedule.after(now) is None:
        return Impossible(reason=Reason.PAST, detail=found.text, what=what)
    return SetReminder(schedule=schedule, what=what, note=_note(schedule))


def end_of_pause(found: Findings, *, now: datetime, zone: str) -> datetime | Question:
    """Return when a pause "until Monday" or "for today" is over, in UTC, or what has to be asked.

    It is over when the named day begins; with "through" and for the end of a week or month when it ends.
    """
    try:
        return on_the_clock(Moment(now=now, zone=zone).end_of_pause(found), known_zone(zone))
    except _UnclearError as unclear:
        return unclear.question
    except _ImpossibleError:
        return Question.WHEN


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, in the person's zone: what "today" and "next" are counted from."""

    now: datetime
    zone: str

    @property
    def wall(self) -> datetime:
        """The local time without a zone, in whole seconds."""
        return self.now.astimezone(known_zone(self.zone)).replace(tzinfo=None, microsecond=0, fold=0)

    @property
    def today(self) -> date:
        """The local day."""
        return self.wall.date()

    def schedule(self, found: Findings) -> Schedule:
        """Return the schedule. Raises _UnclearError or _ImpossibleError."""
        if found.flaw:
            raise _ImpossibleError(found.flaw.reason, found.flaw.detail)
        stamp = found.one("STAMP")
        if stamp:
            return self._at_stamp(stamp)
        if found.has("LEAD"):
            return self._ahead_of(found)
        _ask_if_too_much(found)
        if _repeats(found):
            return self._repeating(found)
        if found.offset:
            return self._after_a_while(found, found.offset)
        return self._on_one_day(found)

    # One time

    def _at_stamp(self, stamp: str) -> Schedule:
        moment = self._stamped(stamp)
        if moment <= self.now:
            raise _ImpossibleError(Reason.PAST, stamp)
        if datetime.fromisoformat(stamp).tzinfo is None and not moment.second:
            return once(datetime.fromisoformat(stamp), self.zone)
        return Schedule(rule=Instant(at=moment), zone=self.zone)

    def _stamped(self, stamp: str) -> datetime:
        try:
            moment = datetime.fromisoformat(stamp.upper())
        except ValueError as problem:
            raise _ImpossibleError(Reason.NO_SUCH_DATE, stamp) from problem
        if moment.tzinfo is None:
            return on_the_clock(moment, known_zone(self.zone))
        return moment.astimezone(UTC)

    def _ahead_of(self, found: Findings) -> Schedule:
        """Return a moment that lies so long before a named time, if nothing stands between the two."""
        lead: Duration = found.one("LEAD")
        clocks = found.clocks
        before = next((n for n, piece in enumerate(found.pieces) if "LEAD" in piece), 0)
        beside = before + 1 < len(found.pieces) and "CLOCKS" in found.pieces[before + 1]
        length = lead.elapsed
        if not beside or length is None or length % ONE_MINUTE or len(clocks) != 1 or _repeats(found) or clocks[0].bare:
            raise _UnclearError(Question.WHAT_TIME)
        day = self._single_day(found)
        wall = datetime.combine(day or self.today, time(clocks[0].hour, clocks[0].minute)) - length
        if day is None and wall <= self.wall:
            wall += ONE_DAY
        return self._in_future([once(wall, self.zone)])[0]

    def _after_a_while(self, found: Findings, offset: Duration) -> Schedule:
        clocks, length = found.clocks, offset.elapsed
        if not clocks and not found.days and not found.parts:
            if length is None:
                raise _UnclearError(Question.WHAT_TIME)
            at = self.now.astimezone(UTC).replace(microsecond=0) + length
            if at.date() > LAST_DAY:
                raise _ImpossibleError(Reason.NO_SUCH_DATE)
            return Schedule(rule=Instant(at=at), zone=self.zone)
        if offset.unit in CLOCK_UNITS or found.days:
            raise _UnclearError(Question.WHEN)
        day = self._so_far_from(self.today, offset)
        if day >= LAST_DAY:
            raise _ImpossibleError(Reason.NO_SUCH_DATE)
        return self._chosen(found, day)

    def _on_one_day(self, found: Findings) -> Schedule:
        until = found.until
        within = until is not None and isinstance(until.day, EndOf) and bool(found.days)  # "this month on the 20th"
        if found.has("SOME_TIME") or found.window or (until and not found.starting and not within):
            raise _UnclearError(Question.WHEN)
        if found.starting:
            raise _UnclearError(Question.WHICH_DAY)
        day = found.dated_weekday[0] if found.dated_weekday else next(iter(found.days), None)
        return self._of_day(found, day)

    def _of_day(self, found: Findings, day: Day | None) -> Schedule:
        if not found.clocks:
            candidates = () if day is None else self._possible_days(day)  # an impossible day is told before a question
            raise _UnclearError(Question.WHAT_TIME if candidates or day or found.parts else Question.WHEN)
        match day:
            case EitherDate(one=one, other=other):
                both = sorted(wall for each in (one, other) for wall in self._walls(found, each))
                ahead = self._still_ahead([once(wall, self.zone) for wall in both])
                raise _UnclearError(Question.DAY_OR_MONTH, ahead)
            case Named(which="next" | "after next") | NthWeekday():
                self._ask_which_day(found, day)
            case _:
                pass
        if found.dated_weekday:
            self._check_weekday(found, *found.dated_weekday)
        walls = self._walls(found, day)
        if len(walls) > 1:
            raise _UnclearError(_why_two(found), self._in_future([once(wall, self.zone) for wall in walls]))
        return self._in_future([once(walls[0], self.zone)])[0]

    def _chosen(self, found: Findings, day: date) -> Schedule:
        return self._of_day(found, OnDate(day.month, day.day, day.year))

    def _ask_which_day(self, found: Findings, day: Named | NthWeekday) -> None:
        """Ask when "next Friday" is said in the same week, or the month of "first Monday" is not clear."""
        if isinstance(day, NthWeekday):
            raise _UnclearError(Question.WHICH_DAY)
        if self._two_weeks_may_be_meant(day):
            coming = self._coming(day.weekdays[0], after_today=True)
            choices = [coming, coming + timedelta(days=DAYS_IN_WEEK)]
            walls = [datetime.combine(each, at) for each in choices for at in _half_days(found)]
            raise _UnclearError(Question.WHICH_DAY, [once(wall, self.zone) for wall in walls])

    def _two_weeks_may_be_meant(self, day: Named) -> bool:
        if day.which == "next":
            return self._coming(day.weekdays[0], after_today=True) < self._monday() + timedelta(days=DAYS_IN_WEEK)
        return day.which == "after next"

    def _check_weekday(self, found: Findings, day: OnDate | DayNumbers, weekday: int) -> None:
        dates = self._possible_days(day)
        if dates and dates[0].weekday() != weekday:
            raise _UnclearError(Question.WHICH_DAY, [once(wall, self.zone) for wall in self._walls(found, day)])

    def _walls(self, found: Findings, day: Day | None) -> list[datetime]:
        """Return the wall times that may be meant by one clock time on a day."""
        clock = _settled(found)[0]
        if clock.midnight:
            return self._midnights(found, day)
        walls = []
        for each in clock.halves:
            at = time(each.hour, each.minute)
            if day is None:
                walls.append(datetime.combine(self.today, at))
                if walls[-1] <= self.wall:
                    walls[-1] += ONE_DAY
                continue
            walls.append(self._first_ahead(self._possible_days(day), at))
            if isinstance(day, Ahead) and day.part == "night" and each.hour < EARLY_HOURS:
                walls[-1] += ONE_DAY
        return sorted(walls)

    def _midnights(self, found: Findings, day: Day | None) -> list[datetime]:
        coming = datetime.combine(self.today + ONE_DAY, time())
        if day is None or day == Ahead(0) or (isinstance(day, Ahead) and day.days == 0):
            return [coming]
        named = datetime.combine(self._possible_days(day)[0], time())
        # "Friday 24:00" ends the Friday; "Friday at midnight" may be either end of it.
        written_out = any(piece.text.replace(" ", "").endswith("24:00") for piece in found.pieces)
        return [named + ONE_DAY] if written_out else [named, named + ONE_DAY]

    def _first_ahead(self, days: list[date], at: time) -> datetime:
        walls = [datetime.combine(day, at) for day in days]
        return next((wall for wall in walls if wall > self.wall), walls[0])

    def _possible_days(self, day: Day) -> list[date]:
        """Return the days that may be meant, the nearest first. Raises _ImpossibleError for past ones."""
        match day:
            case OnDate():
                return [self._dated(day)]
            case EitherDate(one=one, other=other):
                return [self._dated(one), self._dated(other)]
            case Ahead(days=ahead):
                if ahead < 0:
                    raise _ImpossibleError(Reason.PAST)
                return [self.today + timedelta(days=ahead)]
            case Named():
                return self._named_days(day)
            case DayNumbers(days=numbers):
                return self._days_of(OnMonthDays(days=numbers))
            case NthWeekday(nth=nth, weekday=weekday):
                return self._days_of(OnNthWeekday(nth=nth, weekday=weekday))
            case EndOf(unit=unit):
                return [self._end_of(unit)]
            case _:
                assert_never(day)

    def _days_of(self, days: Days) -> list[date]:
        one = first_from(days, self.today)
        other = next_from(days, one, one + ONE_DAY) if one else None
        return [each for each in (one, other) if each]

    def _dated(self, day: OnDate) -> date:
        years = (day.year,) if day.year else range(self.today.year, self.today.year + LEAP_YEARS_APART + 1)
        for year in years:
            found = day_of_month(year, day.month, day.day)
            if found and (day.year or found >= self.today):
                return found
        raise _ImpossibleError(Reason.NO_SUCH_DATE)

    def _named_days(self, named: Named) -> list[date]:
        weekday = named.weekdays[0]
        week = timedelta(days=DAYS_IN_WEEK)
        match named.which:
            case "next week":
                return [self._monday() + week + timedelta(days=weekday)]
            case "next":
                return [self._coming(weekday, after_today=True)]
            case "this":
                coming = self._coming(weekday, after_today=False)
                return [coming]
            case "after next" | None:
                coming = self._coming(weekday, after_today=False)
                return [coming, coming + week]
            case _:
                assert_never(named.which)

    def _coming(self, weekday: int, *, after_today: bool) -> date:
        first = self.today + ONE_DAY if after_today else self.today
        return first + timedelta(days=(weekday - first.weekday()) % DAYS_IN_WEEK)

    def _monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())

    def _end_of(self, unit: str) -> date:
        if unit == "week":
            return self._monday() + timedelta(days=DAYS_IN_WEEK - 1)
        month = self.today.month if unit == "month" else MONTHS_IN_YEAR
        last = day_of_month(self.today.year, month, LAST_OF_MONTH)
        assert last is not None
        return last

    def _so_far_from(self, day: date, length: Duration) -> date:
        """Return the day that lies so long after another; short months end earlier. Raises _UnclearError for parts."""
        if length.whole_days is not None:
            return day + timedelta(days=min(length.whole_days, (LAST_DAY - day).days))
        exactly = length.amount * {"month": 1, "year": MONTHS_IN_YEAR}.get(length.unit, 0)
        months = int(exactly)
        if months < 1 or months != exactly:
            raise _UnclearError(Question.WHEN)
        year, month = month_after(day.year, day.month, months)
        if year > LAST_DAY.year:
            return LAST_DAY
        found = day_of_month(year, month, day.day) or day_of_month(year, month, LAST_OF_MONTH)
        assert found is not None
        return found

    def _in_future(self, schedules: list[Schedule]) -> list[Schedule]:
        """Return those that are still ahead. Raises _ImpossibleError if none is."""
        ahead = self._still_ahead(schedules)
        if not ahead:
            raise _ImpossibleError(Reason.PAST)
        return ahead

    def _still_ahead(self, schedules: list[Schedule]) -> list[Schedule]:
        return [each for each in schedules if each.after(self.now)]

    def _single_day(self, found: Findings) -> date | None:
        return self._possible_days(found.days[0])[0] if found.days else None

    # Pauses

    def end_of_pause(self, found: Findings) -> datetime:
        """Return the local midnight that ends a pause. Raises _UnclearError or _ImpossibleError."""
        unit = found.one("UNTIL_NEXT")
        if unit is not None:
            return datetime.combine(self._beginning_of_next(unit), time())
        day = found.until.day if found.until else next(iter(found.days), None)
        if day is None or (found.until is None and day != Ahead(0)):
            raise _UnclearError(Question.WHEN)
        if isinstance(day, EitherDate):
            raise _UnclearError(Question.DAY_OR_MONTH)
        if isinstance(day, NthWeekday) or (isinstance(day, Named) and self._two_weeks_may_be_meant(day)):
            raise _UnclearError(Question.WHICH_DAY)
        midnight = self._first_ahead(self._possible_days(day), time())
        if midnight <= self.wall or isinstance(day, EndOf) or (found.until is not None and found.until.whole):
            midnight += ONE_DAY
        if midnight <= self.wall:
            raise _ImpossibleError(Reason.PAST)
        return midnight

    def _beginning_of_next(self, unit: str) -> date:
        if unit == "week":
            return self._monday() + timedelta(days=DAYS_IN_WEEK)
        if unit not in {"month", "year"}:
            raise _UnclearError(Question.WHEN)
        return self._end_of(unit) + ONE_DAY

    # Many times

    def _repeating(self, found: Findings) -> Schedule:
        if found.lasting is not None and found.lasting.amount <= 0:
            raise _ImpossibleError(Reason.ZERO)
        if found.interval is not None and not _has_hours(found):
            return self._elapsed(found, found.interval)
        times = self._times(found)
        singles = [day for day in found.days if _is_one_day(day)]
        if singles and not found.step:
            return self._several_on_one_day(singles[0], times)
        earliest = self._earliest(found, times)
        week = next((day for day in found.days if isinstance(day, Named) and day.in_one_week), None)
        if week is not None:
            return self._in_one_week(found, week, times, earliest)
        days = self._days(found, earliest, times)
        rule = self._starting(days, times, earliest)
        return self._limited(found, rule)

    def _in_one_week(self, found: Findings, named: Named, times: tuple[time, ...], earliest: datetime) -> Schedule:
        """Return the moments on several days of this or the next week."""
        if named.which not in {"this", "next week"} or named.weekdays == WEEKEND:
            each_day = [replace(named, weekdays=(day,), repeated=False) for day in named.weekdays]
            walls = [datetime.combine(self._possible_days(day)[0], at) for day in each_day for at in times]
            ahead = self._still_ahead([once(wall, self.zone) for wall in sorted(walls)])
            raise _UnclearError(Question.WHICH_DAY, ahead)
        monday = self._monday() + timedelta(days=DAYS_IN_WEEK if named.which == "next week" else 0)
        earliest = max(earliest, datetime.combine(monday, time()))
        rule = self._starting(OnWeekdays(weekdays=named.weekdays), times, earliest)
        sunday = monday + timedelta(days=DAYS_IN_WEEK - 1)
        if rule.start.date() > sunday:
            raise _ImpossibleError(Reason.PAST)
        if found.until or found.lasting or found.count or found.starting or (found.step and found.step.unit != "day"):
            raise _UnclearError(Question.WHICH_DAY)
        return Schedule(rule=rule, zone=self.zone, until=sunday)

    def _elapsed(self, found: Findings, every: timedelta) -> Schedule:
        if every < SHORTEST_INTERVAL or every.microseconds:
            raise _ImpossibleError(Reason.TOO_OFTEN)
        if found.clocks and not found.starting:
            raise _UnclearError(Question.WHAT_TIME)
        if found.days or found.parts or found.has("SOME_TIME") or (found.step and found.step.number > 1):
            raise _UnclearError(Question.WHAT_TIME)
        first = self.now.astimezone(UTC).replace(microsecond=0) + every
        if found.starting:
            first = self._start_of_interval(found, found.starting)
        if found.offset and found.offset.elapsed:
            first = self.now.astimezone(UTC).replace(microsecond=0) + found.offset.elapsed
        count, until = found.count, None
        if found.lasting:
            until, count = self._end_of_interval(found.lasting, every, first, count)
        if found.until:
            until, count = self._until_of_interval(found.until, every, first, count)
        if first.date() > LAST_DAY:
            raise _ImpossibleError(Reason.NO_SUCH_DATE)
        return Schedule(rule=Elapsed(first=first, every=every), zone=self.zone, count=count, until=until)

    def _start_of_interval(self, found: Findings, start: Starting) -> datetime:
        if start.stamp:
            return self._stamped(start.stamp)
        clocks = start.clocks or found.clocks
        if len(clocks) != 1:
            raise _UnclearError(Question.WHAT_TIME)
        at = time(clocks[0].hour, clocks[0].minute)
        days = self._possible_days(start.day) if start.day else [self.today, self.today + ONE_DAY]
        return on_the_clock(self._first_ahead(days, at), known_zone(self.zone))

    def _end_of_interval(
        self, lasting: Duration, every: timedelta, first: datetime, count: int | None
    ) -> tuple[date | None, int | None]:
        length = lasting.elapsed
        if length is None:
            local = first.astimezone(known_zone(self.zone)).date()
            return self._so_far_from(local, lasting), count
        within = length // every
        return None, min(within, count or within)

    def _until_of_interval(
        self, until: Until, every: timedelta, first: datetime, count: int | None
    ) -> tuple[date | None, int | None]:
        if until.clock is None:
            return self._last_day(until, first.astimezone(known_zone(self.zone)).date()), count
        if until.clock.bare:
            raise _UnclearError(Question.WHICH_HOUR)
        last_wall = datetime.combine(self.today, time(until.clock.hour, until.clock.minute))
        if until.clock.midnight or last_wall <= self.wall:
            last_wall += ONE_DAY
        last = on_the_clock(last_wall, known_zone(self.zone))
        if last < first:
            raise _ImpossibleError(Reason.ENDS_BEFORE_START)
        within = (last - first) // every + 1
        return None, min(within, count or within)

    def _several_on_one_day(self, day: Day, times: tuple[time, ...]) -> Schedule:
        if isinstance(day, EitherDate):
            raise _UnclearError(Question.DAY_OR_MONTH)
        chosen = self._possible_days(day)[0]
        rule = starting(OneDay(day=chosen), times, not_before=max(self._soonest(), datetime.combine(chosen, time())))
        if rule is None:
            raise _ImpossibleError(Reason.PAST)
        return Schedule(rule=rule, zone=self.zone)

    def _times(self, found: Findings) -> tuple[time, ...]:
        """Return the times of each day, in order."""
        window = _window(found)
        if window is not None:
            return _window_times(window, found)
        clocks = _settled(found)
        if not clocks:
            raise _UnclearError(Question.WHAT_TIME)
        per = found.times_per
        if per and per.unit == "day" and per.number != len(clocks):
            raise _UnclearError(Question.WHAT_TIME)
        if any(clock.midnight for clock in clocks) and (found.days or (found.step and found.step.unit != "day")):
            raise _UnclearError(Question.WHICH_DAY)
        return tuple(sorted({time(clock.hour, clock.minute) for clock in clocks}))

    def _soonest(self) -> datetime:
        return self.wall + ONE_SECOND

    def _earliest(self, found: Findings, times: tuple[time, ...]) -> datetime:
        """Return the wall time before which nothing is due."""
        start = found.starting
        if start is None or (start.day is None and start.stamp is None):
            return self._soonest() if not found.offset else self._from_offset(found.offset)
        if start.stamp:
            return self._stamped(start.stamp).astimezone(known_zone(self.zone)).replace(tzinfo=None)
        assert start.day is not None
        if isinstance(start.day, EitherDate):
            raise _UnclearError(Question.DAY_OR_MONTH)
        days = self._possible_days(start.day)
        at = time(start.clocks[0].hour, start.clocks[0].minute) if start.clocks and found.clocks else times[0]
        first = self._first_ahead(days, times[-1]).date()
        wall = datetime.combine(first, at if start.clocks and found.clocks else time())
        dated_past = isinstance(start.day, OnDate) and start.day.year and first < self.today
        return wall if dated_past else max(self._soonest(), wall)

    def _from_offset(self, offset: Duration) -> datetime:
        if offset.unit in CLOCK_UNITS:
            raise _UnclearError(Question.WHEN)
        return datetime.combine(self._so_far_from(self.today, offset), time())

    def _days(self, found: Findings, earliest: datetime, times: tuple[time, ...]) -> Days:
        named = next((day for day in found.days if isinstance(day, Named)), None)
        numbered = next((day for day in found.days if not isinstance(day, Named)), None)
        if found.times_per and found.times_per.unit != "day":
            _check_times_per_week(found.times_per.number, found.times_per.unit, named)
        step = found.step or _implied_step(found, named, numbered)
        match step.unit:
            case "day":
                return _daily(step, named, numbered)
            case "week":
                return self._weekly(step, named, earliest, times)
            case "month":
                return self._monthly(step, named, numbered, found.starting)
            case "year":
                return self._yearly(step, numbered, found)
            case _:
                raise _UnclearError(Question.WHEN)

    def _weekly(self, step: Every, named: Named | None, earliest: datetime, times: tuple[time, ...]) -> Days:
        if named is not None:
            if named.every > 1 and step.number > 1:
                raise _UnclearError(Question.WHICH_DAY)
            return OnWeekdays(weekdays=named.weekdays, every=max(step.number, named.every))
        first = starting(EveryFewDays(), times, not_before=earliest)
        if first is None:
            raise _ImpossibleError(Reason.NO_SUCH_DATE)
        return OnWeekdays(weekdays=(first.start.weekday(),), every=step.number)

    def _monthly(self, step: Every, named: Named | None, day: Day | None, start: Starting | None) -> Days:
        if named is not None or isinstance(day, Named | OnDate | EitherDate | EndOf | Ahead):
            raise _UnclearError(Question.WHICH_DAY)
        match day:
            case DayNumbers(days=numbers):
                return OnMonthDays(days=numbers, every=step.number)
            case NthWeekday(nth=nth, weekday=weekday):
                return OnNthWeekday(nth=nth, weekday=weekday, every=step.number)
            case None:
                if start is None or start.day is None:
                    raise _UnclearError(Question.WHICH_DAY)
                return OnMonthDays(days=(self._possible_days(start.day)[0].day,), every=step.number)
            case _:
                assert_never(day)

    def _yearly(self, step: Every, day: Day | None, found: Findings) -> Days:
        if day is None and found.starting and isinstance(found.starting.day, OnDate):
            day = found.starting.day
        if not isinstance(day, OnDate):
            raise _UnclearError(Question.DAY_OR_MONTH if isinstance(day, EitherDate) else Question.WHICH_DAY)
        return OnYearDay(month=day.month, day=day.day, every=step.number)

    def _starting(self, days: Days, times: tuple[time, ...], earliest: datetime) -> Calendar:
        rule = starting(days, times, not_before=earliest)
        # In the second pass of a fold the wall clock looks ahead to a moment that is over.
        if rule and rule.start > self.wall and on_the_clock(rule.start, known_zone(self.zone)) <= self.now:
            rule = starting(days, times, not_before=rule.start + ONE_SECOND)
        if rule is None:
            raise _ImpossibleError(Reason.NO_SUCH_DATE)
        return rule

    def _limited(self, found: Findings, rule: Calendar) -> Schedule:
        count, until = found.count, None
        first = rule.start.date()
        lasting = found.lasting
        if lasting is not None and lasting.unit not in CLOCK_UNITS:
            days = lasting.whole_days
            if days is not None and rule.days == EveryFewDays() and count is None:
                count = days * len(rule.times)
            else:
                until = self._so_far_from(first, lasting) - ONE_DAY
        if found.until is not None:
            if found.until.day is not None:
                until = self._last_day(found.until, first)
            elif not _has_hours(found):
                raise _UnclearError(Question.WHEN)
        if until is not None and until < first:
            raise _ImpossibleError(Reason.ENDS_BEFORE_START)
        return Schedule(rule=rule, zone=self.zone, count=count, until=until)

    def _last_day(self, until: Until, first: date) -> date:
        assert until.day is not None
        if isinstance(until.day, EitherDate):
            raise _UnclearError(Question.DAY_OR_MONTH)
        if isinstance(until.day, Named) and (until.day.repeated or self._two_weeks_may_be_meant(until.day)):
            raise _UnclearError(Question.WHICH_DAY)
        if isinstance(until.day, Named) and until.day.which is None:
            last = self._coming(until.day.weekdays[0], after_today=True)
        else:
            last = self._possible_days(until.day)[0]
        if isinstance(until.day, OnDate) and until.day.year is None and self.today < last < first:
            last = replace_year(last, last.year + 1)
        if last < first:
            raise _ImpossibleError(Reason.ENDS_BEFORE_START)
        return last


def replace_year(day: date, year: int) -> date:
    """Return the same day of another year; 29 February becomes the last of February."""
    found = day_of_month(year, day.month, day.day) or day_of_month(year, day.month, LAST_OF_MONTH)
    assert found is not None
    return found


def _ask_if_too_much(found: Findings) -> None:
    """Raise _UnclearError when the sentence says more about time than one reminder can hold."""
    unclear_step = found.has("UNCLEAR_STEP")
    if found.has("EITHER_TIME"):
        raise _UnclearError(Question.WHAT_TIME)
    if found.has("UNTIL_NEXT"):
        raise _UnclearError(Question.WHICH_DAY)
    if unclear_step or len(found.all("EVERY_STEP")) > 1 or len(found.all("INTERVAL")) > 1:
        raise _UnclearError(Question.WHICH_DAY if unclear_step else Question.WHEN)
    beside = zip(found.pieces, found.pieces[1:], strict=False)
    if any(_says_how_often(one) and _begins_a_length(other) for one, other in beside):
        raise _UnclearError(Question.WHICH_DAY)  # so often in something that is no known length
    if len(found.all("OFFSET")) > 1 or len(found.all("UNTIL_WHEN")) > 1 or len(found.all("STARTING")) > 1:
        raise _UnclearError(Question.WHEN)
    kinds = [type(day) for day in found.days]
    if len(set(kinds)) < len(kinds):
        raise _UnclearError(Question.WHICH_DAY)
    single = [day for day in found.days if _is_one_day(day)]
    if len(single) > 1 or (single and found.dated_weekday):
        raise _UnclearError(Question.WHICH_DAY)


def _says_how_often(piece: Piece) -> bool:
    return "TIMES" in piece or "ADVERB_TIMES" in piece


def _begins_a_length(piece: Piece) -> bool:
    return "PER" in piece or "AT" in piece or "IN" in piece


def _repeats(found: Findings) -> bool:
    return bool(
        found.step
        or found.interval
        or found.times_per
        or found.count
        or (found.lasting and not found.offset)
        or found.has("PARTS_RUNNING")
        or len(found.clocks) > 1
        or any(_is_repeated_day(day) for day in found.days)
    )


def _is_repeated_day(day: Day) -> bool:
    match day:
        case Named(repeated=repeated):
            return repeated
        case DayNumbers(monthly=monthly, days=days):
            return monthly or len(days) > 1
        case NthWeekday(monthly=monthly):
            return monthly
        case OnDate() | EitherDate() | Ahead() | EndOf():
            return False
        case _:
            assert_never(day)


def _is_one_day(day: Day) -> bool:
    return not _is_repeated_day(day) and not isinstance(day, NthWeekday)


def _has_hours(found: Findings) -> bool:
    """Whether an interval is kept within hours of the day."""
    return bool(found.window or (found.starting and found.starting.clocks and found.until and found.until.clock))


def _window(found: Findings) -> Window | None:
    if found.interval is None:
        if found.window:
            raise _UnclearError(Question.WHAT_TIME)
        return None
    if found.window:
        return found.window
    start, until = found.starting, found.until
    if start and start.clocks and until and until.clock:
        return Window(start.clocks[0], until.clock)
    return None


def _window_times(window: Window, found: Findings) -> tuple[time, ...]:
    """Return start, start + step, ... to the end, included if it is hit."""
    assert found.interval is not None
    step, beyond = divmod(found.interval, timedelta(minutes=1))
    if beyond or step < 1:
        raise _ImpossibleError(Reason.TOO_OFTEN)
    start, end = _minutes(window.start), _minutes(window.end)
    day = HOURS_IN_DAY * MINUTES_IN_HOUR
    if end <= start and window.start.bare and window.end.bare and window.end.hour < NOON:
        end += NOON * MINUTES_IN_HOUR
    if end <= start:
        if window.end.midnight:
            end = day - 1
        elif found.days or (found.step and found.step.number > 1):
            raise _UnclearError(Question.WHAT_TIME)
        else:
            end += day
    if found.clocks:
        raise _UnclearError(Question.WHAT_TIME)
    minutes = {minute % day for minute in range(start, end + 1, step)}
    return tuple(time(*divmod(minute, MINUTES_IN_HOUR)) for minute in sorted(minutes))


def _minutes(clock: Clock) -> int:
    return clock.hour * MINUTES_IN_HOUR + clock.minute


def _settled(found: Findings) -> tuple[Clock, ...]:
    """Return the times within the named part of the day. Raises _UnclearError if they contradict."""
    clocks = found.clocks or (found.starting.clocks if found.starting else ())
    if found.has("SOME_TIME") and not clocks:
        raise _UnclearError(Question.WHEN)
    parts = found.parts
    if len(clocks) != 1 or not parts:
        return clocks
    if len(parts) > 1:
        raise _UnclearError(Question.WHICH_HOUR)
    settled = clocks[0].in_part(next(iter(parts)))
    if settled is None:
        raise _UnclearError(Question.WHICH_HOUR)
    return (settled,)


def _half_days(found: Findings) -> list[time]:
    return [time(each.hour, each.minute) for each in _settled(found)[0].halves]


def _why_two(found: Findings) -> Question:
    return Question.WHICH_DAY if _settled(found)[0].midnight else Question.WHICH_HOUR


def _check_times_per_week(number: int, unit: str, named: Named | None) -> None:
    if unit != "week" or named is None or len(named.weekdays) != number:
        raise _UnclearError(Question.WHICH_DAY)


def _implied_step(found: Findings, named: Named | None, numbered: Day | None) -> Every:
    """Return the step that goes without saying: weekdays come weekly, day numbers monthly, the rest daily."""
    if named is not None:
        return Every(1, "week")
    if isinstance(numbered, DayNumbers | NthWeekday):
        return Every(1, "month")
    if found.count and not (found.lasting or found.times_per or found.window or len(found.clocks) > 1):
        raise _UnclearError(Question.WHICH_DAY)
    return Every(1, "day")


def _daily(step: Every, named: Named | None, numbered: Day | None) -> Days:
    if numbered is not None:
        raise _UnclearError(Question.WHICH_DAY)
    if named is None:
        return EveryFewDays(every=step.number)
    if step.number > 1 or named.every > 1 or not _is_repeated_day(named):
        raise _UnclearError(Question.WHICH_DAY)
    return OnWeekdays(weekdays=named.weekdays)


def _note(schedule: Schedule) -> Note | None:
    match schedule.rule:
        case Calendar(days=OnMonthDays(days=days)) if days[-1] >= SHORT_MONTHS_LACK:
            return Note.SKIPS_SHORT_MONTHS
        case Calendar(days=OneDay(), start=start):
            zone = known_zone(schedule.zone)
            local = on_the_clock(start, zone).astimezone(zone)
            if local.replace(tzinfo=None) != start:
                return Note.MOVED_BY_CLOCK_CHANGE
            if start.replace(tzinfo=zone, fold=1).utcoffset() != local.utcoffset():
                return Note.FIRST_OF_TWO_PASSES
            return None
        case _:
            return None
