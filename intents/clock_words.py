"""How do people say numbers, times of day and lengths of time?"""

from dataclasses import replace
from typing import Final

from intents.facts import (
    HOURS_IN_DAY,
    MINUTES_IN_HOUR,
    NOON,
    Clock,
    Duration,
    Flaw,
    Part,
    Reason,
    Unit,
    Window,
)
from intents.phrases import Built, Found, Level, level

QUARTER: Final = 15
HALF: Final = 30
HUNDRED: Final = 100
MONTHS_IN_HALF_YEAR: Final = 6
MOST_DAYS: Final = 100_000
MOST_OF: Final[dict[Unit, int]] = {
    "second": MOST_DAYS * 24 * 60 * 60,
    "minute": MOST_DAYS * 24 * 60,
    "hour": MOST_DAYS * 24,
    "day": MOST_DAYS,
    "week": MOST_DAYS // 7,
    "month": MOST_DAYS // 30,
    "year": MOST_DAYS // 365,
}
LARGEST_HOUR_TRIED: Final = 99
LARGEST_ONES: Final = 9
TENS: Final = range(20, 100, 10)
WRITTEN_MINUTES: Final = ("00", "15", "30", "45")
MINUTES_BEFORE_AN_HOUR: Final = (5, 10, 20, 25)
NOT_AN_HOUR: Final = (
    "!UNIT|MONTH|SESSION|TIMES|MEASURE|DAYPART|DAYPARTS|OF_DAY|AM|PM|OCLOCK|NUMBER|DURATION|HALF_HOUR|DAY_NUMBER|NAMED"
)


def _clock(hour: float, minute: int = 0, *, bare: bool = False, said: str = "") -> Built:
    """Return the time as a finding, or the flaw if there is no such time."""
    if hour != int(hour):
        return None
    hour = int(hour)
    if (hour, minute) == (HOURS_IN_DAY, 0):
        return "CLOCKS", (Clock(0, midnight=True),)
    if hour >= HOURS_IN_DAY or minute >= MINUTES_IN_HOUR:
        impossible = Flaw(Reason.NO_SUCH_TIME, said or f"{hour}:{minute:02}")
        return ("FLAW", impossible) if hour <= LARGEST_HOUR_TRIED else None
    return "CLOCKS", (Clock(hour, minute, bare=bare and 1 <= hour <= NOON),)


def _bare(hour: float, minute: int = 0) -> Built:
    return _clock(hour, minute, bare=True)


def _before(hour: int, minutes: int) -> Built:
    """Return the time so many minutes before the hour, on a twelve-hour clock face."""
    if not 1 <= hour <= HOURS_IN_DAY or not 0 < minutes < MINUTES_IN_HOUR:
        return None
    earlier = hour - 1 or NOON
    return _bare(earlier, MINUTES_IN_HOUR - minutes)


def _in_half(hour: int, minute: int, half: str, said: str) -> Built:
    if (half == "AM" and hour > NOON) or hour > HOURS_IN_DAY:
        return "FLAW", Flaw(Reason.NO_SUCH_TIME, said)
    if hour == 0 or hour > NOON:
        return _clock(hour, minute)
    return _clock(hour % NOON + (NOON if half == "PM" else 0), minute)


def _half_of(found: Found) -> str:
    return "AM" if "AM" in found else "PM"


def _written(text: str) -> tuple[int, int]:
    hour, minute = text.replace(".", ":").split(":")[:2]
    return int(hour), int(minute)


def _time(found: Found) -> Built:
    return _clock(*_written(found.one("TIME")))


def _dotted_time(found: Found) -> Built:
    text: str = found.one("DOTTED")
    return _clock(*_written(text)) if text.count(".") == 1 and len(text.split(".")[1]) == len("00") else None


def _no_date_but_time(found: Found) -> Built:
    """Return the time for "19.00" or "8.30", which cannot be a day and a month."""
    text: str = found.one("DOTTED")
    hour, minute = _written(text)
    possible = text.count(".") == 1 and len(text.split(".")[1]) == len("00") and hour < HOURS_IN_DAY
    return _clock(hour, minute) if possible and (minute == 0 or minute > NOON) else None


