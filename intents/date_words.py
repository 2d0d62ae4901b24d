"""How do people say days: dates, weekdays, tomorrow, the fifth?"""

from dataclasses import replace
from datetime import date
from typing import Final, Literal

from intents.clock_words import duration
from intents.days import (
    DAYS_IN_WEEK,
    LAST_OF_MONTH,
    LEAP_YEAR,
    MONTHS_IN_YEAR,
    MOST_DAYS_IN_MONTH,
    MOST_WEEKS_IN_MONTH,
)
from intents.facts import (
    Ahead,
    DayNumbers,
    Duration,
    EitherDate,
    EndOf,
    Flaw,
    Named,
    NthWeekday,
    OnDate,
    Reason,
    Starting,
)
from intents.phrases import Built, Found, Level, level

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
CENTURY: Final = 2000
HUNDRED: Final = 100
WORKDAYS: Final = (0, 1, 2, 3, 4)
WEEKEND: Final = (5, 6)
ONE_WEEKDAY: Final = 1


def _date(day: int, month: int, year: int | None, said: str) -> Built:
    """Return the date as a finding, or the flaw if the calendar does not have it."""
    if year is not None and year < HUNDRED:
        year += CENTURY
    try:
        date(year or LEAP_YEAR, month, day)
    except ValueError:
        return "FLAW", Flaw(Reason.NO_SUCH_DATE, said)
    return "DAY", OnDate(month, day, year)


def _said(found: Found) -> str:
    return " ".join(piece.text for piece in found.pieces)


def _month_date(found: Found) -> Built:
    numbers = found.all("ORDINAL") + found.all("NUMBER")
    day, year = numbers[0], numbers[1] if len(numbers) > 1 else None
    if day != int(day) or (year is not None and not FIRST_YEAR <= year <= LAST_YEAR):
        return None
    if day > LAST_YEAR or day < 0:
        return None
    return _date(int(day), found.one("MONTH"), year, _said(found))


def _date_range(found: Found) -> Built:
    first, last = (
        _date(int(piece.readings[name]), found.one("MONTH"), None, _said(found))
        for name, piece in zip(found.read_as, found.pieces, strict=True)
        if name in {"NUMBER", "ORDINAL"}
    )
    flaw = next((built for built in (first, last) if built and built[0] == "FLAW"), None)
    if flaw or not first or not last:
        return flaw
    return "STARTING", Starting(day=first[1], until=last[1])


def _iso_date(found: Found) -> Built:
    year, month, day = map(int, found.one("ISODATE").replace("/", "-").split("-"))
    return _date(day, month, year, _said(found))


def _dotted_date(found: Found) -> Built:
    numbers = [int(each) for each in found.one("DOTTED").split(".")]
    if len(numbers) == len("dm") and len(found.one("DOTTED").split(".")[1]) < len("00"):
        return None
    return _date(numbers[0], numbers[1], numbers[2] if len(numbers) > len("dm") else None, _said(found))


def _slashed_date(found: Found) -> Built:
    one, other, *rest = map(int, found.one("SLASHED").split("/"))
    year = rest[0] if rest else None
    if one > MONTHS_IN_YEAR or one == other:
        return _date(one, other, year, _said(found))
    if other > MONTHS_IN_YEAR:
        return _date(other, one, year, _said(found))
    readings = _date(one, other, year, ""), _date(other, one, year, "")
    dates = [built[1] for built in readings if built and built[0] == "DAY"]
    return ("DAY", EitherDate(dates[0], dates[1])) if len(dates) > ONE_WEEKDAY else None


def _weekday_range(found: Found) -> Built:
    first, last = (found.all("WEEKDAY") + found.all("WEEKDAYS"))[:2]
    span = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
    return "NAMED", Named(tuple(sorted(span)), repeated=True)


def _weekend(_: Found) -> Built:
    return "NAMED", Named(WEEKEND, repeated=True)


