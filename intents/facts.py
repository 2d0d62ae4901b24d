"""What can one phrase of a sentence say about time?

These are the findings of the grammar, before they are put together: a clock time, a day, a repetition, a
limit.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final, Literal

Unit = Literal["second", "minute", "hour", "day", "week", "month", "year"]
Part = Literal["morning", "afternoon", "evening", "night"]

MINUTES_IN_HOUR: Final = 60
HOURS_IN_DAY: Final = 24
NOON: Final = 12


class Reason(Enum):
    """Why a reminder cannot be set."""

    PAST = "past"
    NO_SUCH_TIME = "no such time"
    NO_SUCH_DATE = "no such date"
    ZERO = "nothing to count"
    TOO_OFTEN = "too often"
    ENDS_BEFORE_START = "ends before it starts"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something impossible, with the words that say it."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `bare`: only an hour was said, so either half of the day may be meant."""

    hour: int
    minute: int = 0
    bare: bool = False
    midnight: bool = False

    def in_part(self, part: Part) -> "Clock | None":
        """Return the time that lies in that part of the day; None if neither half of the day does."""
        if self.midnight:
            return self
        for first, last in _PARTS[part]:
            for hour in (self.hour, (self.hour + NOON) % HOURS_IN_DAY):
                if first <= hour <= last and (hour == self.hour or self.hour <= NOON):
                    return replace(
                        self, hour=hour, bare=False, midnight=part in _LATE and (hour, self.minute) == (0, 0)
                    )
        return None

    @property
    def halves(self) -> tuple["Clock", ...]:
        """Return the times that may be meant."""
        if not self.bare:
            return (self,)
        other = (self.hour + NOON) % HOURS_IN_DAY
        return tuple(replace(self, hour=hour, bare=False) for hour in sorted((self.hour, other)))


# The hours of each part; a first range is tried before the next.
_PARTS: Final[dict[Part, tuple[tuple[int, int], ...]]] = {
    "morning": ((3, 11), (0, 2)),
    "afternoon": ((12, 18), (11, 11)),
    "evening": ((16, 23), (0, 0)),
    "night": ((18, 23), (0, 5)),
}
_LATE: Final = ("evening", "night")


@dataclass(frozen=True, slots=True)
class Duration:
    """So many units of time; `clock_words.duration` makes them no longer than a calendar can count."""

    amount: float
    unit: Unit

    @property
    def elapsed(self) -> timedelta | None:
        """The length as elapsed time; None for months and years."""
        if self.unit in {"month", "year"}:
            return None
        length = timedelta(**{f"{self.unit}s": self.amount})
        return timedelta(seconds=round(length.total_seconds()))

    @property
    def whole_days(self) -> int | None:
        """The length in calendar days; None if it is not days or weeks."""
        days = self.amount * {"day": 1, "week": 7}.get(self.unit, 0)
        return int(days) if days and days == int(days) else None


@dataclass(frozen=True, slots=True)
class OnDate:
    """A calendar date; without a year it is the next one."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class EitherDate:
    """A date whose day and month may be the other way round."""

    one: OnDate
    other: OnDate


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many days from today, perhaps with the part of that day."""

    days: int
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Named weekdays, Monday = 0. `repeated`: Mondays, every Monday. `which`: this one or the next."""

    weekdays: tuple[int, ...]
    repeated: bool = False
    which: Literal["this", "next", "next week", "after next"] | None = None
    every: int = 1
    count: int | None = None

    @property
    def in_one_week(self) -> bool:
        """Whether several days of one week are meant: "Tuesday and Thursday next week"."""
        return self.repeated and self.which is not None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """Numbered days of a month; -1 is the last. `monthly`: said of every month."""

    days: tuple[int, ...]
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The first Monday, the last Friday. `monthly`: said of every month."""

    nth: int
    weekday: int
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class EndOf:
    """The last day of this week, month or year."""

    unit: Unit


Day = OnDate | EitherDate | Ahead | Named | DayNumbers | NthWeekday | EndOf


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many days, weeks, months or years, perhaps in a part of the day."""

    number: int
    unit: Unit
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class TimesPer:
    """So many times a day or a week."""

    number: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Window:
    """From one time of day to another."""

    start: Clock
    end: Clock


@dataclass(frozen=True, slots=True)
class Starting:
    """Not before that day, time or exact moment (ISO 8601); "from 1 to 14 March" says the end too."""

    day: Day | None = None
    clocks: tuple[Clock, ...] = ()
    stamp: str | None = None
    until: Day | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """No later than that day or time. `whole`: said with "through", so the day itself belongs to it in any case."""

    day: Day | None = None
    clock: Clock | None = None
    whole: bool = False