def _time_in_half(found: Found) -> Built:
    hour, minute = _written(found.one("TIME", "") or found.one("DOTTED"))
    return _in_half(hour, minute, _half_of(found), found.pieces[-2].text)


def _hour_in_half(found: Found) -> Built:
    numbers = found.all("NUMBER")
    if any(number != int(number) for number in numbers):
        return None
    if len(numbers) > 1 and (numbers[0] > NOON or len(found.pieces[1].text) < len("00")):
        return None
    return _in_half(numbers[0], numbers[1] if len(numbers) > 1 else 0, _half_of(found), found.pieces[0].text)


def _hour_in_part(found: Found) -> Built:
    part: Part = found.one("DAYPART", "afternoon")
    numbers = found.all("NUMBER") or [1]
    if found.one("UNIT", "hour") != "hour":
        return None
    built = _bare(numbers[0], numbers[1] if len(numbers) > 1 else 0)
    return _clocks_in_part(built[1], part) if built and built[0] == "CLOCKS" else None


def _hour_and_minutes_in_part(found: Found) -> Built:
    minute = found.all("NUMBER")[1]
    return _hour_in_part(found) if minute == int(minute) and minute >= len("00") * 5 else None


def _clocks_in_part(clocks: tuple[Clock, ...], part: Part) -> Built:
    moved = [clock.in_part(part) for clock in clocks]
    kept = tuple(clock for clock in moved if clock is not None)
    return ("CLOCKS", kept) if len(kept) == len(moved) else None


def _hour_and_minutes(found: Found) -> Built:
    hour, minute = found.all("NUMBER")
    if hour != int(hour) or found.all("UNIT")[:1] not in ([], ["hour"]):
        return None
    return _bare(hour, minute)


def _number_pair(found: Found) -> Built:
    hour, minute = found.all("NUMBER")
    two_digits = len(found.pieces[-1].text) == len("00") and found.pieces[-1].text.isdigit()
    dashed = "DASH" in found
    if not two_digits or (dashed and found.pieces[-1].text not in WRITTEN_MINUTES):
        return None
    return _clock(hour, minute)


def _of_hour_begun(found: Found, minutes: int) -> Built:
    """Return the time in the hour that is named by its end: half of the eighth is 7:30."""
    hour = found.one("ORDINAL", found.one("HALF_BEFORE"))
    return _bare((hour - 1) or NOON, minutes) if 1 <= hour <= NOON else None


def _minutes_of_hour_begun(found: Found) -> Built:
    minutes = found.one("NUMBER")
    return _of_hour_begun(found, int(minutes)) if 0 < minutes < MINUTES_IN_HOUR else None


def _to_or_past(found: Found) -> Built:
    numbers = found.all("NUMBER")
    hour, minutes = numbers[-1], (numbers[0] if len(numbers) > 1 else QUARTER)
    if any(number != int(number) for number in numbers):
        return None
    if "PAST" in found:
        return _bare(hour, int(minutes))
    if "UNIT" not in found and len(numbers) > 1 and minutes not in MINUTES_BEFORE_AN_HOUR:
        return None
    return _before(hour, int(minutes)) if hour <= NOON else None


def _without(found: Found) -> Built:
    numbers = found.all("NUMBER")
    return _before(int(numbers[-1]), QUARTER if "QUARTER" in found else int(numbers[0]))


def _oclock(found: Found) -> Built:
    return _bare(found.one("NUMBER"))


def _hour_word(found: Found) -> Built:
    """Return one o'clock for the Russian word that is also "hour"."""
    return _bare(1) if found.pieces[-1].text == "час" else None


def _four_digits(found: Found) -> Built:
    """Return the time for "at 1930"."""
    text = found.pieces[-1].text
    hour, minute = divmod(found.one("NUMBER"), HUNDRED)
    fits = len(text) == len("0000") and text.isdigit() and hour < HOURS_IN_DAY and minute < MINUTES_IN_HOUR
    return _clock(hour, minute) if fits else None


def _hours(found: Found) -> Built:
    return _bare(found.one("NUMBER")) if found.one("UNIT") == "hour" else None