def _more_weekdays(found: Found) -> Built:
    one, other = found.all("NAMED")
    if one.which or other.which:
        return None
    return "NAMED", Named(tuple(sorted({*one.weekdays, *other.weekdays})), repeated=True)


def _this(found: Found) -> Built:
    return "NAMED", _of_week(found.one("NAMED"), "this")


def _of_week(named: Named, which: Literal["this", "next", "next week"]) -> Named:
    """Return the days of one week; several of them are still several."""
    return replace(named, repeated=len(named.weekdays) > ONE_WEEKDAY, which=which)


def _next(found: Found) -> Built:
    named: Named = found.one("NAMED")
    if "AFTER_NEXT" in found:
        return "NAMED", replace(named, repeated=False, which="after next")
    return "NAMED", _of_week(named, "next")


def _next_week(found: Found) -> Built:
    if found.one("UNIT") != "week":
        return None
    named: Named = found.one("NAMED")
    if "NEXT" in found:
        return "NAMED", _of_week(named, "next week")
    return "NAMED", _of_week(named, "this")


def _every_weekday(found: Found) -> Built:
    named: Named = found.one("NAMED")
    return "NAMED", replace(named, repeated=True, every=2 if "OTHER" in found else 1)


def _every_nth_weekday(found: Found) -> Built:
    named: Named = found.one("NAMED")
    if len(named.weekdays) > ONE_WEEKDAY:
        return None
    nth = LAST_OF_MONTH if "LAST" in found else found.one("ORDINAL")
    if nth > MOST_WEEKS_IN_MONTH:
        return None
    if nth == 2 and "EVERY" in found:
        return "NAMED", replace(named, repeated=True, every=2)
    every = "EVERY" in found and nth in {1, LAST_OF_MONTH}
    if "EVERY" in found and not every:
        return "UNCLEAR_STEP", (nth, named)
    return "DAY", NthWeekday(nth, named.weekdays[0], monthly=every)


def _counted_weekdays(found: Found) -> Built:
    number = found.one("NUMBER")
    named: Named = found.one("NAMED")
    if not named.repeated or number != int(number):
        return None
    if number < 1:
        return "FLAW", Flaw(Reason.ZERO, _said(found))
    return "NAMED", replace(named, repeated=True, count=int(number))


def _day_number(found: Found) -> Built:
    number = found.one("ORDINAL", found.one("NUMBER"))
    if number != int(number) or not 1 <= number <= MOST_DAYS_IN_MONTH:
        return "FLAW", Flaw(Reason.NO_SUCH_DATE, _said(found))
    return "DAY", DayNumbers((int(number),), monthly="EVERY" in found)


def _written_day_number(found: Found) -> Built:
    """Return the day for "the 5th" in digits; a spelled ordinal may count anything."""
    return _day_number(found) if found.pieces[-1].text[0].isdigit() else None


def _numbered_day_of_month(found: Found) -> Built:
    """Return the day for "every 1st of the month"; "every 2nd month" is something else."""
    *_, number, unit = found.pieces
    apart = unit.start - number.end > len(" ")
    monthly = apart and found.one("UNIT") == "month"
    return _written_day_number(Found(found.read_as[:-1], found.pieces[:-1])) if monthly else None


def _day_number_of_every_month(found: Found) -> Built:
    return _day_number(found) if found.one("UNIT") == "month" else None


def _all_but(found: Found) -> Built:
    left_out: Named = found.one("NAMED")
    kept = tuple(day for day in range(DAYS_IN_WEEK) if day not in left_out.weekdays)
    return "NAMED", Named(kept, repeated=True)


def _some_but(found: Found) -> Built:
    some, left_out = found.all("NAMED")
    kept = tuple(day for day in some.weekdays if day not in left_out.weekdays)
    fits = some.repeated and kept and some.which is None
    return ("NAMED", replace(some, weekdays=kept)) if fits else None


def _russian_day_number(found: Found) -> Built:
    return _day_number(found) if found.pieces[0].text.endswith("го") else None


def _numbered_day(found: Found) -> Built:
    return _day_number(found) if found.one("UNIT") == "day" else None


def _more_day_numbers(found: Found) -> Built:
    one = found.one("DAY")
    other = found.one("ORDINAL", found.one("NUMBER"))
    if not isinstance(one, DayNumbers) or one.days == (LAST_OF_MONTH,) or not 1 <= other <= MOST_DAYS_IN_MONTH:
        return None
    return "DAY", replace(one, days=tuple(sorted({*one.days, int(other)})))


def _last_day(found: Found) -> Built:
    return ("DAY", DayNumbers((LAST_OF_MONTH,), monthly="EVERY" in found)) if found.one("UNIT") == "day" else None


def _of_the_month(found: Found) -> Built:
    day = found.one("DAY")
    if not isinstance(day, DayNumbers | NthWeekday) or found.one("UNIT") != "month":
        return None
    return "DAY", replace(day, monthly=True)


def _end_of(found: Found) -> Built:
    return "DAY", EndOf(found.one("UNIT"))


def _end_of_every_month(found: Found) -> Built:
    return ("DAY", DayNumbers((LAST_OF_MONTH,), monthly=True)) if found.one("UNIT") == "month" else None


def _days_after(found: Found) -> Built:
    """Return the day so many days after today or tomorrow: "two weeks from today"."""
    day = found.one("DAY")
    length: Duration = found.one("DURATION") or duration(1, found.one("UNIT"))
    if not isinstance(day, Ahead) or day.part or length.whole_days is None:
        return None
    return "DAY", Ahead(day.days + length.whole_days)


def _two_day_numbers(found: Found) -> Built:
    days = {int(each) for each in found.all("NUMBER") + found.all("ORDINAL")}
    fits = all(1 <= day <= MOST_DAYS_IN_MONTH for day in days)
    return ("DAY", DayNumbers(tuple(sorted(days)))) if fits else None


def _days_joined(found: Found) -> Built:
    one, other = found.all("DAY")
    if not isinstance(one, DayNumbers) or not isinstance(other, DayNumbers):
        return None
    if LAST_OF_MONTH in one.days + other.days:
        return None
    return "DAY", DayNumbers(tuple(sorted({*one.days, *other.days})), monthly=one.monthly or other.monthly)


def _date_and_weekday(found: Found) -> Built:
    """Return the date; the weekday beside it must agree, which is looked at when the year is known."""
    day = found.one("DAY")
    named: Named = found.one("NAMED")
    dated = isinstance(day, OnDate) or (isinstance(day, DayNumbers) and len(day.days) == 1 and not day.monthly)
    single = dated and len(named.weekdays) == ONE_WEEKDAY and not named.repeated
    return ("DATED_WEEKDAY", (day, named.weekdays[0])) if single else None


DATES: Final[Level] = level(
    ("NUMBER|ORDINAL DAY_NUMBER? MONTH", _month_date),
    ("NUMBER|ORDINAL MONTH COMMA? NUMBER UNIT? !COLON", _month_date),
    ("MONTH NUMBER|ORDINAL !UNIT|SESSION|TIMES", _month_date),
    ("MONTH NUMBER|ORDINAL COMMA? NUMBER !UNIT|SESSION|TIMES", _month_date),
    ("START|FROM NUMBER|ORDINAL THROUGH|DASH NUMBER|ORDINAL MONTH", _date_range),
    ("ISODATE", _iso_date),
    ("DOTTED !UNIT|MEASURE", _dotted_date),
    ("SLASHED !UNIT|MEASURE", _slashed_date),
    ("AHEAD", lambda found: ("DAY", Ahead(found.one("AHEAD")))),
    ("TONIGHT", lambda _: ("DAY", Ahead(0, "night"))),
    ("THIS DAYPART", lambda found: ("DAY", Ahead(0, found.one("DAYPART")))),
    ("FROM? WEEKDAY|WEEKDAYS THROUGH|DASH WEEKDAY|WEEKDAYS", _weekday_range),
    ("EVERY? ORDINAL >WEEKDAY", lambda _: None),
)