def _number_window(found: Found) -> Built:
    first, last = found.all("NUMBER")
    if found.one("UNIT", "hour") != "hour" or max(first, last) > HOURS_IN_DAY:
        return None
    start, end = _bare(first), _bare(last)
    return _window(start[1], end[1]) if start and end else None


def _hours_window(found: Found) -> Built:
    """Return "9-17" as hours of the day; it counts only beside an interval."""
    built = _number_window(found)
    return ("HOURS", built[1]) if built else None


def _window(starts: tuple[Clock, ...], ends: tuple[Clock, ...]) -> Built:
    if len(starts) > 1 or len(ends) > 1:
        return None
    return "WINDOW", Window(starts[0], ends[0])


def _clock_window(found: Found) -> Built:
    clocks = found.all("CLOCKS")
    if len(clocks) > 1:
        return _window(clocks[0], clocks[1])
    other = _bare(found.one("NUMBER"))
    if other is None or other[0] == "FLAW":
        return None
    return (
        _window(other[1], clocks[0])
        if found.read_as.index("NUMBER") < found.read_as.index("CLOCKS")
        else _window(clocks[0], other[1])
    )


def _more_clocks(found: Found) -> Built:
    lists = found.all("CLOCKS")
    if len(lists) > 1:
        return "CLOCKS", lists[0] + lists[1]
    hour = found.one("NUMBER")
    plain = not any(mark in found.pieces[0].text for mark in (":", ".", "am", "pm"))
    later = hour < HOURS_IN_DAY and hour > lists[0][-1].hour
    built = _bare(hour) if plain and later else None
    return ("CLOCKS", lists[0] + built[1]) if built and built[0] == "CLOCKS" else None


def _third_clock(found: Found) -> Built:
    """Return the longer list; "at 9, 10 squats" does not begin one."""
    return _more_clocks(found) if len(found.one("CLOCKS")) > 1 else None


def _parted_clocks(found: Found) -> Built:
    clocks: tuple[Clock, ...] = found.one("CLOCKS")
    # Only the last time takes the part: "8 in the morning and 9 in the evening".
    last = _clocks_in_part(clocks[-1:], found.one("DAYPART"))
    return ("CLOCKS", clocks[:-1] + last[1]) if last and (len(clocks) == 1 or not clocks[-2].bare) else None


def _halved_clock(found: Found) -> Built:
    clocks: tuple[Clock, ...] = found.one("CLOCKS")
    if len(clocks) > 1 or not clocks[0].bare:
        return None
    return _in_half(clocks[0].hour, clocks[0].minute, _half_of(found), found.pieces[0].text)


def _sum(found: Found) -> Built:
    tens, ones = found.all("NUMBER")
    fits = found.spelled and tens in TENS and 1 <= ones <= LARGEST_ONES
    return ("NUMBER", tens + ones) if fits else None


def _ordinal_sum(found: Found) -> Built:
    tens, ones = found.one("NUMBER"), found.one("ORDINAL")
    return ("ORDINAL", tens + ones) if found.spelled and tens in TENS and ones <= LARGEST_ONES else None


def _and_a_half(found: Found) -> Built:
    return "NUMBER", found.one("NUMBER") + 0.5


def _decimal_comma(found: Found) -> Built:
    whole, part = found.all("NUMBER")
    beside = found.pieces[0].end == found.pieces[1].start and found.pieces[1].end == found.pieces[2].start
    return ("NUMBER", float(f"{whole}.{part}")) if beside and not found.spelled else None


def _negative(found: Found) -> Built:
    return "NUMBER", -found.one("NUMBER")


def _decimal(found: Found) -> Built:
    text: str = found.one("DOTTED")
    return ("DURATION", duration(float(text), found.one("UNIT"))) if text.count(".") == 1 else None


def duration(amount: float, unit: str) -> Duration:
    """Return the length; a fortnight is two weeks. What lasts centuries is cut short, beyond the last day we know."""
    if unit == "fortnight":
        return duration(2 * amount, "week")
    known: Unit = unit  # type: ignore[assignment]  # the word list holds no other units
    amount = min(amount, MOST_OF[known])
    return Duration(int(amount) if amount == int(amount) else amount, known)


def _length(found: Found) -> Built:
    return "DURATION", duration(found.one("NUMBER"), found.one("UNIT"))


def _more_time(found: Found) -> Built:
    return "MORE_TIME", duration(found.one("NUMBER"), found.one("UNIT"))


def _half_length(found: Found) -> Built:
    return "DURATION", duration(0.5, found.one("UNIT"))


def _length_and_half(found: Found) -> Built:
    return "DURATION", duration(found.one("NUMBER", 1) + 0.5, found.one("UNIT"))


def _quarter_length(found: Found) -> Built:
    fits = found.one("UNIT") == "hour"
    return ("DURATION", Duration(QUARTER * found.one("NUMBER", 1), "minute")) if fits else None


def _hours_and_minutes(found: Found) -> Built:
    longer, shorter = found.all("DURATION")
    if (longer.unit, shorter.unit) != ("hour", "minute"):
        return None
    return "DURATION", Duration(longer.amount * MINUTES_IN_HOUR + shorter.amount, "minute")


def _hour_and_minutes_length(found: Found) -> Built:
    rest: Duration = found.one("DURATION")
    fits = found.one("UNIT") == "hour" and rest.unit == "minute"
    return ("DURATION", replace(rest, amount=MINUTES_IN_HOUR + rest.amount)) if fits else None


NUMBERS: Final[Level] = level(
    ("<!MINUS NUMBER DASH? NUMBER", _sum),
    ("NUMBER DASH? ORDINAL", _ordinal_sum),
    ("NUMBER AND HALF >UNIT", _and_a_half),
    ("NUMBER FROM HALF >UNIT", _and_a_half),
    ("NUMBER COMMA NUMBER >UNIT", _decimal_comma),
    ("<!NUMBER|TIME DASH NUMBER >UNIT|SESSION|TIMES", _negative),
)

TIMES_OF_DAY: Final[Level] = level(
    ("TIME", _time),
    ("TIME AM|PM", _time_in_half),
    ("TIME OCLOCK|UNIT", _time),
    ("AT? DOTTED AM|PM", _time_in_half),
    ("AT DOTTED !UNIT|MEASURE", _dotted_time),
    ("DOTTED !UNIT|MEASURE", _no_date_but_time),
    ("NUMBER AM|PM", _hour_in_half),
    ("NUMBER NUMBER AM|PM", _hour_in_half),
    ("AT? NUMBER NUMBER IN? DAYPART", _hour_and_minutes_in_part),
    ("NUMBER OCLOCK", _oclock),
    ("AT OCLOCK NUMBER", _oclock),
    (f"AT NUMBER {NOT_AN_HOUR}", _four_digits),
    (f"AT NUMBER {NOT_AN_HOUR}", _oclock),
    ("<!TIMES|ADVERB_TIMES AT NUMBER UNIT !AND", _hours),
    ("<!EVERY|IN|FOR|AFTER AT? NUMBER UNIT? IN|AT? DAYPART", _hour_in_part),
    ("<!TIMES|ADVERB_TIMES AT NUMBER UNIT? OF_DAY", _hour_in_part),
    ("NUMBER UNIT OF_DAY", _hour_in_part),
    ("AT UNIT DAYPART|OF_DAY", lambda found: _hour_in_part(found) if _hour_word_in(found) else None),
    ("<!TIMES|ADVERB_TIMES AT UNIT", _hour_word),
    ("AT NUMBER UNIT NUMBER UNIT?", _hour_and_minutes),
    ("AT NUMBER UNIT NUMBER UNIT? DAYPART", _hour_in_part),
    ("<!TIMES AT NUMBER DASH? NUMBER !UNIT|SESSION|TIMES", _number_pair),
    (
        "NUMBER UNIT NUMBER !UNIT|DASH|TO",
        lambda found: _number_pair(found) if found.one("UNIT") == "hour" else None,
    ),
    ("HALF PAST NUMBER", lambda found: _bare(found.one("NUMBER"), HALF)),
    ("HALF NUMBER !UNIT|SESSION|TIMES", lambda found: _bare(found.one("NUMBER"), HALF)),
    ("QUARTER PAST|TO_THE_HOUR NUMBER !UNIT", _to_or_past),
    ("AT? NUMBER UNIT? PAST NUMBER", _to_or_past),
    ("HALF|QUARTER PAST NOON", lambda found: _clock(NOON, HALF if "HALF" in found else QUARTER)),
    ("HALF|QUARTER PAST MIDNIGHT", lambda found: _clock(0, HALF if "HALF" in found else QUARTER)),
    ("<!FROM|EVERY AT? NUMBER UNIT? TO_THE_HOUR NUMBER !UNIT|MONTH|SESSION|TIMES", _to_or_past),
    ("HALF ORDINAL", lambda found: _of_hour_begun(found, HALF)),
    ("HALF_BEFORE", lambda found: _of_hour_begun(found, HALF)),
    ("QUARTER ORDINAL", lambda found: _of_hour_begun(found, QUARTER)),
    ("NUMBER UNIT ORDINAL !UNIT|MONTH|DAY_NUMBER", _minutes_of_hour_begun),
    ("MINUS QUARTER|NUMBER UNIT? NUMBER", _without),
    ("NOON", lambda _: _clock(NOON)),
    ("NUMBER NOON", lambda _: _clock(NOON)),
    ("NUMBER? MIDNIGHT", lambda _: _clock(HOURS_IN_DAY)),
    (f"FROM NUMBER TO|DASH NUMBER {NOT_AN_HOUR}", _number_window),
    ("FROM NUMBER TO|DASH NUMBER UNIT", _number_window),
    (
        f"AT NUMBER DASH NUMBER {NOT_AN_HOUR}",
        lambda found: None if _number_pair(found) else _number_window(found),
    ),
)