WEEKDAYS: Final[Level] = level(
    ("WEEKDAY", lambda found: ("NAMED", Named((found.one("WEEKDAY"),)))),
    ("WEEKDAYS", lambda found: ("NAMED", Named((found.one("WEEKDAYS"),), repeated=True))),
    ("DAYS_OFF", _weekend),
    ("WORKDAYS", lambda _: ("NAMED", Named(WORKDAYS, repeated=True))),
)

LISTS_OF_WEEKDAYS: Final[Level] = level(
    ("NAMED COMMA? AND ON? NAMED", _more_weekdays),
    ("NAMED COMMA ON? NAMED", _more_weekdays),
    ("NAMED NAMED", _more_weekdays),
)

DAYS: Final[Level] = level(
    ("THIS NAMED", _this),
    ("NEXT NAMED", _next),
    ("NAMED AFTER_NEXT", _next),
    ("ON? NEXT|THIS UNIT COMMA? ON? NAMED", _next_week),
    ("NAMED COMMA? ON? NEXT|THIS UNIT", _next_week),
    ("EVERY NAMED", _every_weekday),
    ("EVERY OTHER NAMED", _every_weekday),
    ("EVERY ORDINAL|LAST NAMED", _every_nth_weekday),
    ("ORDINAL|LAST NAMED", _every_nth_weekday),
    ("NEXT? NUMBER NAMED RUNNING?", _counted_weekdays),
    ("ORDINAL DAY_NUMBER", _day_number),
    ("NUMBER DAY_NUMBER", _day_number),
    ("ON EVERY? ORDINAL !UNIT|NAMED|SESSION", _written_day_number),
    ("EVERY ORDINAL|NUMBER DAY_NUMBER", _day_number),
    ("EVERY ORDINAL !UNIT|NAMED|SESSION|DAYPART", _written_day_number),
    ("EVERY ORDINAL UNIT", _numbered_day_of_month),
    ("ORDINAL !UNIT|NAMED|SESSION", _russian_day_number),
    ("ORDINAL >EVERY|MONTHLY|CLOCKS|AT", _written_day_number),
    ("ON|AT? ORDINAL EVERY UNIT", _day_number_of_every_month),
    ("AT ORDINAL", _written_day_number),
    ("EXCEPT ON? NAMED", _all_but),
    ("EVERY? NAMED EXCEPT|BUT ON? NAMED", _some_but),
    ("EVERY UNIT BUT ON? NAMED", lambda found: _all_but(found) if found.one("UNIT") == "day" else None),
    ("ON? UNIT NUMBER !UNIT", _numbered_day),
    ("EVERY? LAST UNIT", _last_day),
    ("END_OF UNIT", _end_of),
    ("END_OF MONTH", lambda found: ("DAY", OnDate(found.one("MONTH"), LAST_OF_MONTH))),
    ("DURATION|UNIT FROM DAY", _days_after),
    ("AT|ON|IN? END_OF EVERY UNIT", _end_of_every_month),
    ("LAST DAY_NUMBER", lambda _: ("DAY", DayNumbers((LAST_OF_MONTH,)))),
    ("NUMBER|ORDINAL AND|COMMA NUMBER|ORDINAL DAY_NUMBER", _two_day_numbers),
)

DAYS_TOGETHER: Final[Level] = level(
    (
        "DAY AND|COMMA AND? ON? ORDINAL|NUMBER DAY_NUMBER? !UNIT|NAMED|SESSION|MONTH|TIMES|DURATION",
        _more_day_numbers,
    ),
    ("DAY AND|COMMA AND? ON? DAY", _days_joined),
    ("DAY IN|ON? UNIT", _of_the_month),
    ("NAMED COMMA? DAY", _date_and_weekday),
    ("DAY COMMA? NAMED", _date_and_weekday),
)