WINDOWS: Final[Level] = level(
    ("FROM AT? CLOCKS TO|DASH AT? CLOCKS", _clock_window),
    ("FROM NUMBER TO|DASH CLOCKS", _clock_window),
    (f"FROM CLOCKS TO|DASH NUMBER {NOT_AN_HOUR}", _clock_window),
    ("CLOCKS DASH|THROUGH CLOCKS", _clock_window),
    ("CLOCKS AT|IN? DAYPART", _parted_clocks),
    ("<!EVERY|OTHER|ORDINAL|THIS|NEXT|NUMBER|DAILY DAYPART AT? CLOCKS", _parted_clocks),
    ("CLOCKS AM|PM", _halved_clock),
)

LISTS_OF_TIMES: Final[Level] = level(
    ("CLOCKS COMMA? AND? AT? CLOCKS", _more_clocks),
    (f"CLOCKS COMMA? AND AT? NUMBER {NOT_AN_HOUR}", _more_clocks),
    ("CLOCKS COMMA AT? NUMBER >COMMA|AND|CLOCKS|EVERY|DAILY|STOP_MARK", _more_clocks),
    (f"CLOCKS COMMA AT? NUMBER {NOT_AN_HOUR}", _third_clock),
    ("CLOCKS OR AT? CLOCKS|NUMBER", lambda _: ("EITHER_TIME", None)),
)

HOURS: Final[Level] = level(
    (f"NUMBER DASH|THROUGH NUMBER {NOT_AN_HOUR}", _hours_window),
)

LENGTHS: Final[Level] = level(
    ("NUMBER DASH? UNIT", _length),
    ("NUMBER SNOOZE UNIT", _more_time),
    ("DOTTED UNIT", _decimal),
    ("HALF UNIT", _half_length),
    ("HALF_HOUR", lambda _: ("DURATION", Duration(HALF, "minute"))),
    ("HALF_YEAR", lambda _: ("DURATION", Duration(MONTHS_IN_HALF_YEAR, "month"))),
    ("UNIT AND HALF", _length_and_half),
    ("UNIT FROM HALF", _length_and_half),
    ("NUMBER UNIT AND HALF", _length_and_half),
    ("NUMBER? QUARTER UNIT", _quarter_length),
)

SUMS_OF_LENGTHS: Final[Level] = level(
    ("DURATION AND? DURATION", _hours_and_minutes),
    ("UNIT AND? DURATION", _hour_and_minutes_length),
)


def _hour_word_in(found: Found) -> bool:
    return any(piece.text == "час" for piece in found.pieces)
